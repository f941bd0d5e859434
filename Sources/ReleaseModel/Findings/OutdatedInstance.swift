internal import Text

extension ReleasesError {
  /// Makes the error for a command that would start a second instance of the live release: the one that
  /// runs has another unit or socket than the configuration says now.
  ///
  /// - Parameter id: the live release.
  package static func outdatedInstance(of id: ReleaseID) -> ReleasesError {
    ReleasesError(
      .configuration,
      """
      the instance of \(id) was started with an earlier service.unit, service.socket or \
      service.manager
      """,
      hint: Hint(
        "switch to another release to apply the change, or undo it in releases.yaml; see",
        command: ["list"]))
  }
}
