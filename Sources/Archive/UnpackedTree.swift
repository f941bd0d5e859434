/// What has been unpacked.
package struct UnpackedTree: Sendable {
  /// The stage itself (".") and everything beneath it, sorted. A hard link is a file like its
  /// target.
  package let entries: TreeEntries
  /// Names of files, hard links included.
  package let fileCount: Int
  /// Content of the files in bytes, holes included, hard links counted once.
  package let byteCount: Int64
  /// What was changed on the way, for a person.
  package let warnings: [String]
}

/// Puts together what a writer reports, piece by piece.
struct TreeCollector {
  private var entries = TreeEntries()
  private var hardLinks: [(path: String, target: String)] = []
  /// Of the content of all files so far, holes included.
  private(set) var byteCount: Int64 = 0
  /// Of all paths and link targets so far.
  private(set) var nameBytes: Int64 = 0
  var count: Int { entries.count + hardLinks.count }

  mutating func add(_ written: WrittenEntry) {
    switch written {
    case .entry(let entry):
      nameBytes += Int64(entry.path.utf8.count)
      switch entry.content {
      case .directory: break
      case .file(let size, _): byteCount += size
      case .symbolicLink(let target): nameBytes += Int64(target.utf8.count)
      }
      entries.append(entry)
    case .hardLink(let path, let target):
      nameBytes += Int64(path.utf8.count + target.utf8.count)
      hardLinks.append((path, target))
    case .progress: break
    }
  }

  /// Nothing can be added afterwards. Nil when a hard link has no target, which no writer of ours
  /// reports.
  mutating func finish(warnings: [String]) -> UnpackedTree? {
    entries.sort()
    guard let names = secondNames() else { return nil }
    if !names.isEmpty {
      for entry in names { entries.append(entry) }
      entries.sort()
    }
    defer { entries = TreeEntries() }
    return UnpackedTree(
      entries: entries, fileCount: entries.fileCount, byteCount: byteCount, warnings: warnings)
  }

  /// The entries of the hard links; one may lead to another that comes before it.
  private func secondNames() -> [TreeEntry]? {
    var made: [TreeEntry] = []
    // By the bytes: Swift takes strings for equal that name two files.
    var byPath: [[UInt8]: Int] = [:]
    for (path, target) in hardLinks {
      let first =
        entries.sortedIndex(of: target).map { entries[$0] }
        ?? byPath[Array(target.utf8)].map { made[$0] }
      guard let first, case .file = first.content else { return nil }
      byPath[Array(path.utf8)] = made.count
      made.append(
        TreeEntry(
          path: path, content: first.content, permissions: first.permissions,
          modified: first.modified))
    }
    return made
  }
}
