/// Collects the reports of a writer into a tree.
struct TreeCollector {
  private var entries = TreeEntries()
  /// The content of all files so far in bytes, holes included.
  private(set) var byteCount: Int64 = 0
  /// The length of all paths and link targets so far, in bytes.
  private(set) var nameBytes: Int64 = 0
  var count: Int { entries.count }

  /// Adds a report. Returns false when the content becomes larger than the limit, in bytes.
  mutating func add(_ written: WrittenEntry, upTo limit: Int64 = .max) -> Bool {
    switch written {
    case .entry(let entry):
      nameBytes += Int64(entry.path.utf8.count)
      switch entry.content {
      case .directory: break
      case .file(let size, _):
        guard size >= 0, size <= limit - byteCount else { return false }
        byteCount += size
      case .symbolicLink(let target): nameBytes += Int64(target.utf8.count)
      }
      entries.append(entry)
    case .hardLink(let path, let target):
      nameBytes += Int64(path.utf8.count + target.utf8.count)
      entries.append(hardLink: path, to: target)
    case .progress: break
    }
    return true
  }

  /// Returns the tree; nil when a hard link has no target or a path occurs twice, which a correct
  /// worker never reports.
  /// Nothing can be added afterwards.
  mutating func finish(warnings: [String]) -> UnpackedTree? {
    guard entries.resolveHardLinks(), entries.isStrictlySorted else { return nil }
    defer { entries = TreeEntries() }
    return UnpackedTree(
      entries: entries, fileCount: entries.fileCount, byteCount: byteCount, warnings: warnings)
  }
}
