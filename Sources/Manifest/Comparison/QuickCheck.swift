internal import Archive
package import Linux
package import ReleaseModel
internal import Synchronization
internal import Text

/// Compares the type, mode, size and link target of every path in a manifest with the tree, without
/// reading content.
///
/// The text of the manifest is processed piece by piece on all processors, because most of the time
/// is spent in system calls. Neither the manifest nor the tree is ever in memory as a whole. No
/// directory is listed, since added files do not keep a release from working.
package final class QuickCheck {
  private let work: Work
  private var cutter = ManifestCutter()
  /// The first piece, until there is a second one: starting threads is not worthwhile for a small
  /// manifest.
  private var firstPiece: ManifestPiece?
  private var threads: [JoinedThread] = []

  /// Begins a check.
  ///
  /// - Parameters:
  ///   - top: the directory of the release.
  ///   - ignored: the paths whose differences are ignored.
  package init(_ top: consuming Descriptor, _ ignored: [Glob]) {
    work = Work(OpenDirectory(top), ignored)
  }

  deinit { work.pieces.close() }

  /// Checks more of the manifest's text. The digest of the text need not have been verified yet.
  package func take(_ text: UnsafeRawBufferPointer) {
    for piece in cutter.take(text) { add(piece) }
  }

  private func add(_ piece: ManifestPiece) {
    guard piece.number > 0 else { return firstPiece = piece }
    if let first = firstPiece.take() {
      startThreads()
      checkOrQueue(first)
    }
    checkOrQueue(piece)
  }

  /// Starts threads in addition to the caller's. If one can't be started, the others do its work.
  private func startThreads() {
    for _ in 1..<HostFacts.usefulThreads {
      if let thread = try? JoinedThread({ [work] in work.checkAll() }) { threads.append(thread) }
    }
  }

  /// Passes a piece to the threads, or checks it here when their queue is full.
  private func checkOrQueue(_ piece: ManifestPiece) {
    if threads.isEmpty || !work.pieces.offer(piece) { work.check(piece) }
  }

  /// Waits until everything has been checked.
  ///
  /// - Parameter empty: the verification to which the differences are added.
  /// - Returns: nil for a text that ``Manifest/encoded()`` would not have written.
  /// - Throws: the first failure in the order of the manifest.
  package func finish(_ empty: Verification) throws(SystemError) -> Verification? {
    if let rest = cutter.finish() { add(rest) }
    if let first = firstPiece.take() { work.check(first) }
    work.pieces.close()
    work.checkAll()
    for thread in threads { thread.join() }
    let findings = work.findings.withLock { $0.sorted { $0.number < $1.number } }
    guard isManifest(findings) else { return nil }
    var result = empty
    for findings in findings {
      if let failure = findings.failure { throw failure }
      result.missing += findings.missing
      result.modified += findings.modified
    }
    return result
  }

  private func isManifest(_ findings: [Findings]) -> Bool {
    var last: String?
    for findings in findings {
      guard findings.isValid else { return false }
      if let first = findings.first, !Findings.isNext(first, after: last) { return false }
      last = findings.last ?? last
    }
    return last != nil
  }
}

/// The state that the threads share.
private final class Work: Sendable {
  let pieces = BoundedQueue<ManifestPiece>(capacity: HostFacts.maximumUsefulThreads)
  let findings = Mutex<[Findings]>([])
  private let top: OpenDirectory
  private let ignored: [Glob]

  init(_ top: OpenDirectory, _ ignored: [Glob]) { (self.top, self.ignored) = (top, ignored) }

  func checkAll() {
    while let piece = pieces.pop() { check(piece) }
  }

  func check(_ piece: ManifestPiece) {
    var last = LastDirectory(top: top)
    var findings = Findings(number: piece.number)
    let isRead = piece.read { entry in
      findings.checkOrder(of: entry.path)
      guard findings.failure == nil, !ignored.contains(where: { $0.matches(entry.path) }) else {
        return
      }
      do throws(SystemError) {
        try check(entry, &last, &findings)
      } catch {
        findings.failure = error
      }
    }
    findings.isValid = findings.isValid && isRead
    self.findings.withLock { $0.append(findings) }
  }

  private func check(
    _ entry: TreeEntry, _ last: inout LastDirectory, _ findings: inout Findings
  ) throws(SystemError) {
    let path = entry.path
    let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
    let name = slash.map { String(path[path.utf8.index(after: $0)...]) } ?? path
    guard let directory = try last.directory(slash.map { String(path[..<$0]) } ?? "") else {
      return findings.missing.append(path)
    }
    do throws(SystemError) {
      let status = try directory.descriptor.status(of: name)
      let isLink = status.kind == .symbolicLink
      let target = isLink ? try directory.descriptor.target(of: name) : nil
      if let change = entry.difference(from: status, pointingTo: target) {
        findings.modified.append(.init(path: path, change: change))
      }
    } catch let error where error.errno == .noEntry {
      findings.missing.append(path)
    }
  }
}

/// The differences that were found for one piece of the manifest.
private struct Findings: Sendable {
  let number: Int
  var missing: [String] = []
  var modified: [Verification.Difference] = []
  /// The first path of the piece; nil when it has none.
  private(set) var first: String?
  /// The last path of the piece; nil when it has none.
  private(set) var last: String?
  /// Whether ``Manifest/encoded()`` would write the piece.
  var isValid = true
  var failure: SystemError?

  init(number: Int) { self.number = number }

  mutating func checkOrder(of path: String) {
    if first == nil { first = path } else { isValid = isValid && Self.isNext(path, after: last) }
    last = path
  }

  /// Whether a path may follow another: first the top, then the others in the order of their bytes.
  static func isNext(_ path: String, after last: String?) -> Bool {
    guard let last else { return path == "." }
    return path != "." && (last == "." || last.comesBefore(path))
  }
}
