internal import CLinux
internal import Glibc
internal import Text

/// What denied a call access to a file, as far as owners, modes and attributes show.
package struct AccessDenial: Hashable, Sendable {
  package enum Reason: Hashable, Sendable {
    /// The permissions, which the owner of the file can change.
    case permissions
    /// An attribute of the file, which only root can remove; see chattr(1).
    case attribute
  }

  /// The full path of the file or directory that denied it.
  package let path: String
  package let owner: UserID
  package let reason: Reason

  /// Finds what denied access to a failed call; nil for another failure, or when the reason is
  /// unknown, such as a security module.
  package init?(_ error: SystemError) {
    guard error.errno == .accessDenied || error.errno == .notPermitted,
      let path = error.path, path.isAbsolutePath
    else { return nil }
    if Self.changingNames.contains(error.call) {
      self.init(changingName: path)
    } else {
      self.init(using: path)
    }
  }

  /// The calls that fail because of the directory in which they change a name.
  private static let changingNames: Set<String> = [
    "unlinkat", "mkdirat", "renameat", "renameat2", "linkat", "symlinkat",
  ]

  /// Finds what prevents a directory from being moved to another directory; nil when nothing does, or
  /// the reason is unknown.
  ///
  /// - Parameter path: the full path of the directory.
  package init?(moving path: String) {
    if let denial = Self(changingName: path) {
      self = denial
    } else if !Self.mayAccess(path, W_OK) {
      // A directory that is moved gets another "..", so it must be writable itself.
      self.init(at: path, .permissions)
    } else {
      return nil
    }
  }

  /// Finds what prevents a name from being added, removed or renamed.
  private init?(changingName path: String) {
    let parent = path.parentDirectory
    if let closed = Self.firstClosed(path) {
      self.init(at: closed, .permissions)
    } else if let fixed = [path, parent].first(where: { Self.hasAttribute($0) }) {
      self.init(at: fixed, .attribute)
    } else if !Self.mayAccess(parent, W_OK) {
      self.init(at: parent, .permissions)
    } else if Self.isSticky(parent) {
      // In a directory such as /tmp, only the owner of a file may remove it.
      self.init(at: path, .permissions)
      if owner == geteuid() { return nil }
    } else {
      return nil
    }
  }

  /// Finds what prevents a file from being opened or changed.
  private init?(using path: String) {
    if let closed = Self.firstClosed(path) {
      self.init(at: closed, .permissions)
    } else if Self.status(of: path) == nil {
      // The file was to be made.
      self.init(changingName: path)
    } else if Self.hasAttribute(path) {
      self.init(at: path, .attribute)
    } else {
      self.init(at: path, .permissions)
      if owner == geteuid(), Self.mayAccess(path, R_OK | W_OK) { return nil }
    }
  }

  private init?(at path: String, _ reason: Reason) {
    guard let status = Self.status(of: path) else { return nil }
    self.path = path
    owner = status.st_uid
    self.reason = reason
  }

  /// Returns the first directory above a path that this process can't search.
  private static func firstClosed(_ path: String) -> String? {
    var directory = ""
    for name in path.nameComponents.dropLast() {
      directory += "/\(name)"
      if !mayAccess(directory, X_OK) { return directory }
    }
    return nil
  }

  private static func mayAccess(_ path: String, _ mode: Int32) -> Bool {
    clinux_faccessat(AT_FDCWD, path, mode) == 0
  }

  private static func hasAttribute(_ path: String) -> Bool {
    clinux_attributes(path) & UInt64(CLINUX_IMMUTABLE | CLINUX_APPEND_ONLY) != 0
  }

  private static func isSticky(_ path: String) -> Bool {
    status(of: path).map { $0.st_mode & S_ISVTX != 0 && $0.st_uid != geteuid() } ?? false
  }

  private static func status(of path: String) -> stat? {
    var status = stat()
    return fstatat(AT_FDCWD, path, &status, AT_SYMLINK_NOFOLLOW) == 0 ? status : nil
  }
}
