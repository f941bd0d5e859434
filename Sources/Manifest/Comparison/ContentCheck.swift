internal import Archive
internal import Linux
internal import Synchronization

/// Compares files' contents with their digests on all processors, while its owner looks for more.
final class ContentCheck {
  private final class File: Sendable {
    let descriptor: Descriptor
    let digest: Digest
    let number: Int

    init(_ descriptor: consuming Descriptor, _ digest: Digest, _ number: Int) {
      self.descriptor = descriptor
      (self.digest, self.number) = (digest, number)
    }
  }

  private struct Findings {
    var differences: [Int: String] = [:]
    var failure: SystemError?
  }

  /// Open files, at the same time.
  private static let capacity = 128

  private let files = BoundedQueue<File>(capacity: ContentCheck.capacity)
  private let findings = Shared(Findings())
  private var threads: [JoinedThread] = []

  /// - Parameter readers: so many threads.
  init(readers: Int) throws(SystemError) {
    for _ in 0..<readers {
      let (files, findings) = (files, findings)
      threads.append(
        try JoinedThread {
          let room = ReadBuffer()
          while let file = files.pop() { Self.compare(file, room, findings) }
        })
    }
  }

  deinit { files.close() }

  /// - Parameter number: the caller's own, for ``finish()``.
  func add(_ file: consuming Descriptor, _ digest: Digest, number: Int) {
    _ = files.push(File(file, digest, number))
  }

  /// Waits for the last one; says of which files the content is not what it was, for people.
  func finish() throws(SystemError) -> [Int: String] {
    files.close()
    for thread in threads { thread.join() }
    return try findings.content.withLock { findings throws(SystemError) in
      if let failure = findings.failure { throw failure }
      return findings.differences
    }
  }

  /// One bad spot of a disk must not hide what else is wrong.
  static func unreadable(_ error: SystemError) -> String? {
    error.errno == .inputOutput ? "can't be read: \(error.errno)" : nil
  }

  private static func compare(_ file: File, _ room: borrowing ReadBuffer, _ findings: Shared) {
    do throws(SystemError) {
      let found = try file.descriptor.digestOfContent(room)
      guard found != file.digest else { return }
      findings.content.withLock { $0.differences[file.number] = "its content changed" }
    } catch {
      findings.content.withLock { findings in
        findings.differences[file.number] = unreadable(error)
        if unreadable(error) == nil { findings.failure = findings.failure ?? error }
      }
    }
  }

  private final class Shared: Sendable {
    let content: Mutex<Findings>
    init(_ findings: Findings) { content = Mutex(findings) }
  }
}
