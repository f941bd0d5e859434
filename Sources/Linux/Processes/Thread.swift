internal import Glibc

/// A running thread; see pthreads(7).
package struct Thread: ~Copyable {
  private let handle: pthread_t

  /// Runs `body` on a new thread; see pthread_create(3).
  ///
  /// - Throws: `SystemError` if pthread_create(3) fails.
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

  /// Waits until the thread has ended; see pthread_join(3).
  package consuming func join() { pthread_join(handle, nil) }

  private final class Box: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
}

/// A thread that is joined at the end of its lifetime, unless that was done before.
package final class JoinedThread {
  private var thread: Thread?

  /// Runs `body` on a new thread.
  ///
  /// - Throws: `SystemError` if pthread_create(3) fails.
  package init(_ body: @escaping @Sendable () -> Void) throws(SystemError) {
    thread = try Thread.start(body)
  }

  deinit { join() }

  /// Waits until the thread has ended. Returns at once when that was done before.
  package func join() { thread.take()?.join() }
}
