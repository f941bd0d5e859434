internal import Linux
package import ReleaseModel
package import ReleaseStore
internal import Text

/// Waits until an attempt has ended: `wait`.
package struct AttemptWaiter {
  /// How a deployment ended.
  package enum Ending: Sendable {
    /// The command has recorded its report and its exit status.
    case reported(JSONValue, exitStatus: Int32)
    /// Its process ended without a report.
    case interrupted(InterruptedAttempt, Attempt)
  }

  let store: Store

  package init(_ store: Store) { self.store = store }

  /// Waits for the end of a deployment.
  ///
  /// - Parameters:
  ///   - name: the token of the deployment, or a ref, which means its newest deployment.
  ///   - seconds: how long to wait; nil for no limit.
  /// - Returns: how it ended.
  /// - Throws: `noSuchAttempt` when there is no record of it, `stillRunning` when it takes longer,
  ///   another error when the store can't be read.
  package func wait(
    for name: String, upTo seconds: Double?
  ) throws(ReleasesError) -> Ending {
    guard let found = try find(name) else { throw unknown(name) }
    let deadline = seconds.map { Clock.monotonicSeconds() + $0 }
    var pause = 0.02
    while true {
      guard let (attempt, isRunning) = try store.attempts.attempt(found.token) else {
        throw unknown(name)
      }
      if let status = attempt.exitStatus, let report = attempt.report {
        return .reported(report, exitStatus: status)
      }
      guard isRunning else {
        return .interrupted(try InterruptedAttempt(attempt, in: store), attempt)
      }
      let left = deadline.map { $0 - Clock.monotonicSeconds() } ?? pause
      if left <= 0 { throw stillRunning(attempt, name) }
      Clock.sleep(seconds: min(pause, left))
      pause = min(pause * 2, 0.5)
    }
  }

  /// - Throws: an error when the record with this token can't be read.
  private func find(_ name: String) throws(ReleasesError) -> Attempt? {
    if let token = AttemptToken(name), let found = try store.attempts.attempt(token) {
      return found.attempt
    }
    return try store.attempts.all().named(name)
  }

  private func unknown(_ name: String) -> ReleasesError {
    ReleasesError(
      .noSuchAttempt, "no deployment with the request or ref \(name) is recorded",
      hint: Hint("see the last transactions", command: ["history", "--limit", "10"]))
  }

  private func stillRunning(_ attempt: Attempt, _ name: String) -> ReleasesError {
    ReleasesError(
      .stillRunning,
      "the \(attempt.noun) that \(verbatim: attempt.user) began at \(attempt.started.rfc3339)"
        + " is still running",
      hint: Hint("wait longer", command: ["wait", name]))
  }
}
