package import Linux

/// One file, directory or symbolic link of a tree, as it was written or found.
package struct TreeEntry: Hashable, Sendable {
  /// What it holds.
  package enum Content: Hashable, Sendable {
    case directory
    /// `size` in bytes.
    case file(size: Int64, digest: Digest)
    case symbolicLink(target: String)
  }

  /// Relative to the tree's root, components joined by single slashes; the root itself is ".".
  package let path: String
  package let content: Content
  /// Permission bits, 0 to 0o777; a directory may also have an inherited set-group-ID bit.
  package let permissions: FileMode
  package let modified: FileTime

  package init(path: String, content: Content, permissions: FileMode, modified: FileTime) {
    self.path = path
    self.content = content
    self.permissions = permissions
    self.modified = modified
  }
}
