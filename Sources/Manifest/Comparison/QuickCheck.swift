internal import Archive
package import Linux
package import ReleaseModel
internal import Synchronization
internal import Text

/// Compares a tree with its manifest by what the file system says of each name: what is missing, or
/// of another kind, size or mode, or leads elsewhere. No content is read.
///
/// It goes by the manifest's text, piece by piece and on all processors, since asking for a file's
/// status is what takes the time. Neither the manifest nor the tree is ever in memory as a whole,
/// and no directory is listed: what was added to it keeps no release from working.
package final class QuickCheck {
  private let work: Work
  private var cutter = ManifestCutter()
  /// Held back until there is a second one: a small manifest is not worth a thread.
  private var heldBack: ManifestPiece?
  private var threads: [JoinedThread] = []

  /// - Parameter ignored: paths whose differences do not count.
  package init(_ top: consuming Descriptor, _ ignored: [Glob]) {
    work = Work(OpenDirectory(top), ignored)
  }

  deinit { work.pieces.close() }

  /// Takes more of the manifest's text, which need not be anything yet that one could rely on.
  package func take(_ text: UnsafeRawBufferPointer) {
    for piece in cutter.take(text) { add(piece) }
  }

  private func add(_ piece: ManifestPiece) {
    guard piece.number > 0 else { return heldBack = piece }
    if let first = heldBack.take() {
      startThreads()
      lookOrHandOver(first)
    }
    lookOrHandOver(piece)
  }

  /// Beside the caller's own. One that can't be had is no failure: the others do its part.
  private func startThreads() {
    for _ in 1..<HostFacts.usefulThreads {
      if let thread = try? JoinedThread({ [work] in work.lookAtAll() }) { threads.append(thread) }
    }
  }

  /// Who reads helps where the others have enough to do.
  private func lookOrHandOver(_ piece: ManifestPiece) {
    if threads.isEmpty || !work.pieces.offer(piece) { work.look(at: piece) }
  }

  /// Waits until all has been looked at. Throws the first failure in the manifest's order.
  ///
  /// - Parameter empty: what the findings are put into.
  /// - Returns: nil for a text that ``Manifest/encoded()`` would not have written.
  package func finish(_ empty: Verification) throws(SystemError) -> Verification? {
    if let rest = cutter.finish() { add(rest) }
    if let first = heldBack.take() { work.look(at: first) }
    work.pieces.close()
    work.lookAtAll()
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

/// What the threads have in common.
private final class Work: Sendable {
  let pieces = BoundedQueue<ManifestPiece>(capacity: HostFacts.maximumUsefulThreads)
  let findings = Mutex<[Findings]>([])
  private let top: OpenDirectory
  private let ignored: [Glob]

  init(_ top: OpenDirectory, _ ignored: [Glob]) { (self.top, self.ignored) = (top, ignored) }

  func lookAtAll() {
    while let piece = pieces.pop() { look(at: piece) }
  }

  func look(at piece: ManifestPiece) {
    var place = OpenPlace(top: top)
    var findings = Findings(number: piece.number)
    let isRead = piece.read { entry in
      findings.take(entry.path)
      guard findings.failure == nil, !ignored.contains(where: { $0.matches(entry.path) }) else {
        return
      }
      do throws(SystemError) {
        try look(at: entry, &place, &findings)
      } catch {
        findings.failure = error
      }
    }
    findings.isValid = findings.isValid && isRead
    self.findings.withLock { $0.append(findings) }
  }

  private func look(
    at entry: TreeEntry, _ place: inout OpenPlace, _ findings: inout Findings
  ) throws(SystemError) {
    let path = entry.path
    let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
    let name = slash.map { String(path[path.utf8.index(after: $0)...]) } ?? path
    guard let directory = try place.directory(slash.map { String(path[..<$0]) } ?? "") else {
      return findings.missing.append(path)
    }
    do throws(SystemError) {
      let status = try directory.descriptor.status(of: name)
      let isLink = status.kind == .symbolicLink
      let target = isLink ? try directory.descriptor.target(of: name) : nil
      if let says = entry.difference(from: status, leadingTo: target) {
        findings.modified.append(.init(path: path, says: says))
      }
    } catch let error where error.errno == .noEntry {
      findings.missing.append(path)
    }
  }
}

/// What was found of the names in one piece of the manifest.
private struct Findings: Sendable {
  let number: Int
  var missing: [String] = []
  var modified: [Verification.Difference] = []
  /// Its first path, and its last; nil where it has none.
  private(set) var first: String?
  private(set) var last: String?
  /// It is something that ``Manifest/encoded()`` would write.
  var isValid = true
  var failure: SystemError?

  init(number: Int) { self.number = number }

  mutating func take(_ path: String) {
    if first == nil { first = path } else { isValid = isValid && Self.isNext(path, after: last) }
    last = path
  }

  /// The top comes first, then the others in the order of their bytes.
  static func isNext(_ path: String, after last: String?) -> Bool {
    guard let last else { return path == "." }
    return path != "." && (last == "." || last.comesBefore(path))
  }
}
