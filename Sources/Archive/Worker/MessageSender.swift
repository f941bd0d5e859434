internal import Linux

/// Collects messages, so that not each takes a call. Used by one thread after the other.
final class MessageSender {
  private static let enough = 32 << 10
  /// Those who watch want to see something, in seconds.
  private static let longEnough = 0.1

  private let output: Descriptor
  private var pending = WireWriter()
  private var lastFlush = Clock.monotonicSeconds()

  init(_ output: borrowing Descriptor) throws(ArchiveError) {
    do throws(SystemError) { self.output = try Descriptor.duplicate(output.raw) } catch {
      throw ArchiveError(error)
    }
  }

  func send(_ message: WorkerMessage) throws(ArchiveError) {
    message.encode(to: &pending)
    let isDue = Clock.monotonicSeconds() - lastFlush > Self.longEnough
    if pending.bytes.count >= Self.enough || isDue { try flush() }
  }

  func flush() throws(ArchiveError) {
    do throws(SystemError) { try output.write(pending.bytes) } catch { throw ArchiveError(error) }
    pending.removeAll()
    lastFlush = Clock.monotonicSeconds()
  }
}
