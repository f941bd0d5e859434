internal import Linux
internal import ReleaseModel
internal import ReleaseStore
internal import StoreSupport
internal import Text

/// Finds what uses the directories of releases.
struct ReleaseOccupancy {
  let store: Store

  /// Finds the names in `releases/` that a process uses.
  ///
  /// - Throws: an error when the processes can't be listed.
  func inUse() throws(ReleasesError) -> Set<String> {
    try withErrorMessage("can't list the processes") { () throws(SystemError) in
      try DirectoriesInUse.names(beneath: store.releases)
    }
  }

  /// Finds the names in `releases/` in which, or on which, something is mounted.
  ///
  /// - Throws: an error when the mounts can't be listed.
  func withMounts() throws(ReleasesError) -> Set<String> {
    try withErrorMessage("can't list the mounts") { () throws(SystemError) in
      try Mounts.names(beneath: store.releases)
    }
  }
}
