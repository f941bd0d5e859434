internal import Archive
internal import Linux
internal import Synchronization

/// Compares a tree with its manifest by what the file system says of each name: what is missing, or
/// of another kind, size or mode. No content is read.
///
/// It goes by the manifest's text, piece by piece and on all processors, since asking for a file's
/// status is what takes the time. Neither the manifest nor the tree is ever in memory as a whole,
/// and no directory is listed: what was added to it keeps no release from working.
final class QuickCheck {
  /// More would only wait for each other.
  fileprivate static let mostThreads = 16

  private let shared: Shared
  private var cutter = ManifestCutter()
  /// Held back until there is a second one: a small manifest is not worth a thread.
  private var first: ManifestPiece?
  private var threads: [JoinedThread] = []

  /// - Parameter ignored: paths whose differences do not count.
  init(_ top: consuming Descriptor, _ ignored: [Glob]) {
    shared = Shared(OpenDirectory("", top), ignored)
  }

  deinit { shared.pieces.close() }

  /// Takes more of the manifest's text, which need not be anything yet that one could rely on.
  func take(_ text: UnsafeRawBufferPointer) {
    for piece in cutter.take(text) { add(piece) }
  }

  private func add(_ piece: ManifestPiece) {
    guard piece.number > 0 else { return first = piece }
    if let first { startThreads(first) }
    lookOrHandOver(piece)
  }

  /// One that can't be had is no failure: the others do its part.
  private func startThreads(_ piece: ManifestPiece) {
    first = nil
    for _ in 1..<max(2, min(ProcessFacts.processorCount, Self.mostThreads)) {
      if let thread = try? JoinedThread({ [shared] in shared.lookAtAll() }) {
        threads.append(thread)
      }
    }
    lookOrHandOver(piece)
  }

  /// Who reads helps where the others have enough to do.
  private func lookOrHandOver(_ piece: ManifestPiece) {
    if threads.isEmpty || !shared.pieces.offer(piece) { shared.look(at: piece) }
  }

  /// Waits until all has been looked at.
  ///
  /// - Returns: nil for a text that ``Manifest/encoded()`` would not have written.
  func finish(_ empty: Verification) throws(SystemError) -> Verification? {
    if let rest = cutter.finish() { add(rest) }
    if let first { shared.look(at: first) }
    shared.pieces.close()
    shared.lookAtAll()
    for thread in threads { thread.join() }
    var result = empty
    var last: String?
    for findings in shared.findings.withLock({ $0.sorted { $0.number < $1.number } }) {
      if let failure = findings.failure { throw failure }
      guard findings.isValid, findings.first.map({ Findings.isNext($0, after: last) }) ?? true
      else {
        return nil
      }
      last = findings.last ?? last
      result.missing += findings.missing
      result.modified += findings.modified
    }
    return last == nil ? nil : result
  }
}

/// What the threads have in common.
private final class Shared: Sendable {
  let pieces = BoundedQueue<ManifestPiece>(capacity: QuickCheck.mostThreads)
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
    guard let directory = try place.directory(slash.map { String(path[..<$0]) } ?? ""),
      let status = try directory.descriptor.statusIfPresent(of: name)
    else { return findings.missing.append(path) }
    let isLink = status.kind == .symbolicLink
    let target = isLink ? try directory.descriptor.target(of: name) : nil
    if let says = entry.difference(from: status, leadingTo: target) {
      findings.modified.append(.init(path: path, says: says))
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

/// A directory of the tree, open.
private final class OpenDirectory: Sendable {
  let name: String
  let descriptor: Descriptor

  init(_ name: String, _ descriptor: consuming Descriptor) {
    self.name = name
    self.descriptor = descriptor
  }
}

/// The directory that was looked in last, and those above it: most often the next name is there too.
private struct OpenPlace {
  private var path = ""
  /// From the top to the one of that path.
  private var levels: [OpenDirectory]
  private var isThere = true

  init(top: OpenDirectory) { levels = [top] }

  /// Goes to a directory, never through a link; nil where there is none.
  mutating func directory(_ path: String) throws(SystemError) -> OpenDirectory? {
    if !path.isSameName(as: self.path) {
      (self.path, isThere) = (path, false)
      let names = path.nameComponents
      let common = zip(levels.dropFirst(), names).prefix { $0.name.isSameName(as: $1) }.count
      levels.removeLast(levels.count - 1 - common)
      for name in names.dropFirst(common) {
        guard let next = try open(name) else { return nil }
        levels.append(next)
      }
      isThere = true
    }
    return isThere ? levels.last : nil
  }

  private func open(_ name: String) throws(SystemError) -> OpenDirectory? {
    do throws(SystemError) {
      return OpenDirectory(name, try levels[levels.count - 1].descriptor.openDirectory(name))
    } catch let error where [.noEntry, .notADirectory, .tooManyLinks].contains(error.errno) {
      return nil
    }
  }
}
