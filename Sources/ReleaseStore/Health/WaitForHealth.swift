internal import Linux

extension Store {
  /// Tries until the release is healthy so many times in a row, or the time is up.
  ///
  /// INT, TERM and QUIT are the caller's: held back, and asked for by `stop`.
  ///
  /// - Parameters:
  ///   - id: the release that is live now.
  ///   - stop: asked some ten times a second.
  ///   - attempt: told of every try.
  package func waitForHealth(
    _ health: Configuration.Health, of id: ReleaseID, _ configuration: Configuration,
    _ environment: Environment, stop: StopQuestion, attempt: @Sendable (HealthAttempt) -> Void
  ) -> HealthReport {
    let check = HealthTry(health, of: id, in: self, configuration, environment)
    var course = HealthCourse(health)
    while course.isOpen {
      let result = check.run(within: course.secondsForNext) {
        course.stopped = stop()
        return course.stopped != nil
      }
      if course.stopped != nil { break }
      attempt(course.add(result))
      course.pause(stop)
    }
    return course.report
  }

  /// Tries once, for at most ten seconds.
  package func lookAtHealth(
    _ health: Configuration.Health, of id: ReleaseID, _ configuration: Configuration,
    _ environment: Environment
  ) -> HealthAttempt {
    var course = HealthCourse(health)
    let check = HealthTry(health, of: id, in: self, configuration, environment)
    return course.add(check.run(within: HealthCourse.longestTry) { false })
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
  private var isHopeless = false
  private var nextPause = Self.firstPause
  var stopped: StopReason?

  init(_ health: Configuration.Health) { self.health = health }

  private var seconds: Double { Clock.monotonicSeconds() - start }
  private var secondsLeft: Double { Double(health.timeout.seconds) - seconds }
  private var isHealthy: Bool { successesInARow >= health.successes }

  var secondsForNext: Double { min(Self.longestTry, secondsLeft) }
  var isOpen: Bool { !isHealthy && !isHopeless && stopped == nil && secondsLeft > 0 }

  mutating func add(_ result: HealthTry.Result) -> HealthAttempt {
    let attempt = HealthAttempt(
      number: (last?.number ?? 0) + 1, seconds: seconds, problem: result.problem,
      answer: result.answer)
    successesInARow = attempt.isHealthy ? successesInARow + 1 : 0
    isHopeless = result.isHopeless
    last = attempt
    return attempt
  }

  /// Waits for the next try, where there will be one: for the interval, and less between the
  /// first tries, until one succeeds.
  mutating func pause(_ stop: StopQuestion) {
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
    if isHopeless { return "its health can't be checked\(why)" }
    let tries = last.map { $0.number == 1 ? " after 1 try" : " after \($0.number) tries" } ?? ""
    let row =
      successesInARow > 0 ? ", only \(successesInARow) of \(health.successes) times in a row" : ""
    return "not healthy within \(health.timeout)\(row)\(tries)\(why)"
  }
}
