internal import CLinux
internal import Glibc

/// One name in a directory.
package struct DirectoryEntry: Sendable {
  /// Where the bytes are no UTF-8, a legible stand-in that names nothing.
  package let name: String
  /// The name is the file's own.
  package let isExact: Bool
  /// Nil where the file system does not say without a further call.
  package let kind: FileKind?
}

extension Descriptor {
  /// The names in this directory without `.` and `..`, sorted by their bytes.
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
    // A descriptor of its own: readdir moves the position that duplicates would share.
    let own = try attempt("openat", path) { openat(raw, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
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
