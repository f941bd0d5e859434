internal import CLinux
internal import Glibc
internal import Text

/// An entry of a directory; see readdir(3).
package struct DirectoryEntry: Sendable {
  /// The name. Bytes that are not UTF-8 are replaced, and the result then names no file.
  package let name: String
  /// Whether the name is the file's own, without replaced bytes.
  package let isExact: Bool
  /// The kind of file; nil if the file system reports it only by a further call.
  package let kind: FileKind?
}

extension Descriptor {
  /// Returns the entries of this directory without `.` and `..`, sorted by the bytes of their
  /// names.
  ///
  /// - Throws: `SystemError` if openat(2) or readdir(3) fails.
  package func entries() throws(SystemError) -> [DirectoryEntry] {
    var entries: [DirectoryEntry] = []
    try forEachName { name, type in
      let exact = String(validatingCString: name)
      entries.append(
        DirectoryEntry(
          name: exact ?? String(cString: name), isExact: exact != nil, kind: kind(ofType: type)))
    }
    return entries.sorted { $0.name.comesBefore($1.name) }
  }

  func forEachName(
    _ body: (UnsafePointer<CChar>, UInt8) -> Void
  ) throws(SystemError) {
    // A new descriptor is needed: readdir(3) moves the position that duplicates share.
    let own = try systemCall("openat", path) {
      openat(raw, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    }
    guard let stream = fdopendir(own) else {
      let code = Errno.current
      _ = Glibc.close(own)
      throw SystemError(call: "fdopendir", path: path, errno: code)
    }
    defer { closedir(stream) }
    while true {
      errno = 0
      guard let entry = readdir(stream) else {
        if errno != 0 { throw SystemError(call: "readdir", path: path, errno: .current) }
        return
      }
      let type = entry.pointee.d_type
      withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { name in
          if strcmp(name, ".") != 0 && strcmp(name, "..") != 0 { body(name, type) }
        }
      }
    }
  }
}

private func kind(ofType type: UInt8) -> FileKind? {
  switch Int(type) {
  case Int(DT_REG): .file
  case Int(DT_DIR): .directory
  case Int(DT_LNK): .symbolicLink
  case Int(DT_UNKNOWN): nil
  default: .other
  }
}
