internal import Linux

/// A switch whose links are set and which nothing has confirmed yet.
struct UnconfirmedSwitch {
  let plan: SwitchPlan
  let options: SwitchOptions
  let configuration: Configuration
  /// The intent in the journal.
  let entry: JournalEntry
}

extension Transaction {
  /// Tries the new release out. When it does not work, brings the old one back.
  ///
  /// - Parameter prepared: what the catalog has to say once it works; else its room on the disk is
  ///   for what it has to say instead.
  /// - Returns: nil when it works; else how the switch ended.
  mutating func confirm(
    _ unconfirmed: UnconfirmedSwitch, _ prepared: borrowing PreparedEntries,
    _ steps: inout [Step]
  ) throws(ReleasesError) -> Effect? {
    let plan = unconfirmed.plan
    var trial = store.tryOut(
      plan.to, previous: plan.from, event: plan.kind == .activate ? "activate" : "rollback",
      unconfirmed.configuration, environment, stop: stopQuestion(unconfirmed.entry))
    defer { store.dropAbortRequest() }
    steps += trial.steps
    // Its watcher would else end the process before anybody is told how it went.
    if case .signal = trial.stopped { Signals.holdTerminationForGood() }
    let isMovedByHand = unconfirmed.entry.isMovedByHand(try store.linkTexts())
    if !isMovedByHand { trial.expectLive(try store.link(Layout.current), plan.to) }
    let effect: Effect
    if isMovedByHand {
      effect = leaveToHands(unconfirmed, trial, prepared)
    } else if let problem = trial.problem {
      effect =
        unconfirmed.options.keepsFailed && trial.stopped == nil
        ? keep(unconfirmed, trial, problem, prepared)
        : try takeBack(unconfirmed, trial, problem, prepared, &steps)
    } else {
      return nil
    }
    guard case .ended(let outcome, let note, var error?) = effect else { return effect }
    error.trace.id = plan.to
    error.trace.steps = steps
    if case .signal(let number)? = trial.stopped { error.trace.signal = number }
    return .ended(outcome, note: note, error)
  }

  /// Asked while a switch waits: TERM, INT and `releases abort` stop it.
  private func stopQuestion(_ entry: JournalEntry) -> StopQuestion {
    let store = store
    return {
      if let number = Signals.pendingTermination() { return .signal(number) }
      return store.abortRequest(for: entry).map { .aborted(by: $0.user, reason: $0.reason) }
    }
  }

  /// Whoever moved `current` meanwhile has decided what is live.
  private mutating func leaveToHands(
    _ unconfirmed: UnconfirmedSwitch, _ trial: Trial, _ prepared: borrowing PreparedEntries
  ) -> Effect {
    let id = unconfirmed.plan.to
    if let problem = trial.problem { markBad(id, problem, inPlaceOf: prepared) }
    return .ended(
      .undone, note: "\(Layout.current) was moved by hand meanwhile",
      ReleasesError(
        .needsPerson,
        "\(Layout.current) was moved by hand while release \(id) waited to be confirmed",
        hint: "it stays as it is; see what the service runs: releases status",
        cause: trial.problem))
  }

  private mutating func takeBack(
    _ unconfirmed: UnconfirmedSwitch, _ trial: Trial, _ problem: String,
    _ prepared: borrowing PreparedEntries, _ steps: inout [Step]
  ) throws(ReleasesError) -> Effect {
    let plan = unconfirmed.plan
    environment.watch(.restoring(plan.from, because: problem))
    let start = Clock.monotonicSeconds()
    do throws(ReleasesError) {
      try setLinksBack(plan.before, prepared)
    } catch {
      // The service runs the new release: putting the links back, later, would not be all.
      throw error.unsettled()
    }
    steps.append(Step("restore", seconds: Clock.monotonicSeconds() - start))
    var again: Trial?
    if let from = plan.from {
      let restored = store.tryOut(
        from, previous: plan.to, event: "restore", prefix: "restore-", unconfirmed.configuration,
        environment, stop: { nil })
      steps += restored.steps
      again = restored
    }
    markBad(plan.to, problem, inPlaceOf: prepared)
    let ending = SwitchFailure(plan: plan, trial: trial, problem: problem, restored: again)
    return .ended(.failed, note: ending.note, ending.error(storePath: store.path))
  }

  /// Gives the room of the prepared entry to the links where they lack it, but not before: else a
  /// hook's log may take it, and nothing says that the release is bad.
  private func setLinksBack(
    _ pair: LinkPair, _ prepared: borrowing PreparedEntries
  ) throws(ReleasesError) {
    do throws(ReleasesError) {
      try store.setLinks(pair, environment)
    } catch let error where error.isWantOfRoom {
      prepared.discard()
      try store.setLinks(pair, environment)
    }
  }

  /// Leaves the release live that does not work, since somebody wants to look at it there.
  private mutating func keep(
    _ unconfirmed: UnconfirmedSwitch, _ trial: Trial, _ problem: String,
    _ prepared: borrowing PreparedEntries
  ) -> Effect {
    let plan = unconfirmed.plan
    // Bad first: once the catalog says that it went live, a recovery leaves it at that.
    markBad(plan.to, problem, inPlaceOf: prepared)
    do throws(ReleasesError) {
      try store.record(unconfirmed.entry, environment)
    } catch {
      environment.warn("\(error.message): \(error.cause ?? "")")
    }
    return .ended(
      .done, note: "\(problem); left live as asked",
      ReleasesError(
        .needsPerson, "release \(plan.to) does not work and stays live, as asked: \(problem)",
        hint: "back to what worked: releases rollback", cause: trial.lastWords))
  }

  /// The links are right already; a catalog that can't be written changes nothing of that.
  private mutating func markBad(
    _ id: ReleaseID, _ problem: String, inPlaceOf prepared: borrowing PreparedEntries
  ) {
    prepared.discard()
    do throws(ReleasesError) {
      try store.markBad(id, reason: problem, environment)
    } catch {
      environment.warn(
        "\(error.message), so nothing says that \(id) is bad: \(error.cause ?? "")")
    }
  }
}

/// What there is to say of a switch that was taken back.
struct SwitchFailure: Sendable {
  let plan: SwitchPlan
  let trial: Trial
  let problem: String
  /// How the old release works again; nil where nothing was live before.
  let restored: Trial?

  /// For the history.
  var note: String { "\(problem); \(stateNow)" }

  private var stateNow: String {
    guard let from = plan.from, let restored else {
      return plan.before.current.map { "\(Layout.current) leads to \($0) again" }
        ?? "nothing was live before, and nothing is now"
    }
    if let again = restored.problem { return "\(from) is live again, but \(again)" }
    return "\(from) is live again\(wasChecked(restored) ? " and healthy" : "")"
  }

  private func wasChecked(_ trial: Trial) -> Bool {
    trial.steps.contains { $0.name.hasSuffix("health") }
  }

  private var isRestored: Bool { restored.map { $0.problem == nil } ?? false }

  func error(storePath: String) -> ReleasesError {
    ReleasesError(
      isRestored ? .rolledBack : .needsPerson,
      trial.stopped.map { "the switch to \(plan.to) was stopped \($0)" }
        ?? "release \(plan.to) failed: \(problem)",
      hint: "\(stateNow); \(advice)", cause: trial.lastWords)
  }

  private var advice: String {
    if isRestored {
      return trial.log.map { "what the hook printed: \($0)" }
        ?? "look at it: releases show \(plan.to)"
    }
    guard plan.from != nil else {
      return "find out why, then: releases activate \(plan.to) --force"
    }
    return "look at the service, then: releases activate ID, or releases rollback --to ID"
  }
}
