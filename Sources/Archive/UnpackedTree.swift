/// What has been unpacked.
package struct UnpackedTree: Sendable {
  /// Everything beneath the stage and the stage itself ("."), sorted by the bytes of the paths.
  /// A hard link is a file like its target.
  package let entries: [TreeEntry]
  /// Names of files, hard links included.
  package let fileCount: Int
  /// Content of the files in bytes, holes included, hard links counted once.
  package let byteCount: Int64
  /// What was changed on the way, for a person.
  package let warnings: [String]
}

/// Puts together what a writer reports, piece by piece.
struct TreeCollector {
  private(set) var entries: [TreeEntry] = []
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

  /// Nil when a hard link has no target, which no writer of ours reports.
  func finish(warnings: [String]) -> UnpackedTree? {
    var entries = entries
    if !hardLinks.isEmpty {
      // By the bytes: Swift takes strings for equal that name two files.
      var files = Dictionary(
        entries.map { (Array($0.path.utf8), $0) }, uniquingKeysWith: { first, _ in first })
      for (path, target) in hardLinks {
        guard let first = files[Array(target.utf8)], case .file = first.content else { return nil }
        let entry = TreeEntry(
          path: path, content: first.content, permissions: first.permissions,
          modified: first.modified)
        files[Array(path.utf8)] = entry
        entries.append(entry)
      }
    }
    entries.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    let fileCount = entries.count { if case .file = $0.content { true } else { false } }
    return UnpackedTree(
      entries: entries, fileCount: fileCount, byteCount: byteCount, warnings: warnings)
  }
}
