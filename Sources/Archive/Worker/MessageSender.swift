internal import Linux

/// Sends messages in groups, since a call for each message would be slow. Only one thread at a time
/// may use it.
final class MessageSender {
  /// The number of bytes after which messages are sent.
  private static let sizeLimit = 32 << 10
  /// The time after which messages are sent, for the progress display, in seconds.
  private static let timeLimit = 0.1

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
    let isDue = Clock.monotonicSeconds() - lastFlush > Self.timeLimit
    if pending.bytes.count >= Self.sizeLimit || isDue { try flush() }
  }

  func flush() throws(ArchiveError) {
    do throws(SystemError) { try output.write(pending.bytes) } catch { throw ArchiveError(error) }
    pending.removeAll()
    lastFlush = Clock.monotonicSeconds()
  }
}
