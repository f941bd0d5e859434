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

  /// How a deployment is named.
  package enum Name: Sendable {
    case token(String)
    /// The newest deployment of this ref is meant.
    case ref(String)
    /// A token, or else a ref.
    case either(String)

    var text: String {
      switch self {
      case .token(let text), .ref(let text), .either(let text): text
      }
    }

    /// The arguments of `wait` that name it.
    fileprivate var arguments: [String] {
      switch self {
      case .token(let text): ["--request", text]
      case .ref(let text): ["--ref", text]
      case .either(let text): [text]
      }
    }
  }

  let store: Store

  package init(_ store: Store) { self.store = store }

  /// Waits for the end of a deployment.
  ///
  /// - Parameters:
  ///   - name: its name.
  ///   - seconds: how long to wait; nil for no limit.
  /// - Returns: how it ended.
  /// - Throws: `noSuchAttempt` when there is no record of it, `stillRunning` when it takes longer,
  ///   another error when the store can't be read.
  package func wait(
    for name: Name, upTo seconds: Double?
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
  private func find(_ name: Name) throws(ReleasesError) -> Attempt? {
    if case .ref(let ref) = name { return try store.attempts.all().newest(ofRef: ref) }
    if let token = AttemptToken(name.text), let found = try store.attempts.attempt(token) {
      return found.attempt
    }
    if case .token = name { return nil }
    return try store.attempts.all().named(name.text)
  }

  private func unknown(_ name: Name) -> ReleasesError {
    let kind =
      switch name {
      case .token: "request"
      case .ref: "ref"
      case .either: "request or ref"
      }
    return ReleasesError(
      .noSuchAttempt, "no deployment with the \(kind) \(name.text) is recorded",
      hint: Hint("see the last transactions", command: ["history", "--limit", "10"]))
  }

  private func stillRunning(_ attempt: Attempt, _ name: Name) -> ReleasesError {
    ReleasesError(
      .stillRunning,
      "the \(attempt.noun) that \(verbatim: attempt.user) began at \(attempt.started.rfc3339)"
        + " is still running",
      hint: Hint("wait longer", command: ["wait"] + name.arguments))
  }
}
