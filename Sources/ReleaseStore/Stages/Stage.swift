package import Linux
package import ReleaseModel
internal import StoreSupport
internal import Text

/// A directory in `.releases/staging/` in which one release is prepared for publication. Its own
/// lock is held for as long as its writer lives; the lock of the store is not needed.
package struct Stage: ~Copyable {
  /// The name of the directory: the boot ID and random digits.
  package let name: String
  /// The directory, locked. It was opened before the first write, so that `syncfs` on it reports
  /// every failed write.
  package let directory: Descriptor

  /// The name of the release's tree in the stage.
  package static let tree = "tree"
  /// The name of the manifest in the stage.
  package static let manifest = "manifest.mtree"

  /// Makes a stage with a new name.
  ///
  /// - Parameters:
  ///   - store: the store.
  ///   - bootID: the ID of the current boot.
  /// - Returns: the stage, locked.
  /// - Throws: an error when the directory can't be made or locked.
  package static func make(_ store: Store, bootID: String) throws(ReleasesError) -> Stage {
    let staging = try store.controlDirectory(Layout.staging)
    while true {
      let name = "\(bootID)-\(uniqueSuffix())"
      let stage = try withErrorMessage("can't create a stage in \(path: store.path)") {
        () throws(SystemError) -> Descriptor? in
        try staging.makeDirectory(name, mode: 0o700)
        return try claim(name, in: staging)
      }
      if let stage { return Stage(name: name, directory: stage) }
    }
  }

  /// Locks a new stage. Returns nil if recovery removed it before it was locked, because an unlocked
  /// stage looks abandoned. `status` holds the lock for a moment to find out whether a process writes
  /// to the stage, so this waits for up to a second.
  ///
  /// - Throws: `SystemError` when the stage can't be opened, locked or compared with its name.
  private static func claim(
    _ name: String, in staging: borrowing Descriptor
  ) throws(SystemError) -> Descriptor? {
    let directory: Descriptor
    do throws(SystemError) {
      directory = try staging.openDirectory(name)
    } catch let error where error.errno == .noEntry {
      return nil
    }
    guard try directory.lock(waitingUpTo: 1), let status = try staging.statusIfPresent(of: name),
      status.isSameFile(as: try directory.status())
    else { return nil }
    return directory
  }

  private init(name: String, directory: consuming Descriptor) {
    self.name = name
    self.directory = directory
  }
}
