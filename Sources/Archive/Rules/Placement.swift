internal import Linux

/// An entry to make, for an accepted member or for a directory that its name implies.
struct Placement: Equatable {
  enum Content: Equatable {
    case directory
    /// A regular file; `size` is in bytes and includes holes.
    case file(size: Int64)
    case symbolicLink(target: String)
    /// A hard link to the file of an earlier placement.
    case hardLink(to: Place)
  }

  let place: Place
  let content: Content
  /// The permission bits, 0 to 0o755.
  let permissions: FileMode
  /// The modification time; nil for a directory that is only implied.
  let modified: FileTime?

  /// The length of the path and of the link target, in bytes.
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

/// The place of an entry in the tree that an archive makes.
struct Place: Equatable {
  let node: MemberTree.NodeID
  /// The node of the parent directory; the root is its own parent.
  let parent: MemberTree.NodeID
  /// The name in the parent directory; "." for the root.
  let name: String
  /// The path relative to the root, with single slashes; "." for the root.
  let path: String
}
