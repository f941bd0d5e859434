internal import CLinux
internal import Glibc

/// The `*at` calls: everything is named relative to an open directory, so that nobody can swap the
/// path's beginning under our feet.
extension Descriptor {
  /// Opens a directory by path; the last component may be a link.
  package static func openDirectory(_ path: String) throws(SystemError) -> Descriptor {
    try open(path, .directory)
  }

  /// Opens a directory right beneath this one, never through a link.
  package func openDirectory(_ name: String) throws(SystemError) -> Descriptor {
    try open(name, [.directory, .noFollow])
  }

  /// Opens a name right beneath this directory, see openat(2).
  package func open(
    _ name: String, _ flags: OpenFlags, mode: FileMode = 0o644
  ) throws(SystemError) -> Descriptor {
    Descriptor(
      owning: try attempt("openat", path(of: name)) {
        openat(raw, name, flags.rawValue | O_CLOEXEC, mode)
      })
  }

  /// See mkdirat(2).
  package func makeDirectory(_ name: String, mode: FileMode = 0o755) throws(SystemError) {
    try attempt("mkdirat", path(of: name)) { mkdirat(raw, name, mode) }
  }

  /// Makes it unless a directory of that name is there; says whether it was made.
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

  /// See symlinkat(2).
  package func makeLink(_ name: String, to target: String) throws(SystemError) {
    try attempt("symlinkat", path(of: name)) { symlinkat(target, raw, name) }
  }

  /// A hard link, never to what a symbolic link names, see linkat(2).
  package func makeHardLink(_ name: String, to existing: String) throws(SystemError) {
    try attempt("linkat", path(of: name)) { linkat(raw, existing, raw, name, 0) }
  }

  /// The same in two directories of one file system, see linkat(2).
  package func makeHardLink(
    _ name: String, in directory: borrowing Descriptor, to existing: String
  ) throws(SystemError) {
    let target = directory.raw
    let full = directory.path(of: name)
    try attempt("linkat", full) { linkat(raw, existing, target, name, 0) }
  }

  /// Another name for an open file, whatever its old ones lead to by now, see linkat(2). One that
  /// has lost its last name is gone (ENOENT).
  package func makeHardLink(
    _ name: String, to file: borrowing Descriptor
  ) throws(SystemError) {
    let open = "/proc/self/fd/\(file.raw)"
    try attempt("linkat", path(of: name)) {
      linkat(AT_FDCWD, open, raw, name, AT_SYMLINK_FOLLOW)
    }
  }

  /// The text of a symbolic link, see readlinkat(2). One that is not UTF-8 is an error (EILSEQ).
  package func readLink(_ name: String) throws(SystemError) -> String {
    do throws(SystemError) {
      return try Linux.readLink(at: raw, name)
    } catch {
      throw SystemError(call: error.call, path: path(of: name), errno: error.errno)
    }
  }

  /// See unlinkat(2).
  package func unlink(_ name: String) throws(SystemError) {
    try attempt("unlinkat", path(of: name)) { unlinkat(raw, name, 0) }
  }

  /// Removes an empty directory, see unlinkat(2).
  package func removeDirectory(_ name: String) throws(SystemError) {
    try attempt("unlinkat", path(of: name)) { unlinkat(raw, name, AT_REMOVEDIR) }
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
  let length = try attempt("readlinkat", name) {
    buffer.withUnsafeMutableBytes {
      readlinkat(directory, name, $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
    }
  }
  return buffer[..<length]
}
