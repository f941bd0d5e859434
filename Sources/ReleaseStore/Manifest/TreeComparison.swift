internal import Archive
internal import Linux

/// Compares a tree on the disk with a manifest.
struct TreeComparison {
  let manifest: Manifest
  let ignored: [Glob]
  let readsContent: Bool

  func run(
    on top: borrowing Descriptor, _ empty: Verification
  ) throws(SystemError) -> Verification {
    var result = empty
    // By bytes: Swift takes paths for equal that name two files.
    var expected = Dictionary(
      manifest.entries.map { (Array($0.path.utf8), $0) }, uniquingKeysWith: { first, _ in first })
    let passedOver = try TreeScan.walk(top) { (found, directory, name) throws(SystemError) in
      if isIgnored(found.path) {
        expected[Array(found.path.utf8)] = nil
        return true
      }
      guard let entry = expected.removeValue(forKey: Array(found.path.utf8)) else {
        result.added.append(found.path)
        return true
      }
      if let says = try difference(entry, found, directory, name) {
        result.modified.append(.init(path: found.path, says: says))
      } else if isTouched(entry, found) {
        result.touched.append(found.path)
      }
      return true
    }
    result.added += passedOver.filter { !isIgnored($0) }
    result.missing = manifest.entries.filter {
      expected[Array($0.path.utf8)] != nil && !isIgnored($0.path)
    }.map(\.path)
    return result
  }

  private func isIgnored(_ path: String) -> Bool { ignored.contains { $0.matches(path) } }

  /// Directories change their times whenever something in them is replaced; theirs do not count.
  private func isTouched(_ entry: TreeEntry, _ found: TreeScan.Found) -> Bool {
    entry.content != .directory && entry.modified != found.status.modified
  }

  private func difference(
    _ entry: TreeEntry, _ found: TreeScan.Found, _ directory: borrowing Descriptor, _ name: String
  ) throws(SystemError) -> String? {
    let status = found.status
    switch entry.content {
    case .directory:
      guard status.kind == .directory else { return "is a \(status.kind.word), was a directory" }
    case .symbolicLink(let target):
      guard status.kind == .symbolicLink else { return "is a \(status.kind.word), was a link" }
      return found.target?.isSameName(as: target) == true
        ? nil : "leads to \(found.target ?? "a path that is not UTF-8"), led to \(target)"
    case .file(let size, let digest):
      guard status.kind == .file else { return "is a \(status.kind.word), was a file" }
      guard status.size == size else { return "has \(status.size) bytes, had \(size)" }
      if readsContent {
        do throws(SystemError) {
          let found = try TreeScan.digest(of: name, in: directory)
          if found != digest { return "its content changed" }
        } catch let error where error.errno == .inputOutput {
          // One bad spot of a disk must not hide what else is wrong.
          return "can't be read: \(error.errno)"
        }
      }
    }
    guard status.permissions == entry.permissions else {
      return "has mode 0\(String(status.permissions, radix: 8)),"
        + " had 0\(String(entry.permissions, radix: 8))"
    }
    return nil
  }
}

extension FileKind {
  var word: String {
    switch self {
    case .file: "file"
    case .directory: "directory"
    case .symbolicLink: "link"
    case .other: "special file"
    }
  }
}
