package import FoundationEssentials

/// How far the confirmation of a switch has come: the content of `.releases/confirmation.json`,
/// which exists while a hook or a health check decides about a switch.
package struct ConfirmationProgress: Codable, Equatable, Sendable {
  /// What a switch waits for.
  package enum Stage: String, Codable, Sendable {
    case hook, health
  }

  package private(set) var format = Layout.format
  /// The journal sequence of the switch, so that what a killed command left is never taken for
  /// another switch.
  package let sequence: UInt64
  /// The release that the hook or the health check is about, or the text of the link to a place that
  /// is not a release.
  package let release: String
  /// Whether it is the release that was live before, which is being restored.
  package let isRestoring: Bool
  package let stage: Stage
  /// When the hook or the health check began.
  package let since: Date
  /// The time limit of the hook or the health check, in seconds.
  package let timeLimit: Int64
  /// How many attempts of the health check have ended.
  package var attempts: Int

  package init(
    sequence: UInt64, release: String, isRestoring: Bool, stage: Stage, since: Date,
    timeLimit: Int64, attempts: Int = 0
  ) {
    self.sequence = sequence
    self.release = release
    self.isRestoring = isRestoring
    self.stage = stage
    self.since = since
    self.timeLimit = timeLimit
    self.attempts = attempts
  }

  /// The keys on disk.
  private enum CodingKeys: String, CodingKey {
    case format, sequence, release
    case isRestoring = "restoring"
    case stage, since
    case timeLimit = "limit"
    case attempts
  }

  /// What is waited for, such as "waiting for health".
  package var activity: String {
    switch stage {
    case .hook: "running the activate hook"
    case .health: "waiting for health"
    }
  }

  /// Returns what is waited for and for how long, such as "waiting for health,
  /// 12 of 60 s, attempt 7".
  package func text(now: Date) -> String {
    let seconds = max(0, Int64(now.timeIntervalSince(since)))
    let attempt = attempts > 0 ? ", attempt \(attempts)" : ""
    return "\(activity), \(seconds) of \(timeLimit) s\(attempt)"
  }
}
