internal import Glibc

/// Permission bits as chmod(1) writes them, 0 to 0o7777.
package typealias FileMode = UInt32
/// A user ID.
package typealias UserID = UInt32
/// A group ID.
package typealias GroupID = UInt32

/// The kind of a file; see inode(7).
package enum FileKind: String, Sendable {
  case file, directory, symbolicLink, other

  init(mode: FileMode) {
    switch mode & S_IFMT {
    case S_IFREG: self = .file
    case S_IFDIR: self = .directory
    case S_IFLNK: self = .symbolicLink
    default: self = .other
    }
  }
}

/// The metadata of one file; see stat(2).
package struct FileStatus: Sendable {
  package let kind: FileKind
  /// The permission bits with set-user-ID, set-group-ID and sticky, 0 to 0o7777.
  package let permissions: FileMode
  /// The size in bytes.
  package let size: Int64
  /// When the content was last modified.
  package let modified: FileTime
  package let owner: UserID
  package let group: GroupID
  package let device: UInt64
  package let inode: UInt64
  /// The number of hard links to the file.
  package let linkCount: UInt64

  init(_ status: stat) {
    kind = FileKind(mode: status.st_mode)
    permissions = status.st_mode & 0o7777
    size = Int64(status.st_size)
    modified = FileTime(
      seconds: Int64(status.st_mtim.tv_sec), nanoseconds: Int64(status.st_mtim.tv_nsec))
    owner = status.st_uid
    group = status.st_gid
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
    linkCount = UInt64(status.st_nlink)
  }

  /// Whether no user but the owner has a permission.
  package var isClosedToOthers: Bool { permissions & 0o077 == 0 }

  /// Whether both describe the same inode.
  package func isSameFile(as other: FileStatus) -> Bool {
    device == other.device && inode == other.inode
  }
}

/// The identity of an inode on this host, independent of its names.
package struct FileIdentity: Hashable, Sendable {
  private let device: UInt64
  private let inode: UInt64

  fileprivate init(_ status: FileStatus) {
    device = status.device
    inode = status.inode
  }
}

extension FileStatus {
  /// The identity of the inode.
  package var identity: FileIdentity { FileIdentity(self) }
}

extension Descriptor {
  /// Returns the metadata of the open file; see fstat(2).
  ///
  /// - Throws: `SystemError` if fstat(2) fails.
  package func status() throws(SystemError) -> FileStatus {
    var status = stat()
    try systemCall("fstat", path) { fstat(raw, &status) }
    return FileStatus(status)
  }

  /// Returns the metadata of a name in this directory, of a link itself; see fstatat(2).
  ///
  /// - Throws: `SystemError` if fstatat(2) fails.
  package func status(of name: String) throws(SystemError) -> FileStatus {
    var status = stat()
    try systemCall("fstatat", path(of: name)) { fstatat(raw, name, &status, AT_SYMLINK_NOFOLLOW) }
    return FileStatus(status)
  }

  /// Returns the metadata of the file that a name in this directory refers to, through links; see
  /// fstatat(2).
  ///
  /// - Throws: `SystemError` if fstatat(2) fails.
  package func targetStatus(of name: String) throws(SystemError) -> FileStatus {
    var status = stat()
    try systemCall("fstatat", path(of: name)) { fstatat(raw, name, &status, 0) }
    return FileStatus(status)
  }

  /// Returns the same as ``status(of:)``, but nil when the name does not exist.
  ///
  /// - Throws: `SystemError` if fstatat(2) fails, except with ENOENT.
  package func statusIfPresent(of name: String) throws(SystemError) -> FileStatus? {
    do throws(SystemError) {
      return try status(of: name)
    } catch let error where error.errno == .noEntry {
      return nil
    }
  }

  /// Sets the permission bits; see fchmod(2).
  ///
  /// - Throws: `SystemError` if fchmod(2) fails.
  package func setPermissions(_ mode: FileMode) throws(SystemError) {
    try systemCall("fchmod", path) { fchmod(raw, mode) }
  }

  /// Sets the access and modification times of the open file; see futimens(3).
  ///
  /// - Throws: `SystemError` if futimens(3) fails.
  package func setModified(_ time: FileTime) throws(SystemError) {
    try systemCall("futimens", path) {
      time.withBothTimes { futimens(raw, $0) }
    }
  }

  /// Sets the access and modification times of a name in this directory, of a link itself; see
  /// utimensat(2).
  ///
  /// - Throws: `SystemError` if utimensat(2) fails.
  package func setModified(_ time: FileTime, of name: String) throws(SystemError) {
    try systemCall("utimensat", path(of: name)) {
      time.withBothTimes { utimensat(raw, name, $0, AT_SYMLINK_NOFOLLOW) }
    }
  }
}

/// Returns the metadata of a path, through links; see stat(2).
///
/// - Throws: `SystemError` if stat(2) fails.
package func status(ofPath path: String) throws(SystemError) -> FileStatus {
  var status = stat()
  try systemCall("stat", path) { fstatat(AT_FDCWD, path, &status, 0) }
  return FileStatus(status)
}
