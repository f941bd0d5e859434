internal import Linux
internal import Synchronization

/// Flushes new content while unpacking continues, so that the decisive flush at its end takes less
/// time. An error here is not lost: the kernel reports it once to each descriptor, so the last
/// flush reports it too.
final class BackgroundFlusher {
  /// The size of new content that justifies a flush, in bytes.
  private static let interval: Int64 = 16 << 20

  private let requests = BoundedQueue<Void>(capacity: 1)
  private let isBusy: Busy
  private var thread: Linux.Thread?
  private var flushed: Int64 = 0

  /// Starts the thread that flushes.
  ///
  /// - Parameter directory: any directory on the file system.
  /// - Throws: `SystemError` when the directory can't be opened or the thread can't be started.
  init(_ directory: borrowing Descriptor) throws(SystemError) {
    let busy = Busy()
    isBusy = busy
    let requests = requests
    // A separate open file: the kernel reports a write-back error once to each of them.
    let own = Shared(try directory.openDirectory("."))
    thread = try Linux.Thread.start {
      while requests.pop() != nil {
        try? own.descriptor.syncFileSystem()
        busy.flag.store(false, ordering: .relaxed)
      }
    }
  }

  deinit {
    requests.close()
    thread.take()?.join()
  }

  /// Starts a flush if enough new content was written and no flush is running.
  ///
  /// - Parameter written: the total size of the content so far, in bytes.
  func advance(to written: Int64) {
    guard written - flushed >= Self.interval,
      !isBusy.flag.exchange(true, ordering: .relaxed)
    else { return }
    flushed = written
    _ = requests.push(())
  }

  private final class Busy: Sendable { let flag = Atomic(false) }

  private final class Shared: Sendable {
    let descriptor: Descriptor
    init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }
  }
}
