internal import CLinux
internal import Glibc

/// Facts about a file system; see statfs(2) and statvfs(3).
package struct FileSystemFacts: Sendable {
  /// The usual name ("ext4", "xfs", "nfs"), or the magic number in hexadecimal.
  package let type: String
  /// The number of bytes that are available to users without privileges.
  package let freeBytes: Int64
  /// The size of the file system in bytes.
  package let totalBytes: Int64
  /// The number of inodes that are available to users without privileges; nil if the file system
  /// has no fixed number of inodes (btrfs).
  package let freeInodes: Int64?
  /// The number of all inodes; nil if the file system has no fixed number.
  package let totalInodes: Int64?
  /// Whether the mount is read-only.
  package let isReadOnly: Bool
  /// Whether the mount forbids running programs (noexec); see mount(8).
  package let isNoExec: Bool

  /// Whether another host stores the files. Locks and flushes then depend on that host.
  package var isNetwork: Bool {
    ["nfs", "cifs", "smb3", "ceph", "9p", "afs", "lustre"].contains(type)
  }
}

extension Descriptor {
  /// Returns facts about the file system of this file.
  ///
  /// - Throws: `SystemError` if fstatfs(2) fails.
  package func fileSystem() throws(SystemError) -> FileSystemFacts {
    var facts = statfs()
    try systemCall("fstatfs", path) { fstatfs(raw, &facts) }
    var mount = statvfs()
    try systemCall("fstatvfs", path) { fstatvfs(raw, &mount) }
    let block = Int64(mount.f_frsize)
    let hasInodes = mount.f_files > 0
    return FileSystemFacts(
      type: typeName(UInt32(truncatingIfNeeded: facts.f_type)),
      freeBytes: Int64(clamping: mount.f_bavail) * block,
      totalBytes: Int64(clamping: mount.f_blocks) * block,
      freeInodes: hasInodes ? Int64(clamping: mount.f_favail) : nil,
      totalInodes: hasInodes ? Int64(clamping: mount.f_files) : nil,
      isReadOnly: mount.f_flag & UInt(ST_RDONLY) != 0,
      isNoExec: mount.f_flag & UInt(CLINUX_ST_NOEXEC) != 0)
  }

  /// Returns why this user can't change a name in this directory; see access(2): the file system or
  /// its subvolume is read-only (EROFS), the file is immutable (EPERM), or the user lacks the
  /// permission (EACCES). Returns nil if the user can change it.
  package func refusalOfChanges(_ name: String) -> Errno? {
    clinux_faccessat(raw, name, W_OK) == 0 ? nil : .current
  }
}

/// Returns the name of a magic number in linux/magic.h.
private func typeName(_ magic: UInt32) -> String {
  switch magic {
  case 0xEF53: "ext4"
  case 0x5846_5342: "xfs"
  case 0x9123_683E: "btrfs"
  case 0x0102_1994: "tmpfs"
  case 0x794C_7630: "overlay"
  case 0x6969: "nfs"
  case 0x6573_5546: "fuse"
  case 0x2FC1_2FC1: "zfs"
  case 0xF2F5_2010: "f2fs"
  case 0xFF53_4D42: "cifs"
  case 0xFE53_4D42: "smb3"
  case 0x00C3_6400: "ceph"
  case 0x0102_1997: "9p"
  case 0x5346_414F: "afs"
  case 0x0BD0_0BD0: "lustre"
  default: "0x" + String(magic, radix: 16)
  }
}
