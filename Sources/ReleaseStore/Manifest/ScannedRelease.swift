internal import Archive
internal import Linux

extension Store {
  /// Reads a release's tree as it is now, content included.
  ///
  /// - Returns: also a warning for each name that a manifest can't hold.
  func scan(_ id: ReleaseID) throws(ReleasesError) -> (Manifest, warnings: [String]) {
    try attempting("can't read release \(id)") { () throws(SystemError) in
      var entries: [TreeEntry] = []
      var oddLinks: [String] = []
      let room = ReadingRoom()
      let top = try releases.openDirectory(id.text)
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
          content = .file(size: found.status.size, digest: try file.digestOfContent(room))
        case .other: return false
        }
        entries.append(
          TreeEntry(
            path: found.path, content: content, permissions: found.status.permissions,
            modified: found.status.modified))
        return true
      }
      let warnings = (oddNames + oddLinks).map {
        "\(id): \($0) has a name or a target that is not UTF-8; it is not in the manifest"
      }
      return (Manifest(entries), warnings)
    }
  }
}
