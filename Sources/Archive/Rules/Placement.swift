internal import Linux

/// What is to be made of one accepted member, or of a directory that its name implies.
struct Placement: Equatable {
  enum Content: Equatable {
    case directory
    /// `size` in bytes, holes included.
    case file(size: Int64)
    case symbolicLink(target: String)
    /// To the file that an earlier placement made.
    case hardLink(to: Place)
  }

  let place: Place
  let content: Content
  /// 0 to 0o755.
  let permissions: FileMode
  /// Nil for a directory that no member has named.
  let modified: FileTime?

  /// Of the path and of what it links to.
  var nameBytes: Int64 {
    let target =
      switch content {
      case .directory, .file: 0
      case .symbolicLink(let target): target.utf8.count
      case .hardLink(let target): target.path.utf8.count
      }
    return Int64(place.path.utf8.count + target)
  }
}

/// Where something stands in the tree that an archive makes.
struct Place: Equatable {
  let node: MemberTree.NodeID
  /// Of the directory it is in; the root is in itself.
  let parent: MemberTree.NodeID
  /// In that directory; "." for the root.
  let name: String
  /// From the root, components joined by slashes; "." for the root.
  let path: String
}
