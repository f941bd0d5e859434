package import Linux

/// A file, directory or symbolic link of a tree.
package struct TreeEntry: Hashable, Sendable {
  /// The kind of an entry and its content.
  package enum Content: Hashable, Sendable {
    case directory
    /// A regular file; `size` is in bytes.
    case file(size: Int64, digest: Digest)
    case symbolicLink(target: String)
  }

  /// The path relative to the root of the tree, with single slashes; the root itself is ".".
  package let path: String
  package let content: Content
  /// The permission bits, 0 to 0o777; a directory may also have an inherited set-group-ID bit.
  package let permissions: FileMode
  /// The modification time.
  package let modified: FileTime

  package init(path: String, content: Content, permissions: FileMode, modified: FileTime) {
    self.path = path
    self.content = content
    self.permissions = permissions
    self.modified = modified
  }
}
