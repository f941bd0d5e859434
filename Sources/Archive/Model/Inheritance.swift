internal import Linux

/// What the root of a tree passes on, by the kernel's rules, to everything that is made in it. A
/// chmod(2) would undo some of it.
package struct Inheritance: OptionSet, Hashable, Sendable {
  package let rawValue: Int
  package init(rawValue: Int) { self.rawValue = rawValue }

  /// The root's group, and to directories also the set-group-ID bit, see inode(7).
  package static let group = Inheritance(rawValue: 1)
  /// The root's default access list, which removes some permissions, see acl(5).
  package static let accessList = Inheritance(rawValue: 2)

  static let setGroupID: FileMode = 0o2000

  /// Returns the permissions to make a directory with that gets `permissions` in the end. Where
  /// nothing is inherited, the directory is closed to others until then.
  func creationMode(ofDirectory permissions: FileMode) -> FileMode {
    isEmpty ? 0o700 : permissions | 0o700
  }

  /// Returns the permissions that a directory must have in the end.
  ///
  /// - Parameters:
  ///   - found: the permissions that the kernel gave the new directory.
  ///   - wanted: the permissions in the archive.
  func permissions(ofDirectory found: FileMode, wanted: FileMode) -> FileMode {
    isEmpty ? wanted : found & (wanted | Self.setGroupID)
  }

  /// Returns the permissions that a file must have in the end. Where an access list was inherited,
  /// a chmod would restore what the list removed.
  func permissions(ofFile found: FileMode, wanted: FileMode) -> FileMode {
    contains(.accessList) ? found : wanted
  }

  /// Whether a tree that inherits this can hold a directory with these permissions.
  func allows(directory permissions: FileMode) -> Bool {
    permissions & Self.setGroupID == 0 || contains(.group)
  }
}
