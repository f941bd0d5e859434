extension Store {
  /// Tries until the release is healthy so many times in a row, or the time is up.
  ///
  /// INT, TERM and QUIT are the caller's: held back, and asked for by `stop`.
  ///
  /// - Parameters:
  ///   - id: the release that is live now.
  ///   - stop: asked some ten times a second.
  ///   - attempt: told of every try.
  package func waitForHealth(
    _ health: Configuration.Health, of id: ReleaseID, _ configuration: Configuration,
    _ environment: Environment, stop: StopQuestion, attempt: @Sendable (HealthAttempt) -> Void
  ) -> HealthReport {
    HealthReport(
      isHealthy: false, attempts: 0, seconds: 0, last: nil, stopped: nil,
      problem: "nothing is tried yet")
  }

  /// Tries once, for at most ten seconds.
  package func lookAtHealth(
    _ health: Configuration.Health, of id: ReleaseID, _ configuration: Configuration,
    _ environment: Environment
  ) -> HealthAttempt {
    HealthAttempt(number: 1, seconds: 0, problem: "nothing is tried yet", answer: nil)
  }
}
