internal import Archive
internal import Linux
internal import Synchronization

/// Compares the content of files with their digests on several threads, while the caller finds more
/// files.
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

  /// How many files may be open at the same time.
  private static let capacity = 128

  private let files = BoundedQueue<File>(capacity: ContentCheck.capacity)
  private let findings = Shared(Findings())
  private var threads: [JoinedThread] = []

  /// Starts the threads.
  ///
  /// - Parameter count: how many threads to start.
  /// - Throws: `SystemError` when a thread can't be started.
  init(threads count: Int) throws(SystemError) {
    for _ in 0..<count {
      let (files, findings) = (files, findings)
      threads.append(
        try JoinedThread {
          let buffer = ReadBuffer()
          while let file = files.pop() { Self.compare(file, buffer, findings) }
        })
    }
  }

  deinit { files.close() }

  /// Adds a file, and waits while too many are open.
  ///
  /// - Parameters:
  ///   - file: the file.
  ///   - digest: the expected digest of its content.
  ///   - number: identifies the file in the result of ``finish()``.
  func add(_ file: consuming Descriptor, _ digest: Digest, number: Int) {
    _ = files.push(File(file, digest, number))
  }

  /// Waits until all files have been compared.
  ///
  /// - Returns: descriptions of the differences, by the numbers of the files.
  /// - Throws: the first failure other than a bad sector of the disk.
  func finish() throws(SystemError) -> [Int: String] {
    files.close()
    for thread in threads { thread.join() }
    return try findings.content.withLock { findings throws(SystemError) in
      if let failure = findings.failure { throw failure }
      return findings.differences
    }
  }

  /// Describes a read error that counts as a difference; nil for one that ends the comparison. A
  /// bad sector must not hide other differences.
  static func readProblem(_ error: SystemError) -> String? {
    error.errno == .inputOutput ? "can't be read: \(error.errno)" : nil
  }

  private static func compare(_ file: File, _ buffer: borrowing ReadBuffer, _ findings: Shared) {
    do throws(SystemError) {
      let found = try file.descriptor.digestOfContent(buffer)
      guard found != file.digest else { return }
      findings.content.withLock { $0.differences[file.number] = "content changed" }
    } catch {
      findings.content.withLock { findings in
        findings.differences[file.number] = readProblem(error)
        if readProblem(error) == nil { findings.failure = findings.failure ?? error }
      }
    }
  }

  private final class Shared: Sendable {
    let content: Mutex<Findings>
    init(_ findings: Findings) { content = Mutex(findings) }
  }
}
