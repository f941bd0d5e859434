internal import CLinux
internal import Glibc

/// What could not be removed of a tree.
package struct TreeRemains: Hashable, Sendable {
  /// The first failure.
  package let error: SystemError
  /// How many names could not be removed. The directories that contain them remain too.
  package fileprivate(set) var count = 1
  /// The size of the files that remain, in bytes; nil if a directory could not be read.
  package fileprivate(set) var bytes: Int64?
}

extension Descriptor {
  /// Removes a name in this directory and everything beneath it, never through a link. A name that
  /// does not exist is not an error. A failure does not stop the removal of the rest.
  ///
  /// - Throws: `SystemError` of the first call that failed; EXDEV for a mount point.
  package func removeTree(_ name: String) throws(SystemError) {
    if let remains = removeTreeAsFarAsPossible(name) { throw remains.error }
  }

  /// Removes the same as ``removeTree(_:)``.
  ///
  /// - Returns: what remains and why; nil when nothing remains.
  package func removeTreeAsFarAsPossible(_ name: String) -> TreeRemains? {
    name.withCString { remove($0, nil) }
  }

  /// Gives the owner of a directory in this one the permission to change it, if this process runs as
  /// that owner and lacks it. Without that permission, a directory can't be moved to another one.
  ///
  /// - Returns: the former permissions; nil when nothing was changed.
  package func makeWritableForOwner(_ name: String) -> FileMode? {
    guard let directory = try? OwnDirectory(name, in: self),
      directory.permissions & 0o700 != 0o700,
      directory.setPermissions(directory.permissions | 0o700)
    else { return nil }
    return directory.permissions
  }

  /// Restores what ``makeWritableForOwner(_:)`` has changed.
  package func restorePermissions(_ permissions: FileMode, of name: String) {
    guard let directory = try? OwnDirectory(name, in: self) else { return }
    _ = directory.setPermissions(permissions)
  }

  private func remove(
    _ name: UnsafePointer<CChar>, _ deep: DeepDirectories?
  ) -> TreeRemains? {
    do throws(SystemError) {
      try systemCall("unlinkat", path(of: String(cString: name))) { unlinkat(raw, name, 0) }
      return nil
    } catch {
      switch error.errno {
      case .noEntry: return nil
      case .isADirectory, .notPermitted: return removeDirectory(name, deep, insteadOf: error)
      default: return remains(name, error)
      }
    }
  }

  /// Removes a name that unlinkat(2) refused, which is probably a directory.
  private func removeDirectory(
    _ name: UnsafePointer<CChar>, _ deep: DeepDirectories?, insteadOf first: SystemError
  ) -> TreeRemains? {
    do throws(SystemError) {
      if let deep, deep.isTooDeep {
        try deep.move(name, from: self)
        return nil
      }
      let inside = try removeContents(of: name, deep)
      if inside != nil { return inside }
      try removeEmpty(name)
      return nil
    } catch {
      switch error.errno {
      // The name is a file after all, so the reason is the one that unlinkat(2) gave.
      case .notADirectory: return remains(name, first)
      // Another process may be removing the same tree.
      case .noEntry: return nil
      // An empty directory can be removed even if it can't be opened.
      case .accessDenied where (try? removeEmpty(name)) != nil: return nil
      default: return remains(name, error)
      }
    }
  }

  private func removeEmpty(_ name: UnsafePointer<CChar>) throws(SystemError) {
    try systemCall("unlinkat", path(of: String(cString: name))) {
      unlinkat(raw, name, AT_REMOVEDIR)
    }
  }

  private func removeContents(
    of name: UnsafePointer<CChar>, _ deep: DeepDirectories?
  ) throws(SystemError) -> TreeRemains? {
    let directory = try openToRemove(name)
    let status = try directory.status()
    if status.owner == geteuid(), status.permissions & 0o700 != 0o700 {
      _ = fchmod(directory.raw, 0o700)
    }
    var remains: TreeRemains?
    func removeChild(_ child: UnsafePointer<CChar>, _ deep: DeepDirectories) {
      guard let further = directory.remove(child, deep) else { return }
      guard var all = remains else { return remains = further }
      all.count += further.count
      all.bytes = all.bytes.flatMap { bytes in further.bytes.map { bytes + $0 } }
      remains = all
    }
    let isTop = deep == nil
    let deep = deep ?? DeepDirectories(top: directory.raw)
    deep.level += 1
    defer { deep.level -= 1 }
    try directory.forEachName { child, _ in removeChild(child, deep) }
    while isTop, let moved = deep.takeMoved() { moved.withCString { removeChild($0, deep) } }
    return remains
  }

  /// Describes a name that can't be removed.
  private func remains(_ name: UnsafePointer<CChar>, _ error: SystemError) -> TreeRemains {
    let status = try? status(of: String(cString: name))
    // What is in a directory that could not be opened is unknown.
    let bytes = status.flatMap { $0.kind == .directory ? nil : $0.kind == .file ? $0.size : 0 }
    return TreeRemains(error: error, bytes: bytes)
  }

  private func openToRemove(_ name: UnsafePointer<CChar>) throws(SystemError) -> Descriptor {
    do throws(SystemError) {
      return try openDirectoryOfSameMount(name)
    } catch let error where error.errno == .accessDenied {
      // The owner may remove a directory without having the permission to read it.
      guard let directory = try OwnDirectory(name, in: self), directory.setPermissions(0o700) else {
        throw error
      }
      return try directory.open()
    }
  }
}

/// The directories that lie too deep in a tree to be removed where they are: each level takes memory on
/// the stack and open files. They are moved to the top of the tree, and removed there.
private final class DeepDirectories {
  private static let deepest = 200

  /// How deep in the tree the removal is; 1 in the top directory.
  var level = 0
  private let top: Int32
  private var count = 0
  private var moved: [String] = []

  /// - Parameter top: the open top directory of the tree.
  init(top: Int32) { self.top = top }

  var isTooDeep: Bool { level >= Self.deepest }

  /// Moves a directory to the top of the tree, under a name that is free there.
  ///
  /// - Throws: `SystemError` when renameat2(2) fails, EACCES for a directory of another user.
  func move(
    _ name: UnsafePointer<CChar>, from directory: borrowing Descriptor
  ) throws(SystemError) {
    _ = directory.makeWritableForOwner(String(cString: name))
    while true {
      count += 1
      let new = "deep.\(count)"
      if renameat2(directory.raw, name, top, new, UInt32(CLINUX_RENAME_NOREPLACE)) == 0 {
        return moved.append(new)
      }
      if Errno.current != .exists {
        throw SystemError(
          call: "renameat2", path: directory.path(of: String(cString: name)), errno: .current)
      }
    }
  }

  /// Returns a directory that was moved, once.
  func takeMoved() -> String? { moved.popLast() }
}

/// A directory of this process's user, open without the permission to read it.
///
/// Its permissions are changed through the descriptor, never by name: another process may replace the
/// directory by a link or by the directory of another user at any moment.
struct OwnDirectory: ~Copyable {
  private let descriptor: Descriptor
  /// The permissions when it was opened.
  let permissions: FileMode

  /// Opens a directory; nil if another user owns it.
  ///
  /// - Throws: `SystemError`: ENOTDIR for anything else, EXDEV for a mount point; otherwise the error of
  ///   openat(2) or fstat(2).
  init?(
    _ name: UnsafePointer<CChar>, in parent: borrowing Descriptor
  ) throws(SystemError) {
    let opened = try parent.openDirectoryOfSameMount(name, .path)
    let status = try opened.status()
    guard status.kind == .directory, status.owner == geteuid() else { return nil }
    descriptor = opened
    permissions = status.permissions
  }

  /// Sets the permissions. fchmod(2) refuses a descriptor that was opened without permission, so the
  /// directory is named by its descriptor.
  ///
  /// - Returns: whether they were set.
  func setPermissions(_ mode: FileMode) -> Bool {
    chmod("/proc/self/fd/\(descriptor.raw)", mode) == 0
  }

  /// Opens it to read its names.
  ///
  /// - Throws: `SystemError` of openat(2).
  func open() throws(SystemError) -> Descriptor {
    try descriptor.openDirectoryOfSameMount(".")
  }
}
