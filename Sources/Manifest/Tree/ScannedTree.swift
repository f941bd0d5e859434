internal import Archive
package import Linux

/// A tree as it is on the disk, as a manifest.
package struct ScannedTree: Sendable {
  package let manifest: Manifest
  /// The paths that a manifest can't hold, because the name or the target is not UTF-8.
  package let oddPaths: [String]

  /// Reads the whole tree, content included.
  ///
  /// - Parameter top: the directory of the release.
  /// - Throws: `SystemError` when something in the tree can't be read.
  package init(_ top: borrowing Descriptor) throws(SystemError) {
    var entries: [TreeEntry] = []
    var oddLinks: [String] = []
    let buffer = ReadBuffer()
    let oddNames = try TreeScan.walk(top) { (found, directory, name) throws(SystemError) in
      let content: TreeEntry.Content
      switch found.status.kind {
      case .directory: content = .directory
      case .symbolicLink:
        guard let target = found.target else {
          oddLinks.append(found.path)
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
    oddPaths = oddNames + oddLinks
  }
}
