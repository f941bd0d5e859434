internal import Configuration
internal import HostPrograms
internal import Linux
internal import ReleaseModel
internal import ReleaseStore
internal import Text

/// Switches from the instance of one release to that of another, in one change of a transaction: the
/// new instance is started and healthy; then `previous`, `current` and `live` move, in this order.
struct InstanceTransaction {
  let plan: SwitchPlan
  let instances: Configuration.Instances
  let configuration: Configuration
  let store: Store
  let environment: Environment

  /// Switches.
  ///
  /// - Parameters:
  ///   - transaction: the transaction that makes the change.
  ///   - trace: receives the steps.
  /// - Throws: `failed` when systemd can't be asked, `noMemory` when a second instance does not fit the
  ///   memory, or what ``Transaction/perform(_:_:)`` throws.
  func run(
    in transaction: inout Transaction, _ trace: inout OperationTrace
  ) throws(ReleasesError) {
    let releases = ReleaseInstances(instances.layout, store, environment)
    let running = try releases.running()
    let facts = InstanceSwitch(
      layout: instances.layout, liveRuns: plan.from.map(running.contains) ?? false,
      overlap: instances.overlap, rehearsal: instances.rehearsal)
    try makeRoom(in: &transaction, releases)
    let intent = Intent(
      operation: plan.kind == .activate ? .activate : .rollback, id: plan.to, from: plan.from,
      before: plan.before, after: plan.after, confirm: true, instances: facts)
    try transaction.perform(intent) { (entry, transaction) throws(ReleasesError) in
      let switching = InstanceSwitching(
        plan: plan, configuration: configuration, facts: facts, entry: entry, store: store,
        environment: environment)
      if let effect = try switching.start(&trace) { return effect }
      let confirmed = store.catalog.isMarkedBad(plan.to) ? entry.confirmed() : entry
      let staged = try store.moveLinks(plan, confirmed, &trace)
      do throws(ReleasesError) {
        try releases.live.point(to: plan.to)
      } catch {
        staged.discard()
        throw error
      }
      entry = confirmed
      entry.confirm = nil
      transaction.endDrain(of: plan.to)
      if let old = plan.from, old != plan.to, facts.liveRuns, facts.overlap {
        transaction.beginDrain(of: old, instances.layout)
      }
      try store.catalog.commit(staged)
      if let problem = releases.restartOthers() {
        environment.observer.warn(
          Notice(
            """
            can't restart \(verbatim: instances.layout.restarted.joined(separator: ", ")): \(problem)
            """))
      }
      return .done()
    }
  }

  /// Stops instances that drain elsewhere, or that are more than the journal can record.
  private func makeRoom(
    in transaction: inout Transaction, _ releases: ReleaseInstances
  ) throws(ReleasesError) {
    guard let draining = transaction.draining else { return }
    let keeps = draining.layout == instances.layout ? InstanceDrains.limit - 1 : 0
    let known = ReleaseInstances(draining.layout, store, environment)
    for drain in draining.drains.dropLast(keeps) where drain.id != plan.to {
      if let problem = known.stop(draining.layout.units(of: drain.id)) {
        environment.observer.warn("can't stop the instance of \(drain.id): \(problem)")
      }
      transaction.endDrain(of: drain.id)
    }
  }
}

extension Draining {
  /// Finds out whether the instance of the release that was live must drain; nil if it need not.
  init?(after plan: SwitchPlan, in transaction: borrowing Transaction) {
    let environment = transaction.environment
    guard let from = plan.from, from != plan.to,
      transaction.draining?.drains.contains(.init(from, by: environment.actor)) == true,
      let instances = (try? transaction.store.configuration())?.instances
    else { return nil }
    self.init(
      id: from, store: transaction.store, environment: environment, instances: instances)
  }
}
