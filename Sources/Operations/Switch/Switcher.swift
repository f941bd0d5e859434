internal import Configuration
internal import Linux
internal import ReleaseModel
package import ReleaseStore
internal import Text

/// Makes another release live: `activate` and `rollback`.
package struct Switcher {
  let store: Store
  let environment: Environment

  package init(_ store: Store, _ environment: Environment) {
    self.store = store
    self.environment = environment
  }

  /// Switches, and runs the hook that reports how it ended.
  ///
  /// - Throws: ``OperationFailure`` when it is refused, fails, or is rolled back.
  package func run(_ request: SwitchRequest) throws(OperationFailure) -> SwitchResult {
    let programs = ReleasePrograms(store: store, environment: environment)
    do throws(OperationFailure) {
      var result = try runUnreported(request)
      if !result.isUnchanged {
        programs.reportSuccess(of: result.plan.to, previous: result.plan.from)
      }
      if let step = result.draining?.run() { result.steps.append(step) }
      return result
    } catch {
      if error.error.isFailedRelease, let id = error.trace.id { programs.reportFailure(of: id) }
      throw error
    }
  }

  /// Switches without the hook that reports how it ended, and without waiting for old instances: the
  /// result says which ones drain.
  ///
  /// - Throws: ``OperationFailure`` when it is refused, fails, or is rolled back.
  func runUnreported(_ request: SwitchRequest) throws(OperationFailure) -> SwitchResult {
    let start = Clock.monotonicSeconds()
    var trace = OperationTrace()
    // Only one step back depends on what was live when it was requested.
    var liveBefore: ReleaseLink?
    if case .rollback(to: nil) = request.target {
      liveBefore = try? store.links.link(Layout.current)
    }
    let named = request.target.name.map { name in
      NamedRelease(word: name) {
        // For `previous`, two releases are enough to read.
        (try? store.snapshot(toActivate: name)).flatMap { $0 } ?? (try? store.snapshot())
      }
    }
    do throws(ReleasesError) {
      var result = try withTransaction(on: store, environment, waitingUpTo: request.wait) {
        transaction throws(ReleasesError) in
        trace.recovered = transaction.recovered
        trace.steps.append(Step("lock", seconds: Clock.monotonicSeconds() - start))
        do throws(ReleasesError) {
          if let liveBefore { try refuseIfMoved(since: liveBefore) }
          var result = try run(request, named, in: &transaction, &trace)
          if !result.isUnchanged { result.draining = Draining(takenFrom: &transaction) }
          return result
        } catch {
          if error.isFailedRelease { movePrevious(&transaction) }
          throw error
        }
      }
      result.steps = trace.steps
      result.recovered = trace.recovered
      return result
    } catch {
      throw OperationFailure(error, trace)
    }
  }

  private func run(
    _ request: SwitchRequest, _ named: NamedRelease?, in transaction: inout Transaction,
    _ trace: inout OperationTrace
  ) throws(ReleasesError) -> SwitchResult {
    let locked = Clock.monotonicSeconds()
    let plan = try plan(request, named)
    trace.steps.append(Step("preflight", seconds: Clock.monotonicSeconds() - locked))
    if !plan.isUnchanged { try execute(plan, request, in: &transaction, &trace) }
    // The switch is complete even if the links can no longer be read.
    let current = try? store.links.link(Layout.current)
    let previous = try? store.links.link(Layout.previous)
    return SwitchResult(
      plan: plan, current: current == nil ? plan.to : current?.release,
      previous: previous == nil ? plan.rollbackTarget : previous?.release)
  }

  /// Switches to the instance of the new release, or else moves both links and restarts the service.
  ///
  /// - Throws: what ``Transaction/perform(_:_:)`` throws.
  private func execute(
    _ plan: SwitchPlan, _ request: SwitchRequest, in transaction: inout Transaction,
    _ trace: inout OperationTrace
  ) throws(ReleasesError) {
    let (configuration, unusable) = try configuration(for: request)
    if let instances = configuration.instances {
      return try InstanceTransaction(
        plan: plan, instances: instances, configuration: configuration, store: store,
        environment: environment
      ).run(in: &transaction, &trace)
    }
    try execute(plan, request, configuration, unusable, in: &transaction, &trace)
  }

  /// Moves both links. With a hook or a health check configured, the switch is unconfirmed until
  /// both succeed; otherwise both links are restored and the release is marked bad.
  ///
  /// - Throws: what ``Transaction/perform(_:_:)`` throws.
  private func execute(
    _ plan: SwitchPlan, _ request: SwitchRequest, _ configuration: Configuration,
    _ unusable: ReleasesError?, in transaction: inout Transaction, _ trace: inout OperationTrace
  ) throws(ReleasesError) {
    let intent = Intent(
      operation: plan.kind == .activate ? .activate : .rollback, id: plan.to, from: plan.from,
      before: plan.before, after: plan.after,
      confirm: configuration.requiresConfirmation ? true : nil)
    try transaction.perform(intent) { (entry, transaction) throws(ReleasesError) in
      // Confirmation clears a bad mark. The catalog entry is written now, while the old links could
      // still be restored if the disk were full.
      let clearsMark = entry.confirm == true && store.catalog.isMarkedBad(plan.to)
      let confirmed = clearsMark ? entry.confirmed() : entry
      let staged = try store.moveLinks(plan, confirmed, &trace)
      if entry.confirm == true {
        let unconfirmed = UnconfirmedSwitch(
          plan: plan, options: request.options, configuration: configuration, entry: entry,
          store: store, environment: environment)
        do throws(ReleasesError) {
          if let ending = try unconfirmed.confirm(staged, &trace) {
            staged.discard()
            entry = ending.entry
            return ending.effect
          }
        } catch {
          staged.discard()
          throw error
        }
        entry = confirmed
        entry.confirm = nil
      }
      try store.catalog.commit(staged)
      // It may say something about the service of the release that was live before.
      if !configuration.requiresConfirmation { store.confirmationFile.remove() }
      if unusable != nil { recordUnconfirmedService(of: plan.to, entry) }
      return .done()
    }
  }

  /// Records that the service was not told about the rollback, for `status`.
  private func recordUnconfirmedService(of id: ReleaseID, _ entry: JournalEntry) {
    store.confirmationFile.write(
      ConfirmationProgress(
        sequence: entry.sequence, release: id.text, isRestoring: false, stage: .hook,
        since: environment.actor.now(), timeLimit: 0, operation: .rollback, by: environment.actor,
        problem: "no hook has run, because \(Layout.configuration) was unusable"))
  }

  /// Moves `previous` off the bad release. A failure only causes a warning, since the failure of the
  /// switch is what the caller must see.
  private func movePrevious(_ transaction: inout Transaction) {
    do throws(ReleasesError) {
      try LinkCorrections.movePreviousOffBadRelease(in: &transaction)
    } catch {
      transaction.warn(error)
    }
  }
}

extension Configuration {
  /// Whether a switch is unconfirmed until a hook or a health check succeeds.
  var requiresConfirmation: Bool { hooks.activate != nil || health != nil }
}

extension ReleasesError {
  /// Whether a release was live for a while and failed.
  var isFailedRelease: Bool { code == .rolledBack || code == .needsPerson }
}
