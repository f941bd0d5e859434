internal import Linux

/// How a switch went.
package struct SwitchResult: Sendable {
  package let plan: SwitchPlan
  /// Nothing had to be done.
  package let isUnchanged: Bool
  /// The live release as the links say it afterwards.
  package let current: ReleaseID?
  package let previous: ReleaseID?
}

extension Store {
  /// Works out a switch to a release and refuses it where it would go wrong; changes nothing.
  package func planActivation(
    of name: String, _ options: SwitchOptions
  ) throws(ReleasesError) -> SwitchPlan {
    let snapshot = try snapshot()
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
}

extension Transaction {
  /// Switches to the release of a plan that was made while this transaction holds the lock.
  package mutating func carryOut(_ plan: SwitchPlan) throws(ReleasesError) -> SwitchResult {
    if !plan.isUnchanged {
      let intent = Intent(
        operation: plan.kind == .activate ? .activate : .rollback, id: plan.to, from: plan.from,
        before: plan.before, after: plan.after)
      try perform(intent) { (entry, transaction) throws(ReleasesError) in
        let store = transaction.store
        let prepared = try store.prepare(
          try store.entriesAfter(entry), transaction.environment)
        do throws(ReleasesError) {
          try store.setLinks(plan.after, transaction.environment)
        } catch {
          prepared.discard()
          throw error
        }
        try store.commit(prepared)
        return nil
      }
    }
    return SwitchResult(
      plan: plan, isUnchanged: plan.isUnchanged,
      current: try store.link(Layout.current).release,
      previous: try store.link(Layout.previous).release)
  }
}
