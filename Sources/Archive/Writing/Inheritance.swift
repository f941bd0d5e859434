internal import Linux

/// What the top of a tree passes on to all that is made in it, by the kernel's own rules. A chmod(2)
/// would undo some of that.
package struct Inheritance: OptionSet, Hashable, Sendable {
  package let rawValue: Int
  package init(rawValue: Int) { self.rawValue = rawValue }

  /// Its group, and to directories the set-group-ID bit, see inode(7).
  package static let group = Inheritance(rawValue: 1)
  /// Its default access list, which takes some permissions away, see acl(5).
  package static let accessList = Inheritance(rawValue: 2)

  static let setGroupID: FileMode = 0o2000

  /// With which permissions to make a directory that gets these in the end. Without anything to
  /// inherit it is closed to others until then.
  func creationMode(ofDirectory permissions: FileMode) -> FileMode {
    isEmpty ? 0o700 : permissions | 0o700
  }

  /// What a directory's permissions have to be in the end.
  ///
  /// - Parameters:
  ///   - found: what it was made with, as the kernel left it.
  ///   - wanted: what the archive says.
  func permissions(ofDirectory found: FileMode, wanted: FileMode) -> FileMode {
    isEmpty ? wanted : found & (wanted | Self.setGroupID)
  }

  /// The same of a file. Where an access list was inherited, a chmod would give back what it took.
  func permissions(ofFile found: FileMode, wanted: FileMode) -> FileMode {
    contains(.accessList) ? found : wanted
  }

  /// Whether a tree that inherits this can hold a directory of these permissions.
  func allows(directory permissions: FileMode) -> Bool {
    permissions & Self.setGroupID == 0 || contains(.group)
  }
}
