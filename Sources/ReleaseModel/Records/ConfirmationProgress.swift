package import FoundationEssentials
package import Text

/// How far the confirmation of a switch or a restart has come: the content of
/// `.releases/confirmation.json`, which exists while a hook or a health check decides. After a restart
/// that failed or was interrupted it stays until a later one is confirmed.
package struct ConfirmationProgress: Codable, Equatable, Sendable {
  /// What a switch waits for.
  package enum Stage: String, Codable, Sendable {
    case hook, health
  }

  /// What is confirmed.
  package enum Operation: String, Codable, Sendable {
    case activate, rollback, restart, recover
  }

  /// The process that writes the progress.
  package struct Writer: Codable, Equatable, Sendable {
    package let bootID: String
    package let pid: Int32
    package let processStart: UInt64
  }

  package private(set) var format = Layout.format
  /// The journal sequence of the switch, so that what a killed command left is never taken for
  /// another switch. For a restart, which has no entry, that of the last entry.
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
  /// What is confirmed; nil in a file of an older version, which only records switches.
  package var operation: Operation?
  /// The process that writes it; nil in a file of an older version.
  package var writer: Writer?
  /// Why it was not confirmed; nil while that is open.
  package private(set) var problem: String?

  package init(
    sequence: UInt64, release: String, isRestoring: Bool, stage: Stage, since: Date,
    timeLimit: Int64, attempts: Int = 0, operation: Operation? = nil, by actor: Actor? = nil,
    problem: Message? = nil
  ) {
    self.sequence = sequence
    self.release = release
    self.isRestoring = isRestoring
    self.stage = stage
    self.since = since
    self.timeLimit = timeLimit
    self.attempts = attempts
    self.operation = operation
    writer = actor.map {
      Writer(bootID: $0.bootID, pid: $0.pid, processStart: $0.processStart)
    }
    self.problem = problem.map { JournalText.truncated($0, to: JournalText.note) }
  }

  /// Returns the progress of a confirmation that has failed.
  package func failed(because problem: Message) -> ConfirmationProgress {
    var progress = self
    progress.problem = JournalText.truncated(problem, to: JournalText.note)
    return progress
  }

  /// Whether it says something about the service that outlives the command: it is about a restart, or
  /// about a failure.
  package var isRecord: Bool { operation == .restart || problem != nil }

  /// The keys on disk.
  private enum CodingKeys: String, CodingKey {
    case format, sequence, release
    case isRestoring = "restoring"
    case stage, since
    case timeLimit = "limit"
    case attempts, operation, writer, problem
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
