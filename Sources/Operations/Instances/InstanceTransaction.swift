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
  /// - Throws: `failed` when systemd can't be asked, or what ``Transaction/perform(_:_:)`` throws.
  func run(
    in transaction: inout Transaction, _ trace: inout OperationTrace
  ) throws(ReleasesError) {
    let releases = ReleaseInstances(instances.layout, store, environment)
    let facts = try facts(releases, transaction.draining)
    makeSpace(for: facts.running(beside: plan).count, in: &transaction)
    let oldLayout = store.lastInstanceLayout()
    let intent = Intent(
      operation: plan.kind == .activate ? .activate : .rollback, id: plan.to, from: plan.from,
      before: plan.before, after: plan.after, confirm: true, instances: facts)
    try transaction.perform(intent) { (entry, transaction) throws(ReleasesError) in
      let switching = InstanceSwitching(
        plan: plan, configuration: configuration, facts: facts, entry: entry, store: store,
        environment: environment)
      // A change of `previous` alone must not touch the live instance.
      let onlyLinks = plan.from == plan.to && facts.liveRuns
      if !onlyLinks, let effect = try switching.start(&trace) { return effect }
      let confirmed = store.catalog.isMarkedBad(plan.to) ? entry.confirmed() : entry
      // No instance serves where the old one had to stop first.
      if !facts.overlap { try releases.live.point(to: plan.to) }
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
      if facts.overlap {
        for old in facts.running(beside: plan) {
          transaction.beginDrain(of: old, instances.layout)
        }
      }
      try store.catalog.commit(staged)
      finish(facts, releases, oldLayout)
      return .done()
    }
  }

  /// Stops and restarts what depends on the new live release. A failure is only a warning.
  private func finish(
    _ facts: InstanceSwitch, _ releases: ReleaseInstances, _ oldLayout: InstanceLayout?
  ) {
    stopElsewhere(oldLayout)
    if let from = plan.from, !facts.liveRuns, from != plan.to,
      // This clears the failed state of its units.
      let problem = releases.stop(instances.layout.units(of: from))
    {
      environment.observer.warn("can't reset the instance of \(from): \(problem)")
    }
    releases.restartOthers()
  }

  /// Stops the instances that earlier switches have started by another configuration.
  private func stopElsewhere(_ layout: InstanceLayout?) {
    guard let layout,
      layout.templates != instances.layout.templates
        || layout.manager != instances.layout.manager
    else { return }
    let releases = ReleaseInstances(layout, store, environment)
    let units = ((try? releases.ownRunning()) ?? []).flatMap(layout.units(of:))
    let isSameManager = layout.manager == instances.layout.manager
    let old = units.filter { !isSameManager || instances.layout.release(ofUnit: $0) == nil }
    if let problem = old.isEmpty ? nil : releases.stop(old) {
      environment.observer.warn("can't stop \(verbatim: old.joined(separator: ", ")): \(problem)")
    }
  }

  /// Finds out which instances run.
  ///
  /// - Throws: `failed` when systemd can't be asked, another error when the link can't be read.
  private func facts(
    _ releases: ReleaseInstances, _ draining: InstanceDrains?
  ) throws(ReleasesError) -> InstanceSwitch {
    let running = try releases.ownRunning()
    let known = [plan.from, plan.to].compactMap { $0 } + (draining?.drains.map(\.id) ?? [])
    let served = try releases.live.release()
    let others = running.subtracting(known)
      .sorted { ($0 != served ? 1 : 0, $0.text) < ($1 != served ? 1 : 0, $1.text) }
    return InstanceSwitch(
      layout: instances.layout, liveRuns: plan.from.map(running.contains) ?? false,
      others: Array(others.prefix(InstanceDrains.limit - 1)), overlap: instances.overlap,
      rehearsal: instances.rehearsal)
  }

  /// Stops instances that drain elsewhere, or that are more than the journal can record.
  private func makeSpace(
    for count: Int, in transaction: inout Transaction
  ) {
    guard let draining = transaction.draining else { return }
    let keeps = draining.layout == instances.layout ? max(InstanceDrains.limit - count, 0) : 0
    let known = ReleaseInstances(draining.layout, store, environment)
    for drain in draining.drains.dropLast(keeps) where drain.id != plan.to {
      known.stopOrWarn(drain.id)
      transaction.endDrain(of: drain.id)
    }
  }
}

extension InstanceSwitch {
  /// The releases whose instances run when the switch begins, without those that drain already: the live
  /// one, and others.
  func running(beside plan: SwitchPlan) -> [ReleaseID] {
    (liveRuns && plan.from != plan.to ? [plan.from].compactMap { $0 } : []) + others
  }
}

extension Draining {
  /// Finds out which instances this process must let drain; nil for none.
  init?(in transaction: borrowing Transaction) {
    let environment = transaction.environment
    let own = (transaction.draining?.drains ?? []).filter {
      $0 == .init($0.id, by: environment.actor)
    }
    guard !own.isEmpty, let instances = (try? transaction.store.configuration())?.instances else {
      return nil
    }
    self.init(
      ids: own.map(\.id), store: transaction.store, environment: environment, instances: instances)
  }
}
