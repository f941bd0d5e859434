package import ReleaseModel
package import Text

/// One attempt of a health check.
package struct HealthAttempt: Sendable {
  /// The number of the attempt, from 1.
  package let number: Int
  /// When the attempt ended, counted from the start of the check.
  package let seconds: Double
  /// What is wrong, in one line; nil when it is healthy.
  package let problem: Message?
  /// The response or output, and what could not be determined, without control characters and of at
  /// most 500 bytes; nil when there is nothing.
  package let answer: Message?
  /// Which release serves; nil when that was not looked up.
  package let serving: ServingRelease?
  /// What keeps this user from connecting to the socket of the release; nil for nothing.
  package let denial: SocketDenial?

  package var isHealthy: Bool { problem == nil }
}

/// The end of a release during its health check.
package struct ReleaseDeath: Sendable {
  /// What has ended and how, in one line.
  package let problem: Message
  /// The last lines that the release printed; empty when they can't be read.
  package let lines: [String]

  /// The most relevant of the last lines; nil when there is none.
  package var mostRelevantLine: String? { lines.mostRelevantLine }
}

/// The result of a health check.
package struct HealthReport: Sendable {
  package let isHealthy: Bool
  /// How many attempts were made.
  package let attempts: Int
  /// How long the check took.
  package let seconds: Double
  /// The last attempt; nil when there was none.
  package let last: HealthAttempt?
  /// Why the check was stopped; nil when it was not.
  package let stopped: StopReason?
  /// What went wrong, in one line; nil when it is healthy.
  package let problem: Message?
  /// The death of the release that ended the check; nil when it did not die.
  package let death: ReleaseDeath?

  /// What has kept this user from connecting to the socket of the release until the end, so that nothing
  /// is known of its health; nil for nothing.
  package var denial: SocketDenial? {
    isHealthy || stopped != nil || death != nil ? nil : last?.denial
  }

  package init(
    isHealthy: Bool, attempts: Int, seconds: Double, last: HealthAttempt? = nil,
    stopped: StopReason? = nil, problem: Message? = nil, death: ReleaseDeath? = nil
  ) {
    self.isHealthy = isHealthy
    self.attempts = attempts
    self.seconds = seconds
    self.last = last
    self.stopped = stopped
    self.problem = problem
    self.death = death
  }
}
