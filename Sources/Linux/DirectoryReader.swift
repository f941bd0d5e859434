internal import CLinux
internal import Glibc
internal import Text

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

  /// Removes a name beneath this directory and all beneath it, never through a link, and nothing
  /// of what is mounted there (EXDEV). A name that is gone already is no error.
  package func removeTree(_ name: String) throws(SystemError) {
    var failure: SystemError?
    name.withCString { pointer in
      do throws(SystemError) { try remove(pointer) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  private func remove(_ name: UnsafePointer<CChar>) throws(SystemError) {
    do throws(SystemError) {
      try attempt("unlinkat", path(of: String(cString: name))) { unlinkat(raw, name, 0) }
    } catch {
      switch error.errno {
      case .noEntry: return
      case .isADirectory, .notPermitted: break
      default: throw error
      }
      do throws(SystemError) {
        try removeContents(of: name)
        try attempt("unlinkat", path(of: String(cString: name))) {
          unlinkat(raw, name, AT_REMOVEDIR)
        }
      } catch let inner where inner.errno == .notADirectory {
        // What can't be unlinked is a file after all: that it may not be is the reason.
        throw error
      } catch let inner where inner.errno == .noEntry {
        // Another process may be removing the same tree.
        return
      }
    }
  }

  private func removeContents(of name: UnsafePointer<CChar>) throws(SystemError) {
    let directory = try openToRemove(name)
    _ = fchmod(directory.raw, 0o700)
    var failure: SystemError?
    try directory.forEachName { child, _ in
      guard failure == nil else { return }
      do throws(SystemError) { try directory.remove(child) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  private func openToRemove(_ name: UnsafePointer<CChar>) throws(SystemError) -> Descriptor {
    do throws(SystemError) {
      return try openDirectoryOfSameMount(name)
    } catch let error where error.errno == .accessDenied {
      // A directory somebody made unreadable is still ours to remove.
      _ = fchmodat(raw, name, 0o700, AT_SYMLINK_NOFOLLOW)
      return try openDirectoryOfSameMount(name)
    }
  }

  private func forEachName(
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
