internal import Configuration
internal import HostPrograms
internal import ReleaseModel
internal import ReleaseStore
internal import Text

/// The result of the activate hook and the health check of a release that has just become live.
struct Confirmation: Sendable {
  private(set) var steps: [Step] = []
  /// Why it is not confirmed; nil when it is.
  private(set) var problem: Message?
  /// Why the hook failed; nil when it did not, or there is none.
  private(set) var hookProblem: Message?
  /// Whether the hook failed because sudo(8) does not permit its command.
  private(set) var isRefusedBySudo = false
  /// Why the hook or the health check was stopped; nil when it was not.
  private(set) var stopped: StopReason?
  /// The last output of the hook or response of the health check that failed.
  private(set) var lastOutput: Message?
  /// The path of the log of the hook that failed.
  private(set) var log: String?
  /// Which release served instead; nil when that is unknown or another problem came first.
  private(set) var serving: ServingRelease?

  /// What has kept this user from asking the release, which is not the release's fault; nil for nothing.
  private(set) var denial: SocketDenial?

  /// Why the host could not start the release, which is not the release's fault; nil when it could.
  var refusal: ReleasesError?

  /// Adds a problem when the release is no longer live, which the hook and the health check may not
  /// have noticed.
  mutating func expectLive(_ current: ReleaseLink, _ id: ReleaseID) {
    guard problem == nil, current.release != id else { return }
    problem = current.problem(named: Layout.current) ?? "\(Layout.current) does not point to it"
  }

  fileprivate mutating func add(_ report: HookReport, named name: String) {
    steps.append(Step(report, named: name))
    guard !report.isSuccess else { return }
    problem = report.problem
    hookProblem = report.problem
    isRefusedBySudo = report.isRefusedBySudo
    if case .stopped(let reason) = report.ending { stopped = reason }
    lastOutput = report.mostRelevantLine.map { Message($0) }
    log = report.log
  }

  /// Adds why a unit has died during the hook that failed. What the release printed says more than
  /// what systemctl says about it.
  fileprivate mutating func add(_ death: ReleaseDeath) {
    lastOutput = death.mostRelevantLine.map { Message($0) } ?? lastOutput
  }

  /// Adds the start of an instance.
  ///
  /// - Parameters:
  ///   - failure: why it failed; nil when it did not.
  ///   - seconds: how long it took.
  ///   - death: how a unit died during the start; nil when none did.
  ///   - reason: why it was stopped; nil when it was not.
  ///   - name: the name of the step.
  mutating func addStart(
    _ failure: Message?, seconds: Double, _ death: ReleaseDeath?, stopped reason: StopReason?,
    named name: String
  ) {
    var step = Step(name, seconds: seconds)
    if let failure {
      step.ending = reason == nil ? .failed : .stopped
      step.detail = failure
      step.lines = death?.lines.map { Message($0) } ?? []
      problem = failure
      stopped = reason
      lastOutput = death?.mostRelevantLine.map { Message($0) }
    }
    steps.append(step)
  }

  mutating func add(_ report: HealthReport, named name: String) {
    steps.append(Step(report, named: name))
    guard !report.isHealthy else { return }
    problem = report.problem
    stopped = report.stopped
    denial = report.denial
    lastOutput = report.death.map { $0.mostRelevantLine.map { Message($0) } } ?? report.last?.answer
    if report.death == nil { serving = report.last?.serving }
  }
}

extension ReleasePrograms {
  /// Lets the service use a release that is live, and waits until it is healthy.
  ///
  /// - Parameters:
  ///   - id: the live release.
  ///   - place: the place that is live instead of the release; nil for the release.
  ///   - previous: the release that was live before.
  ///   - event: the value of `RELEASES_EVENT` for the hook.
  ///   - prefix: the prefix of the names of the steps.
  ///   - configuration: the configuration of the store.
  ///   - stop: called about ten times a second.
  /// - Returns: whether the release is confirmed, and otherwise the problem.
  func confirm(
    _ id: ReleaseID, place: ForeignPlace? = nil, previous: ReleaseID?, event: String,
    prefix: String = "", _ configuration: Configuration, stop: StopCheck
  ) -> Confirmation {
    var confirmation = Confirmation()
    let before = lifeBaseline(configuration, of: id)
    if let hook = configuration.hooks.activate {
      var call = HookCall(
        .activate, hook, id: id, previous: previous,
        ref: place == nil ? store.catalog.ref(of: id) : nil, event: event)
      call.place = place
      let report = runActivateHook(call, configuration, stop: stop)
      confirmation.add(report, named: prefix + "activate")
      if confirmation.problem != nil {
        if confirmation.stopped == nil,
          let death = before?.deathDuringHook(environment.caller, stop: stop)
        {
          environment.observer.step(.died(death))
          confirmation.add(death)
        }
        return confirmation
      }
    }
    if let health = configuration.health {
      let report = waitForHealth(
        health, of: id, place: place, configuration, since: before, stop: stop)
      confirmation.add(report, named: prefix + "health")
    }
    return confirmation
  }
}
