internal import Configuration
package import HostPrograms
internal import Linux
package import ReleaseModel
package import ReleaseStore
package import Text

/// How a restart ended.
package struct RestartResult: Sendable {
  /// The live release.
  package let id: ReleaseID
  /// What `previous` points to.
  package let previous: ReleaseID?
  /// The release that `rollback` would choose.
  package let rollbackTarget: ReleaseID?
  /// Whether the hook has replaced the processes of the service.
  package var change = ProcessChange.unknown
  /// Whether a health check is configured.
  package let hasHealth: Bool
  package var steps: [Step] = []
  /// What the recovery of an interrupted command did first, or would do, one line each.
  package fileprivate(set) var recovered: [Message] = []
}

/// Restarts the service with the live release: `restart`. An instance is stopped and started, since the
/// same release can't have two. The lock is held meanwhile, so no switch runs at the same time. Neither
/// the links nor the catalog change, so there is nothing to recover after an interruption, and the
/// history has no entry. A restart that failed or was interrupted stays recorded in
/// `.releases/confirmation.json`.
package struct Restarter {
  let store: Store
  let environment: Environment

  package init(_ store: Store, _ environment: Environment) {
    self.store = store
    self.environment = environment
  }

  private var programs: ReleasePrograms {
    ReleasePrograms(store: store, environment: environment)
  }

  /// Plans a restart for a dry run: from the state that the recovery of an interrupted transaction will
  /// leave.
  ///
  /// - Returns: the plan, and what is recovered first; nil for nothing.
  /// - Throws: what ``plan(from:)`` throws.
  package func planAfterRecovery() throws(ReleasesError) -> (
    plan: RestartResult, recovery: PendingRecovery?
  ) {
    let outlook = try RecoveryOutlook(store, environment)
    var plan = try plan(from: outlook.snapshot)
    plan.recovered = outlook.recovery?.sentences ?? []
    return (plan, outlook.recovery)
  }

  /// Returns what would be restarted. Changes nothing.
  ///
  /// - Parameter known: the facts of the store, such as those after a recovery; nil to read them.
  /// - Returns: the plan.
  /// - Throws: `noSuchRelease` when nothing is live; `configuration` when there is no activate hook, or when
  ///   systemd does not know a new unit; otherwise the error of a preflight check.
  package func plan(from known: Snapshot? = nil) throws(ReleasesError) -> RestartResult {
    let snapshot = if let known { known } else { try store.snapshot() }
    let preflight = Preflight(store: store)
    try preflight.refuseUnlessLinks(snapshot)
    let id = try snapshot.release(named: Layout.current)
    let configuration = try store.configuration()
    guard configuration.hooks.activate != nil || configuration.instances != nil else {
      throw ReleasesError(
        .configuration,
        "can't restart \(id): \(path: store.path(Layout.configuration)) has no activate hook",
        hint: Hint("add the command that restarts the service; see", shell: "man releases.yaml"))
    }
    try refuseUnknownUnits(configuration, of: id)
    if let instances = configuration.instances,
      let problem = LiveLink(instances.layout).problem()
    {
      throw problem
    }
    try preflight.refuseIfOthersMayChange(id)
    try programs.refuseUnusable(activate: configuration, in: id)
    try SharedPaths(store: store).refuseUnusable(for: id, configuration)
    return RestartResult(
      id: id, previous: snapshot.previous.release, rollbackTarget: snapshot.rollbackTarget,
      hasHealth: configuration.health != nil)
  }

  /// Runs the activate hook for the live release, or restarts its instance, and waits until it is healthy.
  ///
  /// - Parameter seconds: how long to wait for the lock.
  /// - Returns: how it ended.
  /// - Throws: ``OperationFailure`` when it is refused, or with `needsPerson` when the hook or the
  ///   health check fails or is stopped by a signal.
  package func run(waitingUpTo seconds: Double) throws(OperationFailure) -> RestartResult {
    let start = Clock.monotonicSeconds()
    var trace = OperationTrace()
    do throws(ReleasesError) {
      var result = try withTransaction(on: store, environment, waitingUpTo: seconds) {
        transaction throws(ReleasesError) in
        trace.recovered = transaction.recovered
        trace.steps.append(Step("lock", seconds: Clock.monotonicSeconds() - start))
        var plan = try plan()
        trace.id = plan.id
        plan.change = try restart(plan, &trace)
        return plan
      }
      result.steps = trace.steps
      result.recovered = trace.recovered
      return result
    } catch {
      throw OperationFailure(error, trace)
    }
  }

  private func restart(
    _ plan: RestartResult, _ trace: inout OperationTrace
  ) throws(ReleasesError) -> ProcessChange {
    // A signal stops the hook or the wait, and ends this process when that has been reported.
    let signals = Signals.holdTermination()
    defer { signals.release() }
    let configuration = try store.configuration()
    let recorder = ConfirmationRecorder(restartIn: store, environment.actor)
    let programs = ReleasePrograms(store: store, environment: recorder.recording(environment))
    let before = programs.lifeBaseline(configuration, of: plan.id)
    let earlier = configuration.instances.flatMap {
      EarlierInstances(unlike: $0.layout, in: store, environment)
    }
    let former = earlier?.layout(running: plan.id)
    if let instances = configuration.instances {
      try store.recordStart(at: instances.layout, environment)
      try stopOthers(than: plan.id, instances, earlier)
    }
    let stop: StopCheck = { Signals.pendingTermination().map { .signal($0) } }
    let instances = configuration.instances.map {
      ReleaseInstances($0.layout, store, programs.environment)
    }
    var confirmation =
      instances?.start(plan.id, configuration, restarts: true, stop: stop)
      ?? programs.confirm(
        plan.id, previous: plan.previous, event: "restart", configuration, stop: stop)
    trace.steps += confirmation.steps
    if confirmation.problem != nil, let former {
      restore(plan.id, at: former, instead: instances, configuration, &trace)
    }
    // The service was restarted if only its health can't be asked.
    if let refusal = confirmation.refusal, confirmation.denial == nil {
      recorder.end()
      throw refusal
    }
    if case .signal(let number)? = confirmation.stopped {
      trace.signal = number
      Signals.holdTerminationForGood()
    }
    confirmation.expectLive(try store.links.link(Layout.current), plan.id)
    recorder.end(confirmation.problem)
    if let problem = confirmation.problem {
      throw ReleasesError(
        .needsPerson,
        confirmation.stopped.map { "the restart of \(plan.id) was stopped \($0)" }
          ?? "release \(plan.id) failed after a restart: \(problem)",
        hint: try hint(plan, confirmation), cause: confirmation.lastOutput)
    }
    if let instances {
      try instances.live.point(to: plan.id)
      earlier?.pointLinks()
    } else {
      for notice in Preflight(store: store).leftInstances(environment) {
        environment.observer.warn(notice)
      }
    }
    guard let before, let after = programs.lifeBaseline(configuration, of: plan.id) else {
      return .unknown
    }
    return before.change(until: after)
  }

  /// Refuses to stop an instance that was started with an earlier configuration, if systemd does not know the
  /// units that are configured now.
  ///
  /// - Throws: `configuration`.
  private func refuseUnknownUnits(
    _ configuration: Configuration, of id: ReleaseID
  ) throws(ReleasesError) {
    guard let layout = configuration.instances?.layout,
      store.runningLayout(of: id, layout, environment) != layout
    else { return }
    let states = ServiceState.all(
      configuration.units(of: id), releases: store.releases,
      environment.caller.asking(layout.manager))
    guard let unknown = states.first(where: { !$0.isKnown }) else { return }
    throw ReleasesError(
      .configuration, "systemd does not know the unit \(unknown.unit)",
      hint: .unknownUnit(in: store))
  }

  /// Starts an instance again where it ran before a restart that has failed. A failure only causes a warning.
  private func restore(
    _ id: ReleaseID, at former: InstanceLayout, instead failed: ReleaseInstances?,
    _ configuration: Configuration, _ trace: inout OperationTrace
  ) {
    failed?.stopOrWarn(id)
    let place = ReleaseInstances(former, store, environment)
    let restored = place.start(
      id, configuration.placing(former).forCandidate, prefix: "restore-", stop: { nil })
    trace.steps += restored.steps
    do throws(ReleasesError) {
      if let problem = restored.problem {
        throw ReleasesError(
          .failed, "the earlier instance of \(id) was started again, but \(problem)")
      }
      try place.live.point(to: id)
      environment.observer.warn("the earlier instance of \(id) was started again and is healthy")
    } catch {
      environment.observer.warn(Notice(error))
    }
  }

  /// Stops what may not run beside the instance that is started: one of the same release that was started
  /// with an earlier configuration, and without overlap every other one.
  ///
  /// - Throws: `failed` when systemd can't be asked, or one can't be stopped.
  private func stopOthers(
    than id: ReleaseID, _ configured: Configuration.Instances, _ earlier: EarlierInstances?
  ) throws(ReleasesError) {
    let releases = ReleaseInstances(configured.layout, store, environment)
    let elsewhere = earlier?.running ?? []
    let others =
      configured.overlap ? [] : try releases.ownRunning().union(elsewhere).filter { $0 != id }
    let olds = others.sorted { $0.text < $1.text } + (elsewhere.contains(id) ? [id] : [])
    for old in olds {
      let isOther = old != id
      environment.observer.step(.instanceStops(old))
      guard
        let problem = earlier?.stop(old)
          ?? (isOther ? releases.stop(configured.layout.units(of: old)) : nil)
      else { continue }
      throw ReleasesError(
        .failed, "can't stop the instance of \(old)",
        hint: Hint("find out what is missing", command: ["check"]), cause: problem)
    }
  }

  private func hint(
    _ plan: RestartResult, _ confirmation: Confirmation
  ) throws(ReleasesError) -> Hint {
    if confirmation.denial != nil, let hint = confirmation.refusal?.hint { return hint }
    if case .another(let id, let pid, nil)? = confirmation.serving {
      return .endLeftover(
        "if process \(pid) is a leftover of \(id), end it, then restart again", pid)
    }
    if confirmation.isRefusedBySudo {
      return .sudoRule("\(plan.id) is still live, but sudo does not permit the activate hook")
    }
    guard confirmation.stopped == nil, let target = try store.snapshot().rollbackTarget else {
      return Hint("\(plan.id) is still live; see what the service runs", command: ["status"])
    }
    return Hint("\(plan.id) is still live; to return to \(target)", command: ["rollback"])
  }
}
