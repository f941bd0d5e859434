/// One try of a health check.
package struct HealthAttempt: Sendable {
  /// 1, 2, 3 and so on.
  package let number: Int
  /// When it was over, since the check began.
  package let seconds: Double
  /// What is wrong, in one line; nil when it is healthy.
  package let problem: String?
  /// What was answered, and what could not be looked at, without control characters, at most 500
  /// bytes; nil when there was nothing.
  package let answer: String?

  package var isHealthy: Bool { problem == nil }
}

/// How a health check went.
package struct HealthReport: Sendable {
  package let isHealthy: Bool
  package let attempts: Int
  /// How long it took.
  package let seconds: Double
  package let last: HealthAttempt?
  /// Why it was given up; nil when it was not.
  package let stopped: StopReason?
  /// What went wrong, in one line; nil when it is healthy.
  package let problem: String?

  package init(
    isHealthy: Bool, attempts: Int, seconds: Double, last: HealthAttempt? = nil,
    stopped: StopReason? = nil, problem: String? = nil
  ) {
    self.isHealthy = isHealthy
    self.attempts = attempts
    self.seconds = seconds
    self.last = last
    self.stopped = stopped
    self.problem = problem
  }
}
