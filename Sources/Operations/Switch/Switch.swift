internal import Linux

/// How a switch went.
package struct SwitchResult: Sendable {
  package let plan: SwitchPlan
  /// The live release as the links say it afterwards.
  package let current: ReleaseID?
  package let previous: ReleaseID?
  package var steps: [Step] = []
  /// What settling an interrupted command did.
  package var recovered: [String] = []

  /// Nothing had to be done.
  package var isUnchanged: Bool { plan.isUnchanged }
}

extension Store {
  /// Works out a switch to a release and refuses it where it would go wrong; changes nothing.
  package func planActivation(
    of name: String, _ options: SwitchOptions
  ) throws(ReleasesError) -> SwitchPlan {
    let near = try snapshot(toActivate: name)
    let snapshot = if let near { near } else { try snapshot() }
    let plan = SwitchPlan.make(.activate, to: try snapshot.release(named: name), snapshot)
    return try checked(plan, snapshot, options)
  }

  /// The same for a rollback.
  ///
  /// - Parameter name: where to; nil for the fallback.
  package func planRollback(
    to name: String?, _ options: SwitchOptions
  ) throws(ReleasesError) -> SwitchPlan {
    let snapshot = try snapshot()
    try refuseRealDirectories(snapshot)
    let target: ReleaseID
    if let name {
      target = try snapshot.release(named: name)
    } else if let fallback = snapshot.rollbackTarget {
      target = fallback
    } else {
      throw snapshot.nothingToRollBackTo()
    }
    return try checked(SwitchPlan.make(.rollback, to: target, snapshot), snapshot, options)
  }

  private func checked(
    _ plan: SwitchPlan, _ snapshot: Snapshot, _ options: SwitchOptions
  ) throws(ReleasesError) -> SwitchPlan {
    var plan = plan
    plan.warnings = try preflight(plan, snapshot, try configuration(), options)
    return plan
  }

  /// Switches, and has the hooks know how it went.
  ///
  /// - Parameters:
  ///   - seconds: how long to wait for the lock.
  ///   - plan: made under the lock.
  package func performSwitch(
    _ options: SwitchOptions, _ environment: Environment, waitingUpTo seconds: Double,
    plan: (Store) throws(ReleasesError) -> SwitchPlan
  ) throws(ReleasesError) -> SwitchResult {
    do throws(ReleasesError) {
      let result = try switchUnderLock(options, environment, waitingUpTo: seconds, plan: plan)
      if !result.isUnchanged {
        followUpSuccess(of: result.plan.to, previous: result.plan.from, environment)
      }
      return result
    } catch {
      if error.isFailedTrial, let id = error.trace.id { followUpFailure(of: id, environment) }
      throw error
    }
  }

  /// Takes the lock, plans, carries the plan out, and lets the lock go.
  func switchUnderLock(
    _ options: SwitchOptions, _ environment: Environment, waitingUpTo seconds: Double,
    plan: (Store) throws(ReleasesError) -> SwitchPlan
  ) throws(ReleasesError) -> SwitchResult {
    let start = Clock.monotonicSeconds()
    var transaction = try Transaction.begin(self, environment, waitingUpTo: seconds)
    let recovered = transaction.recovered
    let locked = Clock.monotonicSeconds()
    var steps = [Step("lock", seconds: locked - start)]
    do throws(ReleasesError) {
      let plan = try plan(self)
      steps.append(Step("preflight", seconds: Clock.monotonicSeconds() - locked))
      var result = try transaction.carryOut(plan, options)
      transaction.end()
      result.steps = steps + result.steps
      result.recovered = recovered
      return result
    } catch {
      if error.isFailedTrial { transaction.tidyAfterFailure() }
      transaction.end()
      var failure = error
      failure.trace.steps = steps + failure.trace.steps
      failure.trace.recovered = recovered
      throw failure
    }
  }
}

extension Transaction {
  /// What went wrong is told already, so this only warns.
  fileprivate mutating func tidyAfterFailure() {
    do throws(ReleasesError) {
      try leaveBadFallback()
    } catch {
      environment.warn("\(error.message): \(error.cause ?? "")")
    }
  }

  /// Switches to the release of a plan that was made while this transaction holds the lock. With a
  /// hook or a health check configured the switch is unconfirmed until both pass; failing that,
  /// both links go back and the release is marked bad.
  package mutating func carryOut(
    _ plan: SwitchPlan, _ options: SwitchOptions
  ) throws(ReleasesError) -> SwitchResult {
    var steps: [Step] = []
    if !plan.isUnchanged {
      let configuration = try store.configuration()
      let intent = Intent(
        operation: plan.kind == .activate ? .activate : .rollback, id: plan.to, from: plan.from,
        before: plan.before, after: plan.after,
        confirm: configuration.asksForConfirmation ? true : nil)
      try perform(intent) { (entry, transaction) throws(ReleasesError) in
        let prepared = try transaction.setLinks(plan, entry, &steps)
        if entry.confirm == true {
          let confirming = UnconfirmedSwitch(
            plan: plan, options: options, configuration: configuration, entry: entry)
          do throws(ReleasesError) {
            if let effect = try transaction.confirm(confirming, prepared, &steps) {
              prepared.discard()
              return effect
            }
          } catch {
            prepared.discard()
            throw error
          }
          entry.confirm = nil
        }
        try transaction.store.commit(prepared)
        return .done()
      }
    }
    // What can't be looked at any more has been done all the same.
    let current = try? store.link(Layout.current)
    let previous = try? store.link(Layout.previous)
    return SwitchResult(
      plan: plan, current: current == nil ? plan.to : current?.release,
      previous: previous == nil ? plan.fallback : previous?.release, steps: steps)
  }

  /// - Returns: what the catalog has to say once the switch is confirmed, on the disk already. The
  ///   links are, too: a hook may let the service rely on them.
  private func setLinks(
    _ plan: SwitchPlan, _ entry: JournalEntry, _ steps: inout [Step]
  ) throws(ReleasesError) -> PreparedEntries {
    let start = Clock.monotonicSeconds()
    var prepared = try store.prepare(try store.entriesAfter(entry), environment)
    do throws(ReleasesError) {
      try store.moveLinks(plan.after, environment)
      // After the links, so that a file system with a journal writes it once for both.
      try prepared.flush()
      try store.flushLinks()
    } catch {
      prepared.discard()
      throw error
    }
    steps.append(Step("switch", seconds: Clock.monotonicSeconds() - start))
    return prepared
  }
}

extension ReleasesError {
  /// A release was live for a while and did not work.
  var isFailedTrial: Bool { code == .rolledBack || code == .needsPerson }
}
