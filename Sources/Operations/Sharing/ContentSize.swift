internal import Linux
internal import Manifest
package import ReleaseModel
package import ReleaseStore
internal import StoreSupport
internal import Text

/// The size of the content that a release has for itself, and of the content that it shares with
/// anything else on the disk. A file with several names in the release counts once.
package struct ContentSize: Equatable, Sendable {
  /// The content that only this release has, in bytes.
  package private(set) var own: Int64 = 0
  /// The shared content, in bytes.
  package private(set) var shared: Int64 = 0

  /// Measures a release by querying the file system for each file, which takes some microseconds
  /// per file; nil if the release is missing or this user may not read it.
  ///
  /// - Throws: an error when the release can't be read for another reason.
  package init?(of id: ReleaseID, in store: Store) throws(ReleasesError) {
    do throws(SystemError) {
      try self.init(store.releases.openDirectory(id.text))
    } catch let error where [.noEntry, .notADirectory, .accessDenied].contains(error.errno) {
      return nil
    } catch {
      throw ReleasesError("can't measure release \(id)", error)
    }
  }

  private init(_ tree: borrowing Descriptor) throws(SystemError) {
    var (own, shared): (Int64, Int64) = (0, 0)
    // The files with several names, and how many of these names are in the release.
    var linked: [UInt64: (status: FileStatus, names: UInt64, shared: Int64)] = [:]
    func count(_ status: FileStatus, shared sharedBytes: Int64) {
      shared += sharedBytes
      own += status.size - sharedBytes
    }
    _ = try TreeScan.walk(tree) { (found, directory, name) throws(SystemError) in
      let status = found.status
      guard status.kind == .file, status.size > 0 else { return true }
      if let known = linked[status.inode] {
        linked[status.inode] = (status, known.names + 1, known.shared)
        return true
      }
      let sharedBytes = try Self.sharedBytes(of: name, in: directory, status)
      if status.linkCount == 1 {
        count(status, shared: sharedBytes)
      } else {
        linked[status.inode] = (status, 1, sharedBytes)
      }
      return true
    }
    for (status, names, sharedBytes) in linked.values {
      count(status, shared: status.linkCount > names ? status.size : sharedBytes)
    }
    (self.own, self.shared) = (own, shared)
  }

  /// Returns how much of a file is shared; 0 for a file that this user may not read.
  ///
  /// - Throws: `SystemError` when the file can't be read for another reason.
  private static func sharedBytes(
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
