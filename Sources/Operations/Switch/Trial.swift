internal import Linux

/// How a release that has just become live was tried out: its activate hook, then its health.
struct Trial: Sendable {
  private(set) var steps: [Step] = []
  /// Why it does not count as working; nil when it does.
  private(set) var problem: String?
  /// It was stopped before it was over.
  private(set) var stopped: StopReason?
  /// What was printed or answered last, where it failed.
  private(set) var lastWords: String?
  /// Where more is to be read.
  private(set) var log: String?

  /// What hook and health check may not have noticed: that the release is gone.
  mutating func expectLive(_ current: ReleaseLink, _ id: ReleaseID) {
    guard problem == nil, current.release != id else { return }
    problem = current.problem(named: Layout.current) ?? "\(Layout.current) does not lead to it"
  }

  fileprivate mutating func add(_ report: HookReport, as name: String) {
    steps.append(Step(report, as: name))
    guard !report.isSuccess else { return }
    problem = report.problem
    if case .stopped(let reason) = report.ending { stopped = reason }
    lastWords = report.lastWords
    log = report.log
  }

  fileprivate mutating func add(_ report: HealthReport, as name: String) {
    steps.append(Step(report, as: name))
    guard !report.isHealthy else { return }
    problem = report.problem
    stopped = report.stopped
    lastWords = report.last?.answer
  }
}

extension Configuration {
  /// A switch is only done when something says that the release works.
  var asksForConfirmation: Bool { hooks.activate != nil || health != nil }
}

extension Store {
  /// Lets the service use a release that is live, and waits until it works.
  ///
  /// - Parameters:
  ///   - previous: what was live before.
  ///   - event: what the hook is told of its occasion.
  ///   - prefix: of the names of the steps.
  func tryOut(
    _ id: ReleaseID, previous: ReleaseID?, event: String, prefix: String = "",
    _ configuration: Configuration, _ environment: Environment, stop: StopQuestion
  ) -> Trial {
    var trial = Trial()
    if let hook = configuration.hooks.activate {
      let call = HookCall(
        .activate, hook, id: id, previous: previous, ref: ref(of: id), event: event)
      let report = runActivateHook(call, configuration, environment, stop: stop)
      trial.add(report, as: prefix + "activate")
      if trial.problem != nil { return trial }
    }
    if let health = configuration.health {
      environment.watch(.healthBegins(id, health))
      let report = waitForHealth(
        health, of: id, configuration, environment, stop: stop,
        attempt: { environment.watch(.healthTried($0)) })
      environment.watch(.healthEnded(report))
      trial.add(report, as: prefix + "health")
    }
    return trial
  }

  /// Runs the activate hook. Where a unit is configured, its start limit is reset first, so that
  /// failed starts of one release can't block the restart of another.
  func runActivateHook(
    _ call: HookCall, _ configuration: Configuration, _ environment: Environment,
    stop: StopQuestion
  ) -> HookReport {
    if let unit = configuration.service {
      StartLimitReset(unit: unit).run(environment, stop: stop)
    }
    return runWatched(call, environment, stop: stop)
  }

  /// Runs a hook and lets those who watch see it.
  func runWatched(
    _ call: HookCall, _ environment: Environment, stop: StopQuestion
  ) -> HookReport {
    environment.watch(.hookBegins(call))
    let report = run(call, environment, stop: stop) { environment.watch(.hookPrinted($0)) }
    environment.watch(.hookEnded(report))
    return report
  }

  /// What a release was built from, where that is known.
  func ref(of id: ReleaseID) -> String? {
    guard case .found(let entry)? = try? catalogEntry(id) else { return nil }
    return entry.ref
  }
}

extension Step {
  init(_ report: HookReport, as name: String) {
    self.init(name, seconds: report.seconds)
    if case .stopped = report.ending {
      outcome = .stopped
    } else if !report.isSuccess {
      outcome = .failed
    }
    detail = report.problem
    lines = report.lastLines
    log = report.log
  }

  fileprivate init(_ report: HealthReport, as name: String) {
    self.init(name, seconds: report.seconds)
    outcome = report.stopped != nil ? .stopped : report.isHealthy ? .done : .failed
    detail = report.problem ?? report.last?.answer
    if !report.isHealthy, let answer = report.last?.answer { lines = [answer] }
  }
}
