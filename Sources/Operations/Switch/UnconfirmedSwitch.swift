internal import Configuration
internal import HostPrograms
internal import Linux
internal import ReleaseModel
internal import ReleaseStore
internal import Text

/// A switch whose links have been moved and that has not been confirmed yet.
struct UnconfirmedSwitch {
  let plan: SwitchPlan
  let options: SwitchOptions
  let configuration: Configuration
  /// The intent in the journal.
  let entry: JournalEntry
  let store: Store
  let environment: Environment

  /// How a switch that was not confirmed has ended.
  struct Ending {
    let effect: Effect
    /// The intent, with the state that the release has got.
    let entry: JournalEntry
  }

  /// Waits until the new release works; when it does not, restores the old one.
  ///
  /// - Parameters:
  ///   - staged: the catalog entries for the confirmed switch. If it is not confirmed, their space on
  ///     the disk is freed for the entries that must be written instead.
  ///   - trace: receives the steps.
  /// - Returns: nil when the release works, otherwise how the switch ended.
  /// - Throws: an error when the links can't be read, or the old links can't be restored.
  func confirm(
    _ staged: borrowing StagedEntries, _ trace: inout OperationTrace
  ) throws(ReleasesError) -> Ending? {
    let recorder = ConfirmationRecorder(store, entry, environment.actor)
    let programs = ReleasePrograms(store: store, environment: recorder.recording(environment))
    var unknownService: Message?
    defer {
      store.abortFile.remove()
      recorder.end(unknownService)
    }
    var confirmation = programs.confirm(
      plan.to, previous: plan.from, event: plan.kind == .activate ? "activate" : "rollback",
      configuration, stop: store.stopCheck(for: entry))
    trace.steps += confirmation.steps
    // Without this, the signal would end the process before the outcome is reported.
    if case .signal = confirmation.stopped { Signals.holdTerminationForGood() }
    let isMovedByHand = entry.isMovedByHand(try store.links.texts())
    if !isMovedByHand {
      confirmation.expectLive(try store.links.link(Layout.current), plan.to)
    }
    let ending: Ending
    if isMovedByHand {
      ending = Ending(effect: leaveAsMovedByHand(confirmation, staged, &trace), entry: entry)
    } else if let problem = confirmation.problem {
      ending =
        !options.rollsBack && confirmation.stopped == nil
        ? leaveLive(confirmation, problem, staged, &trace)
        : Ending(
          effect: try restore(
            confirmation, problem, staged, programs, &unknownService, &trace), entry: entry)
    } else {
      return nil
    }
    guard case .ended(_, _, .some) = ending.effect else { return ending }
    trace.id = plan.to
    if case .signal(let number)? = confirmation.stopped { trace.signal = number }
    return ending
  }

  /// Leaves the links as they are, since the user who moved `current` has decided what is live.
  private func leaveAsMovedByHand(
    _ confirmation: Confirmation, _ staged: borrowing StagedEntries,
    _ trace: inout OperationTrace
  ) -> Effect {
    let id = plan.to
    if let problem = confirmation.problem {
      mark(problem, confirmation, inPlaceOf: staged, &trace)
    }
    return .ended(
      .undone, note: "\(Layout.current) was moved by hand in the meantime",
      ReleasesError(
        .needsPerson,
        "\(Layout.current) was moved by hand while release \(id) was unconfirmed",
        hint: Hint("the link was left as it is; see what the service runs", command: ["status"]),
        cause: confirmation.problem))
  }

  private func restore(
    _ confirmation: Confirmation, _ problem: Message, _ staged: borrowing StagedEntries,
    _ programs: ReleasePrograms, _ unknownService: inout Message?, _ trace: inout OperationTrace
  ) throws(ReleasesError) -> Effect {
    // A signal that comes from now on is answered.
    let repeated = RepeatedTermination()
    programs.environment.observer.step(.restoring(plan.restored, because: problem))
    let start = Clock.monotonicSeconds()
    do throws(ReleasesError) {
      try restoreLinks(staged)
    } catch {
      // The service runs the new release, so recovery must run the hook too, not only restore links.
      throw error.asLostWrite()
    }
    trace.steps.append(Step("restore", seconds: Clock.monotonicSeconds() - start))
    let restored = confirmRestored(programs, repeated)
    // A signal that came meanwhile ends the process when the outcome was recorded and reported.
    if let number = Signals.pendingTermination() {
      Signals.holdTerminationForGood()
      trace.signal = number
    }
    trace.steps += restored?.steps ?? []
    unknownService = restored?.hookProblem
    mark(
      problem, confirmation,
      restoredFails: restored?.problem != nil && restored?.stopped == nil, inPlaceOf: staged, &trace
    )
    let failure = SwitchFailure(
      plan: plan, confirmation: confirmation, problem: problem, restored: restored,
      reasonToKeep: trace.kept?.reason)
    return .ended(.failed, note: failure.note, failure.error)
  }

  /// Lets the service use what is live again: the old release, or a place that is not a release. The
  /// signal that has stopped the switch does not stop this; a second one does.
  ///
  /// - Returns: nil when nothing was live before.
  private func confirmRestored(
    _ programs: ReleasePrograms, _ repeated: RepeatedTermination
  ) -> Confirmation? {
    let place = plan.foreignPlace.flatMap { ForeignPlace(behind: $0, in: store.directories) }
    guard let id = plan.from ?? (place == nil ? nil : plan.to) else { return nil }
    let (step, name) = (programs.environment.observer.step, place?.text ?? id.text)
    return programs.confirm(
      id, place: place, previous: plan.to, event: "restore", prefix: "restore-", configuration,
      stop: {
        switch repeated.look() {
        case .none: return nil
        case .noted:
          step(.stillRestoring(name))
          return nil
        case .repeated: return Signals.pendingTermination().map { .signal($0) }
        }
      })
  }

  /// Restores the links. It frees the space of the staged entries only when the links need it: the log
  /// of a hook could take the space, and then the release could not be marked bad.
  ///
  /// - Throws: an error when the links can't be written.
  private func restoreLinks(_ staged: borrowing StagedEntries) throws(ReleasesError) {
    do throws(ReleasesError) {
      try store.links.set(to: plan.before)
    } catch let error where error.isOutOfSpace {
      staged.discard()
      try store.links.set(to: plan.before)
    }
  }

  /// Leaves a release live that does not work, as `--no-rollback` asks.
  private func leaveLive(
    _ confirmation: Confirmation, _ problem: Message, _ staged: borrowing StagedEntries,
    _ trace: inout OperationTrace
  ) -> Ending {
    // This comes first: once the catalog says that the release went live, recovery changes nothing.
    markBad(problem, inPlaceOf: staged, &trace)
    let left = entry.leftLive(because: problem)
    do throws(ReleasesError) {
      try store.catalog.apply(left)
    } catch {
      environment.observer.warn(Notice(error))
    }
    let hint =
      plan.rollbackTarget == nil
      ? Hint("when it works, mark it good", command: ["mark", plan.to.text, "good"])
      : Hint("return to the release that was live before", command: ["rollback"])
    let effect = Effect.ended(
      .done, note: "\(problem); left live as requested",
      ReleasesError(
        .needsPerson, "release \(plan.to) failed and stays live as requested: \(problem)",
        hint: hint, cause: confirmation.lastOutput))
    return Ending(effect: effect, entry: left)
  }

  /// Marks the release bad, or keeps its state when the failure need not be its own.
  private func mark(
    _ problem: Message, _ confirmation: Confirmation, restoredFails: Bool = false,
    inPlaceOf staged: borrowing StagedEntries, _ trace: inout OperationTrace
  ) {
    switch failed.decide(
      isInterrupted: confirmation.stopped != nil, restoredFails: restoredFails,
      denial: confirmation.denial)
    {
    case .mark: markBad(problem, inPlaceOf: staged, &trace)
    case .keep(let reason): trace.kept = (plan.to, reason)
    }
  }

  private func markBad(
    _ problem: Message, inPlaceOf staged: borrowing StagedEntries, _ trace: inout OperationTrace
  ) {
    staged.discard()
    failed.markBad(problem, &trace)
  }

  private var failed: FailedRelease {
    FailedRelease(id: plan.to, store: store, environment: environment)
  }
}
