package import Configuration
internal import Linux
internal import ReleaseModel
package import StoreSupport
internal import Text

/// The configured health check of a release.
package struct HealthCheck: ~Copyable {
  private let health: Configuration.Health
  private let probe: HealthProbe

  /// - Parameters:
  ///   - health: what the configuration says about the check.
  ///   - service: the systemd unit that runs the release; nil if none is configured.
  ///   - subject: the live release.
  ///   - directories: the directories of the store.
  ///   - caller: what programs get from the caller.
  package init(
    _ health: Configuration.Health, service: String?, of subject: HealthSubject,
    in directories: StoreDirectories, _ caller: CallerEnvironment
  ) {
    self.health = health
    probe = HealthProbe(health, service: service, of: subject, in: directories, caller)
  }

  /// Checks until the release is healthy as many times in a row as configured, or the time limit
  /// expires. The caller must block SIGINT, SIGTERM and SIGQUIT, and report them through `stop`.
  ///
  /// - Parameters:
  ///   - stop: called about ten times a second.
  ///   - onAttempt: receives each attempt.
  /// - Returns: how the check ended.
  package func wait(
    stop: StopCheck, onAttempt: @Sendable (HealthAttempt) -> Void
  ) -> HealthReport {
    var attempts = HealthAttempts(health)
    while attempts.isOpen {
      let result = probe.run(within: attempts.secondsForNext) {
        attempts.stopped = stop()
        return attempts.stopped != nil
      }
      if attempts.stopped != nil { break }
      onAttempt(attempts.add(result))
      attempts.pause(stop)
    }
    return attempts.report
  }

  /// Checks once, for at most ten seconds.
  package func once() -> HealthAttempt {
    var attempts = HealthAttempts(health)
    return attempts.add(probe.run(within: HealthAttempts.timeLimit) { false })
  }
}

/// The attempts so far, which decide whether there will be more.
private struct HealthAttempts {
  /// How long one attempt may take, in seconds.
  static let timeLimit = 10.0
  /// The first pause in seconds, which is doubled each time. A service often starts in less than the
  /// interval, and a deployment should not take longer than necessary.
  private static let firstPause = 0.1

  private let health: Configuration.Health
  private let start = Clock.monotonicSeconds()
  private var last: HealthAttempt?
  private var successesInARow = 0
  private var isFinal = false
  private var nextPause = Self.firstPause
  var stopped: StopReason?

  init(_ health: Configuration.Health) { self.health = health }

  private var seconds: Double { Clock.monotonicSeconds() - start }
  private var secondsLeft: Double { Double(health.timeout.seconds) - seconds }
  private var isHealthy: Bool { successesInARow >= health.successes }

  var secondsForNext: Double { min(Self.timeLimit, secondsLeft) }
  var isOpen: Bool { !isHealthy && !isFinal && stopped == nil && secondsLeft > 0 }

  mutating func add(_ result: HealthProbe.Result) -> HealthAttempt {
    let attempt = HealthAttempt(
      number: (last?.number ?? 0) + 1, seconds: seconds,
      problem: result.problem.map { Secrets.masked($0) },
      answer: result.answer.map { Secrets.masked($0) })
    successesInARow = attempt.isHealthy ? successesInARow + 1 : 0
    isFinal = result.isFinal
    last = attempt
    return attempt
  }

  /// Waits until the next attempt, if there will be one: the interval, or less before the first
  /// success.
  mutating func pause(_ stop: StopCheck) {
    let interval = Double(health.interval.seconds)
    let end = seconds + (successesInARow > 0 ? interval : min(nextPause, interval))
    nextPause *= 2
    while isOpen, case let left = end - seconds, left > 0 {
      Clock.sleep(seconds: min(left, secondsLeft, 0.1))
      stopped = stop()
    }
  }

  var report: HealthReport {
    HealthReport(
      isHealthy: isHealthy, attempts: last?.number ?? 0, seconds: seconds, last: last,
      stopped: stopped, problem: problem)
  }

  private var problem: String? {
    if isHealthy { return nil }
    let reason = last?.problem.map { ": \($0)" } ?? ""
    if let stopped {
      return "the health check was stopped after \(elapsed(seconds)) \(stopped)\(reason)"
    }
    if isFinal { return "its health can't be checked\(reason)" }
    let count =
      last.map { $0.number == 1 ? " after 1 attempt" : " after \($0.number) attempts" } ?? ""
    let row =
      successesInARow > 0 ? ", only \(successesInARow) of \(health.successes) times in a row" : ""
    return "not healthy within \(health.timeout)\(row)\(count)\(reason)"
  }
}
