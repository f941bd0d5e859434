internal import Configuration
internal import Linux
package import ReleaseModel
package import ReleaseStore

/// Makes another release live: `activate` and `rollback`.
package struct Switcher {
  let store: Store
  let environment: Environment

  package init(_ store: Store, _ environment: Environment) {
    self.store = store
    self.environment = environment
  }

  /// Plans a switch, and refuses it if it would fail. Changes nothing.
  ///
  /// - Throws: `noSuchRelease`, `nothingToRollBackTo`, or the error of the preflight checks.
  package func plan(_ request: SwitchRequest) throws(ReleasesError) -> SwitchPlan {
    let snapshot: Snapshot
    var plan: SwitchPlan
    switch request.target {
    case .activate(let name):
      let partial = try store.snapshot(toActivate: name)
      snapshot = if let partial { partial } else { try store.snapshot() }
      plan = .make(.activate, to: try snapshot.release(named: name), snapshot)
    case .rollback(let name):
      snapshot = try store.snapshot()
      try Preflight(store: store).refuseUnlessLinks(snapshot)
      plan = .make(.rollback, to: try rollbackTarget(name, snapshot), snapshot)
    }
    plan.warnings = try Preflight(store: store).check(
      plan, snapshot, try store.configuration(), request.options,
      ReleasePrograms(store: store, environment: environment))
    return plan
  }

  private func rollbackTarget(
    _ name: String?, _ snapshot: Snapshot
  ) throws(ReleasesError) -> ReleaseID {
    if let name { return try snapshot.release(named: name) }
    guard let target = snapshot.rollbackTarget else { throw snapshot.nothingToRollBackTo() }
    return target
  }

  /// Returns a warning when the next rollback would refuse the rollback target that a switch leaves,
  /// because its files differ from its manifest.
  package func warningsAboutRollback(_ plan: SwitchPlan) -> [Notice] {
    guard !plan.isUnchanged, let target = plan.rollbackTarget,
      let configuration = try? store.configuration()
    else { return [] }
    let check = WholenessCheck(store, ignoring: configuration.verify.ignore)
    guard case .notWhole(let reason)? = check.checks(of: [target]).first?.result else { return [] }
    return [
      Notice(
        "a rollback to \(target) would be refused: \(reason)",
        hint: Hint("see every difference", command: ["verify", target.text]))
    ]
  }

  /// Switches, and runs the hook that reports how it ended.
  ///
  /// - Throws: ``OperationFailure`` when it is refused, fails, or is rolled back.
  package func run(_ request: SwitchRequest) throws(OperationFailure) -> SwitchResult {
    let programs = ReleasePrograms(store: store, environment: environment)
    do throws(OperationFailure) {
      let result = try runUnreported(request)
      if !result.isUnchanged {
        programs.reportSuccess(of: result.plan.to, previous: result.plan.from)
      }
      return result
    } catch {
      if error.error.isFailedRelease, let id = error.trace.id { programs.reportFailure(of: id) }
      throw error
    }
  }

  /// Switches without the hook that reports how it ended.
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
    do throws(ReleasesError) {
      var result = try withTransaction(on: store, environment, waitingUpTo: request.wait) {
        transaction throws(ReleasesError) in
        trace.recovered = transaction.recovered
        trace.steps.append(Step("lock", seconds: Clock.monotonicSeconds() - start))
        do throws(ReleasesError) {
          if let liveBefore { try refuseIfMoved(since: liveBefore) }
          return try run(request, in: &transaction, &trace)
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

  /// Refuses a rollback when another release is live than when it was requested, because an
  /// interrupted switch was undone or another command has ended. One step back would be two.
  ///
  /// - Throws: `liveChanged` when another release is live, another error when the link can't be read.
  private func refuseIfMoved(since before: ReleaseLink) throws(ReleasesError) {
    let now = try store.links.link(Layout.current)
    guard before.text != now.text else { return }
    let (old, new) = (before.release?.text ?? "nothing", now.release?.text ?? "nothing")
    throw ReleasesError(
      .liveChanged,
      "nothing was rolled back: \(new) is live now, and \(old) was when the rollback was requested",
      hint: now.release == nil
        ? Hint("list the releases", command: ["list"])
        : Hint("if \(new) must be left too, roll back again", command: ["rollback"]))
  }

  private func run(
    _ request: SwitchRequest, in transaction: inout Transaction, _ trace: inout OperationTrace
  ) throws(ReleasesError) -> SwitchResult {
    let locked = Clock.monotonicSeconds()
    let plan = try plan(request)
    trace.steps.append(Step("preflight", seconds: Clock.monotonicSeconds() - locked))
    if !plan.isUnchanged { try execute(plan, request.options, in: &transaction, &trace) }
    // The switch is complete even if the links can no longer be read.
    let current = try? store.links.link(Layout.current)
    let previous = try? store.links.link(Layout.previous)
    return SwitchResult(
      plan: plan, current: current == nil ? plan.to : current?.release,
      previous: previous == nil ? plan.rollbackTarget : previous?.release)
  }

  /// Moves both links. With a hook or a health check configured, the switch is unconfirmed until
  /// both succeed; otherwise both links are restored and the release is marked bad.
  ///
  /// - Throws: what ``Transaction/perform(_:_:)`` throws.
  private func execute(
    _ plan: SwitchPlan, _ options: SwitchOptions, in transaction: inout Transaction,
    _ trace: inout OperationTrace
  ) throws(ReleasesError) {
    let configuration = try store.configuration()
    let intent = Intent(
      operation: plan.kind == .activate ? .activate : .rollback, id: plan.to, from: plan.from,
      before: plan.before, after: plan.after,
      confirm: configuration.requiresConfirmation ? true : nil)
    try transaction.perform(intent) { (entry, transaction) throws(ReleasesError) in
      // Confirmation clears a bad mark. The catalog entry is written now, while the old links could
      // still be restored if the disk were full.
      let clearsMark = entry.confirm == true && isMarkedBad(plan.to)
      let confirmed = clearsMark ? entry.confirmed() : entry
      let staged = try moveLinks(plan, confirmed, &trace)
      if entry.confirm == true {
        let unconfirmed = UnconfirmedSwitch(
          plan: plan, options: options, configuration: configuration, entry: entry,
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
      return .done()
    }
  }

  private func isMarkedBad(_ id: ReleaseID) -> Bool {
    guard case .found(let release)? = try? store.catalog.entry(id) else { return false }
    return release.state == .bad
  }

  /// Moves the links, durably, since a hook may let the service rely on them.
  ///
  /// - Returns: the catalog entries for the confirmed switch, which are durable already.
  /// - Throws: an error when the links or the catalog entries can't be written.
  private func moveLinks(
    _ plan: SwitchPlan, _ entry: JournalEntry, _ trace: inout OperationTrace
  ) throws(ReleasesError) -> StagedEntries {
    let start = Clock.monotonicSeconds()
    var staged = try store.catalog.stage(try store.catalog.entries(after: entry))
    do throws(ReleasesError) {
      try store.links.move(to: plan.after)
      // This comes after the links, so that a journaling file system writes its journal once for both.
      try staged.flush()
      try store.links.flush()
    } catch {
      staged.discard()
      throw error
    }
    trace.steps.append(Step("switch", seconds: Clock.monotonicSeconds() - start))
    return staged
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
