internal import Linux

/// What a release has to itself and what it shares with anything else on the disk, in bytes of
/// content; a file with several names in the release counts once.
package struct TreeUse: Equatable, Sendable {
  package var own: Int64 = 0
  package var shared: Int64 = 0
}

extension Store {
  /// Asks the file system about each file of a release, which takes some microseconds for each; nil
  /// where the release is not there or may not be read.
  package func measure(_ id: ReleaseID) throws(ReleasesError) -> TreeUse? {
    do throws(SystemError) {
      return try measure(try releases.openDirectory(id.text))
    } catch let error where [.noEntry, .notADirectory, .accessDenied].contains(error.errno) {
      return nil
    } catch {
      throw ReleasesError("can't measure release \(id)", error)
    }
  }

  private func measure(_ top: borrowing Descriptor) throws(SystemError) -> TreeUse {
    var use = TreeUse()
    /// Files with several names, and how many of these were met here.
    var linked: [UInt64: (status: FileStatus, names: UInt64, shared: Int64)] = [:]
    func count(_ status: FileStatus, shared: Int64) {
      use.shared += shared
      use.own += status.size - shared
    }
    _ = try TreeScan.walk(top) { (found, directory, name) throws(SystemError) in
      let status = found.status
      guard status.kind == .file, status.size > 0 else { return true }
      if let known = linked[status.inode] {
        linked[status.inode] = (status, known.names + 1, known.shared)
        return true
      }
      let shared = try sharedByteCount(of: name, in: directory, status)
      if status.linkCount == 1 {
        count(status, shared: shared)
      } else {
        linked[status.inode] = (status, 1, shared)
      }
      return true
    }
    for (status, names, shared) in linked.values {
      count(status, shared: status.linkCount > names ? status.size : shared)
    }
    return use
  }

  /// None of a file that only its owner may read.
  private func sharedByteCount(
    of name: String, in directory: borrowing Descriptor, _ status: FileStatus
  ) throws(SystemError) -> Int64 {
    do throws(SystemError) {
      let file = try directory.open(name, [.noFollow, .nonBlocking])
      return try file.sharedByteCount(size: status.size) ?? 0
    } catch let error where [.accessDenied, .noEntry, .tooManyLinks].contains(error.errno) {
      return 0
    }
  }
}
