internal import CLinux
internal import Glibc

/// The `*at` calls. Names are relative to an open directory, so another process can't redirect a
/// call by replacing a parent directory.
extension Descriptor {
  /// Opens a directory by its path; the last component may be a link. See open(2).
  ///
  /// - Throws: `SystemError` if open(2) fails.
  package static func openDirectory(_ path: String) throws(SystemError) -> Descriptor {
    try open(path, .directory)
  }

  /// Opens a directory in this one, never through a link; see openat(2).
  ///
  /// - Throws: `SystemError` if openat(2) fails; ENOTDIR for a link.
  package func openDirectory(_ name: String) throws(SystemError) -> Descriptor {
    try open(name, [.directory, .noFollow])
  }

  /// Opens a name in this directory; see openat(2).
  ///
  /// - Throws: `SystemError` if openat(2) fails.
  package func open(
    _ name: String, _ flags: OpenFlags, mode: FileMode = 0o644
  ) throws(SystemError) -> Descriptor {
    Descriptor(
      owning: try systemCall("openat", path(of: name)) {
        openat(raw, name, flags.rawValue | O_CLOEXEC, mode)
      })
  }

  /// Makes a directory; see mkdirat(2).
  ///
  /// - Throws: `SystemError` if mkdirat(2) fails.
  package func makeDirectory(_ name: String, mode: FileMode = 0o755) throws(SystemError) {
    try systemCall("mkdirat", path(of: name)) { mkdirat(raw, name, mode) }
  }

  /// Makes a directory unless one of that name exists, and returns whether it was made.
  ///
  /// - Throws: `SystemError` if mkdirat(2) fails; ENOTDIR if the name is not a directory.
  @discardableResult
  package func makeDirectoryIfMissing(
    _ name: String, mode: FileMode = 0o755
  ) throws(SystemError) -> Bool {
    do throws(SystemError) {
      try makeDirectory(name, mode: mode)
      return true
    } catch let error where error.errno == .exists {
      guard try status(of: name).kind == .directory else {
        throw SystemError(call: "mkdirat", path: path(of: name), errno: .notADirectory)
      }
      return false
    }
  }

  /// Makes a symbolic link; see symlinkat(2).
  ///
  /// - Throws: `SystemError` if symlinkat(2) fails.
  package func makeLink(_ name: String, to target: String) throws(SystemError) {
    try systemCall("symlinkat", path(of: name)) { symlinkat(target, raw, name) }
  }

  /// Makes a hard link in this directory; for a symbolic link, to the link itself. See linkat(2).
  ///
  /// - Throws: `SystemError` if linkat(2) fails.
  package func makeHardLink(_ name: String, to existing: String) throws(SystemError) {
    try systemCall("linkat", path(of: name)) { linkat(raw, existing, raw, name, 0) }
  }

  /// Makes a hard link in another directory of the same file system; see linkat(2).
  ///
  /// - Throws: `SystemError` if linkat(2) fails.
  package func makeHardLink(
    _ name: String, in directory: borrowing Descriptor, to existing: String
  ) throws(SystemError) {
    let target = directory.raw
    let full = directory.path(of: name)
    try systemCall("linkat", full) { linkat(raw, existing, target, name, 0) }
  }

  /// Makes another name for an open file, whatever its old names refer to now; see linkat(2).
  ///
  /// - Throws: `SystemError` if linkat(2) fails; ENOENT for a file without a name.
  package func makeHardLink(
    _ name: String, to file: borrowing Descriptor
  ) throws(SystemError) {
    let open = "/proc/self/fd/\(file.raw)"
    try systemCall("linkat", path(of: name)) {
      linkat(AT_FDCWD, open, raw, name, AT_SYMLINK_FOLLOW)
    }
  }

  /// Returns the target of a symbolic link; see readlinkat(2).
  ///
  /// - Throws: `SystemError` if readlinkat(2) fails; EILSEQ for a target that is not UTF-8.
  package func readLink(_ name: String) throws(SystemError) -> String {
    do throws(SystemError) {
      return try Linux.readLink(at: raw, name)
    } catch {
      throw SystemError(call: error.call, path: path(of: name), errno: error.errno)
    }
  }

  /// Removes a name that is not a directory; see unlinkat(2).
  ///
  /// - Throws: `SystemError` if unlinkat(2) fails.
  package func unlink(_ name: String) throws(SystemError) {
    try systemCall("unlinkat", path(of: name)) { unlinkat(raw, name, 0) }
  }

  /// Removes an empty directory; see unlinkat(2).
  ///
  /// - Throws: `SystemError` if unlinkat(2) fails.
  package func removeDirectory(_ name: String) throws(SystemError) {
    try systemCall("unlinkat", path(of: name)) { unlinkat(raw, name, AT_REMOVEDIR) }
  }
}

func readLink(at directory: Int32, _ name: String) throws(SystemError) -> String {
  guard let text = String(validating: try readLinkBytes(at: directory, name), as: UTF8.self) else {
    throw SystemError(call: "readlinkat", path: name, errno: .illegalBytes)
  }
  return text
}

func readLinkBytes(at directory: Int32, _ name: String) throws(SystemError) -> ArraySlice<UInt8> {
  var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
  let length = try systemCall("readlinkat", name) {
    buffer.withUnsafeMutableBytes {
      readlinkat(directory, name, $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
    }
  }
  return buffer[..<length]
}
