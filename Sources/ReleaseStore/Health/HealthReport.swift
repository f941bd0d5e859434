/// One look at whether a release works.
package struct HealthAttempt: Sendable {
  /// From 1.
  package let number: Int
  /// Since the first, in seconds.
  package let seconds: Double
  /// Why it does not, for people; nil when it does.
  package let problem: String?
  /// The beginning of what was answered, legible.
  package let answer: String?
}

/// How the waiting for a release to work ended.
package struct HealthReport: Sendable {
  package let isHealthy: Bool
  package let attempts: Int
  package let seconds: Double
  package let last: HealthAttempt?
  /// Why it was given up before its time.
  package let stopped: StopReason?
  /// What went wrong, for people; nil when nothing did.
  package let problem: String?
}
