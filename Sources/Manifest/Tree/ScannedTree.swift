internal import Archive
package import Linux

/// The manifest of a tree on the disk.
package struct ScannedTree: Sendable {
  package let manifest: Manifest
  /// The paths that a manifest can't contain, because the name or the target is not UTF-8.
  package let unsupportedPaths: [String]

  /// Reads the whole tree, including the content of all files.
  ///
  /// - Parameter top: the directory of the release.
  /// - Throws: `SystemError` when something in the tree can't be read.
  package init(_ top: borrowing Descriptor) throws(SystemError) {
    var entries: [TreeEntry] = []
    var unsupportedLinks: [String] = []
    let buffer = ReadBuffer()
    let unsupportedNames = try TreeScan.walk(top) { (found, directory, name) throws(SystemError) in
      let content: TreeEntry.Content
      switch found.status.kind {
      case .directory: content = .directory
      case .symbolicLink:
        guard let target = found.target else {
          unsupportedLinks.append(found.path)
          return false
        }
        content = .symbolicLink(target: target)
      case .file:
        let file = try directory.open(name, [.noFollow, .nonBlocking])
        content = .file(size: found.status.size, digest: try file.digestOfContent(buffer))
      case .other: return false
      }
      entries.append(
        TreeEntry(
          path: found.path, content: content, permissions: found.status.permissions,
          modified: found.status.modified))
      return true
    }
    manifest = Manifest(entries)
    unsupportedPaths = unsupportedNames + unsupportedLinks
  }
}
