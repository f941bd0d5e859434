internal import ReleaseModel
internal import Text

// Errors about the catalog entry of a release, which several operations throw.

extension ReleasesError {
  /// Makes the error for a release without a usable catalog entry.
  ///
  /// - Parameters:
  ///   - id: the release.
  ///   - isCorrupt: whether there is an entry that is corrupt.
  init(noCatalogEntry id: ReleaseID, isCorrupt: Bool = false) {
    self.init(
      isCorrupt ? .corrupt : .notReady,
      isCorrupt
        ? "the catalog entry of release \(id) is corrupt"
        : "release \(id) has no catalog entry",
      hint: Hint("adopt it", command: isCorrupt ? ["init"] : ["init", "--adopt", id.text]))
  }

  /// Makes the error for a release whose prepare hook is running.
  init(beingPrepared id: ReleaseID) {
    self.init(
      .notReady, "release \(id) is being prepared",
      hint: Hint("wait until it is ready; see", command: ["list"]))
  }
}
