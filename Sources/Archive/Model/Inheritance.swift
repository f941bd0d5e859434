internal import Linux

/// What new files and directories inherit from the root of a tree by the rules of the kernel. A
/// chmod(2) would undo some of it.
package struct Inheritance: OptionSet, Hashable, Sendable {
  package let rawValue: Int
  package init(rawValue: Int) { self.rawValue = rawValue }

  /// New files and directories inherit the group, and directories also the set-group-ID bit; see
  /// inode(7).
  package static let group = Inheritance(rawValue: 1)
  /// New files and directories inherit the default access list, which removes some permissions; see
  /// acl(5).
  package static let accessList = Inheritance(rawValue: 2)

  static let setGroupID: FileMode = 0o2000

  /// Returns the mode to create a directory with, before it gets its final `permissions`. If nothing
  /// is inherited, other users have no access until then.
  func creationMode(ofDirectory permissions: FileMode) -> FileMode {
    isEmpty ? 0o700 : permissions | 0o700
  }

  /// Returns the final permissions of a directory.
  ///
  /// - Parameters:
  ///   - found: the permissions that the kernel gave the new directory.
  ///   - wanted: the permissions in the archive.
  /// - Returns: the final permissions.
  func permissions(ofDirectory found: FileMode, wanted: FileMode) -> FileMode {
    isEmpty ? wanted : found & (wanted | Self.setGroupID)
  }

  /// Returns the final permissions of a file. If an access list was inherited, a
  /// chmod would restore what the list removed.
  func permissions(ofFile found: FileMode, wanted: FileMode) -> FileMode {
    contains(.accessList) ? found : wanted
  }

  /// Whether a tree that inherits this can hold a directory with these permissions.
  func allows(directory permissions: FileMode) -> Bool {
    permissions & Self.setGroupID == 0 || contains(.group)
  }
}
