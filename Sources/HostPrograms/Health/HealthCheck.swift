package import Configuration
internal import Linux
internal import ReleaseModel
package import StoreSupport
internal import Text

/// The configured health check of a release.
package struct HealthCheck: ~Copyable {
  private let health: Configuration.Health
  private let subject: HealthSubject
  private let directories: StoreDirectories
  private let caller: CallerEnvironment
  private let probe: HealthProbe

  /// - Parameters:
  ///   - health: what the configuration says about the check.
  ///   - services: the systemd units that run the release; empty if none is configured.
  ///   - subject: the live release.
  ///   - directories: the directories of the store.
  ///   - caller: what programs get from the caller.
  package init(
    _ health: Configuration.Health, services: [String], of subject: HealthSubject,
    in directories: StoreDirectories, _ caller: CallerEnvironment
  ) {
    self.health = health
    self.subject = subject
    self.directories = directories
    self.caller = caller
    probe = HealthProbe(health, services: services, of: subject, in: directories, caller)
  }

  /// Checks until the release is healthy as many times in a row as configured, it has died, or the
  /// time limit expires. The caller must block SIGINT, SIGTERM and SIGQUIT, and report them through
  /// `stop`.
  ///
  /// - Parameters:
  ///   - before: what ran before the hook; nil when it was not recorded, so that no death is noticed.
  ///   - stop: called about ten times a second.
  ///   - onAttempt: receives each attempt.
  /// - Returns: how the check ended.
  package func wait(
    since before: LifeBaseline?, stop: StopCheck, onAttempt: @Sendable (HealthAttempt) -> Void
  ) -> HealthReport {
    var attempts = HealthAttempts(health)
    var address: HealthAddress?
    var watch = before.map { LifeWatch($0, health, of: subject.id, in: directories, caller) }
    /// Returns whether to end the wait.
    func isOver() -> Bool {
      attempts.stopped = stop()
      if attempts.stopped == nil, attempts.death == nil {
        attempts.death = watch?.look(until: { stop() != nil })
      }
      return attempts.stopped != nil || attempts.death != nil
    }
    while !isOver(), attempts.isOpen {
      let result = probe.run(
        within: attempts.secondsForNext, at: address, isWaiting: true, stop: isOver)
      if attempts.stopped != nil || attempts.death != nil { break }
      if let answered = result.address {
        watch?.learn(answered)
        address = answered
      }
      onAttempt(attempts.add(result))
      let end = attempts.endOfPause()
      while attempts.isOpen, case let left = end - attempts.seconds, left > 0 {
        Clock.sleep(seconds: min(left, max(attempts.secondsLeft, 0), 0.1))
        if isOver() { break }
      }
    }
    return attempts.report
  }

  /// Checks once, for at most ten seconds.
  package func once() -> HealthAttempt {
    var attempts = HealthAttempts(health)
    return attempts.add(
      probe.run(within: HealthAttempts.timeLimit, isWaiting: false) { false })
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
  var death: ReleaseDeath?

  init(_ health: Configuration.Health) { self.health = health }

  var seconds: Double { Clock.monotonicSeconds() - start }
  var secondsLeft: Double { Double(health.timeout.seconds) - seconds }
  private var isHealthy: Bool { successesInARow >= health.successes }

  var secondsForNext: Double { min(Self.timeLimit, secondsLeft) }
  var isOpen: Bool {
    !isHealthy && !isFinal && stopped == nil && death == nil && secondsLeft > 0
  }

  mutating func add(_ result: HealthProbe.Result) -> HealthAttempt {
    let attempt = HealthAttempt(
      number: (last?.number ?? 0) + 1, seconds: seconds,
      problem: result.problem,
      answer: result.answer, serving: result.serving, denial: result.denial)
    successesInARow = attempt.isHealthy ? successesInARow + 1 : 0
    isFinal = result.isFinal
    last = attempt
    return attempt
  }

  /// Determines the pause before the next attempt: the interval, or less before the first success.
  ///
  /// - Returns: when it ends, in seconds since the start.
  mutating func endOfPause() -> Double {
    let interval = health.interval.seconds
    let end = seconds + (successesInARow > 0 ? interval : min(nextPause, interval))
    nextPause *= 2
    return end
  }

  var report: HealthReport {
    HealthReport(
      isHealthy: isHealthy, attempts: last?.number ?? 0, seconds: seconds, last: last,
      stopped: stopped, problem: problem, death: isHealthy ? nil : death)
  }

  private var problem: Message? {
    if isHealthy { return nil }
    let reason: Message = last?.problem.map { ": \($0)" } ?? ""
    if let stopped {
      return "the health check was stopped after \(elapsed(seconds)) \(stopped)\(reason)"
    }
    if let death { return death.problem }
    if isFinal { return "its health can't be checked\(reason)" }
    let count =
      last.map { $0.number == 1 ? " after 1 attempt" : " after \($0.number) attempts" } ?? ""
    let row =
      successesInARow > 0 ? ", only \(successesInARow) of \(health.successes) times in a row" : ""
    return "not healthy within \(health.timeout)\(row)\(count)\(reason)"
  }
}
