internal import CLinux
internal import Glibc

extension Descriptor {
  /// Renames a name in this directory and atomically replaces `newName`; see renameat(2).
  ///
  /// - Throws: `SystemError` if renameat(2) fails.
  package func rename(_ name: String, to newName: String) throws(SystemError) {
    try systemCall("renameat", path(of: newName)) { renameat(raw, name, raw, newName) }
  }

  /// Moves a name to another directory and atomically replaces the new name there; see renameat(2).
  ///
  /// - Throws: `SystemError` if renameat(2) fails.
  package func replace(
    _ newName: String, in directory: borrowing Descriptor, with name: String
  ) throws(SystemError) {
    let target = directory.raw
    let full = directory.path(of: newName)
    try systemCall("renameat", full) { renameat(raw, name, target, newName) }
  }

  /// Moves a name to another directory and never replaces an existing name there; see
  /// RENAME_NOREPLACE in renameat2(2).
  ///
  /// NFS and some other file systems lack that flag. A file or a link then gets its new name by
  /// linkat(2), which replaces nothing, before it loses the old one. A directory is renamed after a
  /// check that the new name is free. This is safe: a directory can only replace an empty one, and
  /// the caller holds a lock, so no other command makes the new name in between.
  ///
  /// - Parameters:
  ///   - name: the name in this directory.
  ///   - directory: the directory to move it to, on the same file system.
  ///   - newName: the name there.
  /// - Throws: `SystemError`: EEXIST if the new name exists; otherwise the error of renameat2(2).
  package func move(
    _ name: String, to directory: borrowing Descriptor, as newName: String
  ) throws(SystemError) {
    let target = directory.raw
    let full = directory.path(of: newName)
    do throws(SystemError) {
      try systemCall("renameat2", full) {
        renameat2(raw, name, target, newName, UInt32(CLINUX_RENAME_NOREPLACE))
      }
    } catch let error where error.errno.isUnsupported {
      try moveByTwoCalls(name, to: directory, as: newName)
    }
  }

  private func moveByTwoCalls(
    _ name: String, to directory: borrowing Descriptor, as newName: String
  ) throws(SystemError) {
    if try status(of: name).kind != .directory {
      do throws(SystemError) {
        try makeHardLink(newName, in: directory, to: name)
        return try unlink(name)
      } catch let error where error.errno.isUnsupported || error.errno == .tooManyNames {
        // The file system has no hard links either.
      }
    }
    if try directory.statusIfPresent(of: newName) != nil {
      throw SystemError(call: "renameat", path: directory.path(of: newName), errno: .exists)
    }
    try replace(newName, in: directory, with: name)
  }
}
