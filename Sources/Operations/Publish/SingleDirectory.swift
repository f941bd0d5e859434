internal import Archive
internal import Linux
internal import ReleaseModel
internal import StoreSupport
internal import Text

/// The directory that has everything else of a staged tree in it. With `strip-components: auto`, its
/// content becomes the release.
struct SingleDirectory {
  let name: String

  /// Moves the content of the directory to the top of the tree, whose mode stays, as with a number of
  /// components.
  ///
  /// - Parameters:
  ///   - tree: the directory of the staged release.
  ///   - entries: what it contains.
  /// - Returns: what it contains afterwards.
  /// - Throws: an error when something can't be moved.
  func strip(
    from tree: borrowing Descriptor, _ entries: TreeEntries
  ) throws(ReleasesError) -> TreeEntries {
    let status = try withErrorMessage("can't remove the leading directory \(name)") {
      () throws(SystemError) in
      // The directory may contain something of its own name.
      let temporaryName = Layout.temporaryName(for: "top", uniqueSuffix())
      try tree.move(name, to: tree, as: temporaryName)
      let top = try tree.openDirectory(temporaryName)
      for child in try top.entries() { try top.move(child.name, to: tree, as: child.name) }
      try tree.removeDirectory(temporaryName)
      return try tree.status()
    }
    return renamed(entries, top: status)
  }

  private func renamed(_ entries: TreeEntries, top: FileStatus) -> TreeEntries {
    let prefix = name + "/"
    var renamed = TreeEntries()
    for entry in entries {
      if entry.path == "." {
        renamed.append(
          TreeEntry(
            path: ".", content: .directory, permissions: top.permissions, modified: top.modified))
      } else if entry.path.utf8.starts(with: prefix.utf8) {
        renamed.append(
          TreeEntry(
            path: String(decoding: entry.path.utf8.dropFirst(prefix.utf8.count), as: UTF8.self),
            content: entry.content, permissions: entry.permissions, modified: entry.modified))
      }
    }
    renamed.sort()
    return renamed
  }
}
