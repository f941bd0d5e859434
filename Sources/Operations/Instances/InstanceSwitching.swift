internal import Configuration
internal import HostPrograms
internal import Linux
internal import ReleaseModel
internal import ReleaseStore
internal import Text

/// A switch from the instance of one release to that of another, whose links have not been moved yet.
/// The new instance must be healthy first; until then, the old one serves and is not touched.
struct InstanceSwitching {
  let plan: SwitchPlan
  let configuration: Configuration
  /// What the intent in the journal says about the instances.
  let facts: InstanceSwitch
  /// The instances with the configuration of an earlier switch; nil if it was the same.
  let earlier: EarlierInstances?
  /// Where the old instance runs, and is started again if the switch fails.
  let oldLayout: InstanceLayout
  /// The intent in the journal.
  let entry: JournalEntry
  let store: Store
  let environment: Environment

  /// The releases whose instances must stop before the new one starts, first the one that serves.
  private var olds: [ReleaseID] { facts.overlap ? [] : facts.running(beside: plan) }

  /// Starts the new instance and waits until it is healthy. If it fails, everything is as before.
  ///
  /// - Parameter trace: receives the steps.
  /// - Returns: nil when it is healthy, otherwise how the switch ended.
  /// - Throws: `permission` or `configuration` when systemd can't start or stop the instances, which is
  ///   not the fault of the release; another error when the links can't be read.
  func start(_ trace: inout OperationTrace) throws(ReleasesError) -> Effect? {
    let recorder = ConfirmationRecorder(store, entry, environment.actor)
    let observed = recorder.recording(environment)
    let instances = ReleaseInstances(facts.layout, store, observed)
    var unknownService: Message?
    defer {
      store.abortFile.remove()
      recorder.end(unknownService)
    }
    if let failed = try rehearse(instances, &trace) {
      return end(failed, instances, restored: nil, &trace)
    }
    try stopOlds(instances, &trace)
    let confirmation = instances.start(
      plan.to, configuration.forCandidate, stop: store.stopCheck(for: entry))
    trace.steps += confirmation.steps
    if let refusal = confirmation.refusal, olds.isEmpty { throw refusal }
    let isMovedByHand: Bool
    do throws(ReleasesError) {
      isMovedByHand = entry.isMovedByHand(try store.links.texts())
    } catch {
      throw restoring(after: error, &trace)
    }
    guard confirmation.problem != nil || isMovedByHand else { return nil }
    instances.stopOrWarn(plan.to)
    let restored = olds.first.map { restart($0, instances, &trace) }
    unknownService = restored?.problem
    if isMovedByHand { return endMovedByHand(confirmation, &trace) }
    return end(confirmation, instances, restored: restored, &trace)
  }

  /// Runs the new release on its own socket without serving it, if two releases must not run at the same
  /// time.
  ///
  /// - Returns: why the rehearsal failed; nil when it succeeded, or there is none.
  /// - Throws: `permission` or `configuration` when systemd can't start it, `failed` when it can't be
  ///   stopped.
  private func rehearse(
    _ instances: ReleaseInstances, _ trace: inout OperationTrace
  ) throws(ReleasesError) -> Confirmation? {
    guard let unit = facts.rehearsalUnit(of: plan.to) else { return nil }
    let rehearsal = instances.start(
      plan.to, configuration.forRehearsal, prefix: "rehearsal-", stop: store.stopCheck(for: entry))
    trace.steps += rehearsal.steps
    if let refusal = rehearsal.refusal { throw refusal }
    if let problem = instances.stop([unit]) {
      throw ReleasesError(
        .failed, "can't stop the rehearsal of \(plan.to)",
        hint: Hint("find out what is missing", command: ["check"]), cause: problem)
    }
    return rehearsal.problem == nil ? nil : rehearsal
  }

  /// Stops the old instances. If one can't be stopped, the first one is started again.
  ///
  /// - Throws: `failed` when one can't be stopped, `needsPerson` when the first one is not healthy then.
  private func stopOlds(
    _ instances: ReleaseInstances, _ trace: inout OperationTrace
  ) throws(ReleasesError) {
    let others = facts.overlap ? [] : earlier?.running ?? []
    for old in olds + others.filter({ !olds.contains($0) }) {
      do throws(ReleasesError) {
        try stopOld(old, instances, &trace)
      } catch {
        guard let first = olds.first,
          !ReleaseInstances(oldLayout, store, environment).listens(first),
          let problem = restart(first, instances, &trace).problem
        else { throw error }
        throw ReleasesError(
          .needsPerson, "\(error.line); \(first) was started again, but \(problem)",
          hint: Hint("correct the cause, then restart the service", command: ["restart"]))
      }
    }
  }

  /// Stops the old instance.
  ///
  /// - Throws: `failed` when it can't be stopped. Two instances must not run at the same time.
  private func stopOld(
    _ id: ReleaseID, _ instances: ReleaseInstances, _ trace: inout OperationTrace
  ) throws(ReleasesError) {
    let start = Clock.monotonicSeconds()
    environment.observer.step(.instanceStops(id))
    if let problem = earlier?.stop(id) ?? instances.stop(facts.layout.units(of: id)) {
      throw ReleasesError(
        .failed, "can't stop the instance of \(id)",
        hint: Hint("find out what is missing", command: ["check"]), cause: problem)
    }
    trace.steps.append(Step("stop", seconds: Clock.monotonicSeconds() - start))
  }

  /// Starts the old instance again where it ran, and lets the front connect to it. A second signal ends the
  /// wait for its health.
  private func restart(
    _ id: ReleaseID, _ instances: ReleaseInstances, _ trace: inout OperationTrace
  ) -> Confirmation {
    let repeated = RepeatedTermination()
    let place = ReleaseInstances(oldLayout, store, instances.environment)
    let restored = place.start(
      id, configuration.placing(oldLayout).forCandidate, prefix: "restore-",
      stop: {
        if case .repeated = repeated.look() {
          return Signals.pendingTermination().map { .signal($0) }
        }
        return nil
      })
    trace.steps += restored.steps
    do throws(ReleasesError) {
      if restored.problem == nil {
        try place.live.point(to: id)
        if oldLayout.live != facts.layout.live { _ = try instances.live.point(to: place.live) }
      }
    } catch {
      environment.observer.warn(Notice(error))
    }
    return restored
  }

  /// Starts the old instance again after the links could not be moved, if it had to stop first.
  ///
  /// - Parameters:
  ///   - error: why they could not be moved.
  ///   - trace: receives the steps.
  /// - Returns: the error for the caller: `needsPerson` when the old instance is not healthy again, and
  ///   with ``ReleasesError/isLostWrite`` when recovery must decide, and the new one serves until then.
  func restoring(
    after error: ReleasesError, _ trace: inout OperationTrace
  ) -> ReleasesError {
    guard let old = olds.first else { return error }
    let isMoved =
      (try? store.links.texts().current).map { LinkPair.isSameText($0, entry.after.current) }
    if error.isLostWrite, isMoved != false { return error }
    let instances = ReleaseInstances(facts.layout, store, environment)
    do throws(ReleasesError) {
      try LiveLink(oldLayout).point(to: old)
    } catch let second {
      environment.observer.warn(Notice(second))
      return error.asLostWrite()
    }
    if let problem = instances.stop(facts.layout.units(of: plan.to)) {
      environment.observer.warn("can't stop the instance of \(plan.to): \(problem)")
      try? instances.live.point(to: plan.to)
      return error.asLostWrite()
    }
    if let problem = restart(old, instances, &trace).problem {
      return ReleasesError(
        .needsPerson, "\(error.line); \(old) was started again, but \(problem)",
        hint: Hint("correct the cause, then restart the service", command: ["restart"]),
        isLostWrite: error.isLostWrite)
    }
    return ReleasesError(
      error.code, "\(error.message); \(old) was started again and is healthy", hint: error.hint,
      cause: error.cause, isLostWrite: error.isLostWrite, isOverQuota: error.isOverQuota)
  }

  private func endMovedByHand(
    _ confirmation: Confirmation, _ trace: inout OperationTrace
  ) -> Effect {
    trace.id = plan.to
    return .ended(
      .undone, note: "\(Layout.current) was moved by hand in the meantime",
      ReleasesError(
        .needsPerson,
        "\(Layout.current) was moved by hand before release \(plan.to) was live",
        hint: Hint("the link was left as it is; see what the service runs", command: ["status"]),
        cause: confirmation.problem))
  }

  private func end(
    _ confirmation: Confirmation, _ instances: ReleaseInstances, restored: Confirmation?,
    _ trace: inout OperationTrace
  ) -> Effect {
    if case .signal(let number)? = confirmation.stopped {
      Signals.holdTerminationForGood()
      trace.signal = number
    }
    trace.id = plan.to
    let problem = confirmation.problem ?? "it is not healthy"
    mark(problem, confirmation, restored, &trace)
    let failure = InstanceFailure(
      plan: plan, confirmation: confirmation, problem: problem, restored: restored,
      reasonToKeep: trace.kept?.reason)
    return .ended(.failed, note: failure.note, failure.error)
  }

  /// Marks the release bad, or keeps its state when the failure need not be its own.
  private func mark(
    _ problem: Message, _ confirmation: Confirmation, _ restored: Confirmation?,
    _ trace: inout OperationTrace
  ) {
    if let refusal = confirmation.refusal {
      trace.kept = (plan.to, refusal.message)
      return
    }
    let failed = FailedRelease(id: plan.to, store: store, environment: environment)
    switch failed.decide(
      isInterrupted: confirmation.stopped != nil,
      restoredFails: restored?.problem != nil && restored?.stopped == nil)
    {
    case .keep(let reason): trace.kept = (plan.to, reason)
    case .mark: failed.markBad(problem, &trace)
    }
  }
}
