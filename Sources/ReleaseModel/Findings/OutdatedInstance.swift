internal import Text

extension ReleasesError {
  /// Makes the error for a switch that would start a second instance of the live release: the one that runs
  /// has another unit or socket than the configuration says now.
  ///
  /// - Parameter id: the live release.
  /// - Returns: the error, whose hint applies the change.
  package static func outdatedInstance(of id: ReleaseID) -> ReleasesError {
    ReleasesError(
      .configuration,
      """
      the instance of \(id) was started with an earlier service.unit, service.socket or \
      service.manager
      """,
      hint: Hint(
        "a switch to another release applies the change; to apply it now, with an interruption",
        command: ["restart"]))
  }
}
