package import Configuration
internal import Linux
internal import ReleaseModel

/// The health check of a release.
package struct HealthCheck: ~Copyable {
  private let health: Configuration.Health
  private let probe: HealthProbe

  /// - Parameters:
  ///   - service: the systemd unit that runs the release; nil where none is configured.
  ///   - subject: the live release.
  package init(
    _ health: Configuration.Health, service: String?, of subject: HealthSubject,
    in directories: consuming ReleaseDirectories, _ caller: CallerEnvironment
  ) {
    self.health = health
    probe = HealthProbe(health, service: service, of: subject, in: directories, caller)
  }

  /// Tries until the release is healthy as many times in a row as configured, or the time is up.
  /// INT, TERM and QUIT must be held by the caller, and reported by `stop`.
  ///
  /// - Parameters:
  ///   - stop: called about ten times a second.
  ///   - tried: gets every try.
  package func wait(
    stop: StopCheck, tried: @Sendable (HealthAttempt) -> Void
  ) -> HealthReport {
    var course = HealthCourse(health)
    while course.isOpen {
      let result = probe.run(within: course.secondsForNext) {
        course.stopped = stop()
        return course.stopped != nil
      }
      if course.stopped != nil { break }
      tried(course.add(result))
      course.pause(stop)
    }
    return course.report
  }

  /// Tries once, for at most ten seconds.
  package func once() -> HealthAttempt {
    var course = HealthCourse(health)
    return course.add(probe.run(within: HealthCourse.longestTry) { false })
  }
}

/// The tries so far, and whether there will be more.
private struct HealthCourse {
  /// In seconds.
  static let longestTry = 10.0
  /// In seconds; doubled from pause to pause. What has just been started is often there in less
  /// than the interval, and each of these seconds nobody is served.
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

  var secondsForNext: Double { min(Self.longestTry, secondsLeft) }
  var isOpen: Bool { !isHealthy && !isFinal && stopped == nil && secondsLeft > 0 }

  mutating func add(_ result: HealthProbe.Result) -> HealthAttempt {
    let attempt = HealthAttempt(
      number: (last?.number ?? 0) + 1, seconds: seconds, problem: result.problem,
      answer: result.answer)
    successesInARow = attempt.isHealthy ? successesInARow + 1 : 0
    isFinal = result.isFinal
    last = attempt
    return attempt
  }

  /// Waits for the next try, where there will be one: for the interval, and less between the
  /// first tries, until one succeeds.
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
    let why = last?.problem.map { ": \($0)" } ?? ""
    if let stopped {
      return "the health check was stopped after \(elapsed(seconds)) \(stopped)\(why)"
    }
    if isFinal { return "its health can't be checked\(why)" }
    let tries = last.map { $0.number == 1 ? " after 1 try" : " after \($0.number) tries" } ?? ""
    let row =
      successesInARow > 0 ? ", only \(successesInARow) of \(health.successes) times in a row" : ""
    return "not healthy within \(health.timeout)\(row)\(tries)\(why)"
  }
}
