internal import Glibc

extension Descriptor {
  /// Removes a name in this directory and everything beneath it, never through a link. A name that
  /// does not exist is not an error.
  ///
  /// - Throws: `SystemError` of the first call that failed; EXDEV for a mount point.
  package func removeTree(_ name: String) throws(SystemError) {
    var failure: SystemError?
    name.withCString { pointer in
      do throws(SystemError) { try remove(pointer) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  private func remove(_ name: UnsafePointer<CChar>) throws(SystemError) {
    do throws(SystemError) {
      try systemCall("unlinkat", path(of: String(cString: name))) { unlinkat(raw, name, 0) }
    } catch {
      switch error.errno {
      case .noEntry: return
      case .isADirectory, .notPermitted: break
      default: throw error
      }
      do throws(SystemError) {
        try removeContents(of: name)
        try systemCall("unlinkat", path(of: String(cString: name))) {
          unlinkat(raw, name, AT_REMOVEDIR)
        }
      } catch let inner where inner.errno == .notADirectory {
        // The name is a file after all, so the reason is the one that unlinkat(2) gave.
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
      // The owner may remove a directory without having the permission to read it.
      _ = fchmodat(raw, name, 0o700, AT_SYMLINK_NOFOLLOW)
      return try openDirectoryOfSameMount(name)
    }
  }
}
