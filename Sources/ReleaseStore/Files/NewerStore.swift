internal import ReleaseModel
internal import Text

extension ReleasesError {
  /// Makes the error for a file of a store in a format that this binary does not understand.
  init(newerFormat format: Int, of store: Store) {
    self.init(
      .newerStore,
      "\(path: store.path) has format \(format); this binary understands formats"
        + " up to \(Layout.newestFormat)",
      hint: "install the version of releases that wrote it")
  }
}
