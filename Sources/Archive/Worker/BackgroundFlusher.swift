internal import Linux
internal import Synchronization

/// Lets the disk begin while the unpacking goes on, so that the flush which counts has little left
/// to do. An error here is found again there: the kernel reports it to each descriptor once.
final class BackgroundFlusher {
  /// So much new content is worth a flush, in bytes.
  private static let interval: Int64 = 16 << 20

  private let requests = BoundedQueue<Void>(capacity: 1)
  private let isBusy: Busy
  private var thread: Linux.Thread?
  private var flushed: Int64 = 0

  /// - Parameter directory: anywhere on the file system.
  init(_ directory: borrowing Descriptor) throws(SystemError) {
    let busy = Busy()
    isBusy = busy
    let requests = requests
    // A file description of its own.
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

  /// - Parameter written: content so far, in bytes.
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
