internal import ReleaseModel

extension Store {
  /// Returns the error for a file in a format that this binary does not understand.
  func newerStore(format: Int) -> ReleasesError {
    ReleasesError(
      .newerStore,
      "\(path) has format \(format); this binary understands formats up to \(Layout.format)",
      hint: "install the version of releases that wrote it")
  }
}
