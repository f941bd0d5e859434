internal import Glibc

/// A thread under way, see pthreads(7).
package struct Thread: ~Copyable {
  private let handle: pthread_t

  /// Starts `body` beside the caller.
  package static func start(_ body: @escaping @Sendable () -> Void) throws(SystemError) -> Thread {
    let box = Unmanaged.passRetained(Box(body))
    var handle = pthread_t()
    let code = pthread_create(
      &handle, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body()
        return nil
      }, box.toOpaque())
    if code != 0 {
      box.release()
      throw SystemError(call: "pthread_create", errno: Errno(rawValue: code))
    }
    return Thread(handle: handle)
  }

  /// Waits until it has ended.
  package consuming func join() { pthread_join(handle, nil) }

  private final class Box: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
}

/// A thread that is waited for once, or when its owner goes.
package final class JoinedThread {
  private var thread: Thread?

  package init(_ body: @escaping @Sendable () -> Void) throws(SystemError) {
    thread = try Thread.start(body)
  }

  deinit { join() }

  package func join() { thread.take()?.join() }
}
