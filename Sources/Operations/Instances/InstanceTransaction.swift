internal import Configuration
internal import HostPrograms
internal import Linux
internal import ReleaseModel
internal import ReleaseStore
internal import Text

/// Switches from the instance of one release to that of another, in one change of a transaction: the
/// new instance is started and healthy; then `previous`, `current` and `live` move, in this order.
struct InstanceTransaction {
  /// How long instances that are in the way of a switch drain, in seconds. The lock is held meanwhile.
  private static let longestWait: Int64 = 5

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
  /// - Throws: `failed` when systemd can't be asked, `configuration` when the live release runs with an
  ///   earlier configuration and is activated again, an error when the start can't be recorded, or what ``Transaction/perform(_:_:)`` throws.
  func run(
    in transaction: inout Transaction, _ trace: inout OperationTrace
  ) throws(ReleasesError) {
    let releases = ReleaseInstances(instances.layout, store, environment)
    let earlier = EarlierInstances(unlike: instances.layout, in: store, environment)
    let elsewhere = earlier?.running ?? []
    if plan.from == plan.to, elsewhere.contains(plan.to) {
      throw .outdatedInstance(of: plan.to)
    }
    let facts = try facts(releases, elsewhere, transaction.draining)
    let olds = facts.overlap ? draining(facts, elsewhere, transaction.draining) : []
    let place =
      olds.lazy.compactMap { earlier?.layout(running: $0) }.first ?? instances.layout
    try store.recordStart(at: instances.layout, environment)
    makeSpace(for: olds.count, place, in: &transaction)
    let oldLayout = store.runningLayout(
      of: facts.running(beside: plan).first, instances.layout, environment)
    let intent = Intent(
      operation: plan.kind == .activate ? .activate : .rollback, id: plan.to, from: plan.from,
      before: plan.before, after: plan.after, confirm: true, instances: facts)
    try transaction.perform(intent) { (entry, transaction) throws(ReleasesError) in
      let switching = InstanceSwitching(
        plan: plan, configuration: configuration, facts: facts, earlier: earlier,
        oldLayout: oldLayout, entry: entry, store: store, environment: environment)
      // A change of `previous` alone must not touch the live instance.
      let onlyLinks = plan.from == plan.to && facts.liveRuns
      if !onlyLinks, let effect = try switching.start(&trace) {
        recordLeft(plan.to, releases, in: &transaction)
        return effect
      }
      let confirmed = store.catalog.isMarkedBad(plan.to) ? entry.confirmed() : entry
      let staged: StagedEntries
      do throws(ReleasesError) {
        staged = try moveLinks(confirmed, releases.live, overlap: facts.overlap, &trace)
      } catch {
        throw switching.restoring(after: error, &trace)
      }
      entry = confirmed
      entry.confirm = nil
      earlier?.pointLinks()
      transaction.endDrain(of: plan.to)
      for old in olds { transaction.beginDrain(of: old, place, isAwaited: true) }
      try store.catalog.commit(staged)
      finish(facts, releases, elsewhere.contains(plan.to) ? earlier : nil)
      return .done()
    }
  }

  /// Moves `previous`, `current` and `live`, in this order.
  ///
  /// - Returns: the catalog entries for the confirmed switch.
  /// - Throws: an error when a link can't be moved.
  private func moveLinks(
    _ confirmed: JournalEntry, _ live: LiveLink, overlap: Bool, _ trace: inout OperationTrace
  ) throws(ReleasesError) -> StagedEntries {
    // No instance serves where the old one had to stop first.
    if !overlap { try live.point(to: plan.to) }
    let staged = try store.moveLinks(plan, confirmed, &trace)
    do throws(ReleasesError) {
      try live.point(to: plan.to)
    } catch {
      staged.discard()
      throw error
    }
    return staged
  }

  /// Records a new instance that could not be stopped, so that the next command stops it.
  private func recordLeft(
    _ id: ReleaseID, _ releases: ReleaseInstances, in transaction: inout Transaction
  ) {
    guard plan.from != id, releases.runs(id) else { return }
    transaction.beginDrain(of: id, instances.layout, isAwaited: false)
  }

  /// The releases whose instances drain when the new one is live: those that are configured, and those that
  /// were started with an earlier configuration.
  private func draining(
    _ facts: InstanceSwitch, _ elsewhere: [ReleaseID], _ draining: InstanceDrains?
  ) -> [ReleaseID] {
    let olds = facts.running(beside: plan)
    let known = olds + [plan.to] + (draining?.drains.map(\.id) ?? [])
    return Array((olds + elsewhere.filter { !known.contains($0) }).prefix(InstanceDrains.limit))
  }

  /// Stops and restarts what depends on the new live release. A failure is only a warning.
  private func finish(
    _ facts: InstanceSwitch, _ releases: ReleaseInstances, _ earlier: EarlierInstances?
  ) {
    // The new release itself has units of an earlier configuration.
    if let earlier {
      ConnectionWait(layouts: earlier.layouts, limit: shortDrain).run { [plan.to] }
      if let problem = earlier.stop(plan.to) {
        environment.observer.warn("can't stop the earlier instance of \(plan.to): \(problem)")
      }
    }
    if let from = plan.from, !facts.liveRuns, from != plan.to,
      // This clears the failed state of its units.
      let problem = releases.stop(instances.layout.units(of: from))
    {
      environment.observer.warn("can't reset the instance of \(from): \(problem)")
    }
    releases.restartOthers()
  }

  /// Finds out which instances run.
  ///
  /// - Throws: `failed` when systemd can't be asked, another error when the link can't be read.
  private func facts(
    _ releases: ReleaseInstances, _ elsewhere: [ReleaseID], _ draining: InstanceDrains?
  ) throws(ReleasesError) -> InstanceSwitch {
    // Where two must not run at the same time, those of an earlier configuration stop first, too.
    let running = try releases.ownRunning().union(instances.overlap ? [] : elsewhere)
    let known = [plan.from, plan.to].compactMap { $0 } + (draining?.drains.map(\.id) ?? [])
    let served = try releases.live.release()
    let others = running.subtracting(known)
      .sorted { ($0 != served ? 1 : 0, $0.text) < ($1 != served ? 1 : 0, $1.text) }
    return InstanceSwitch(
      layout: instances.layout, liveRuns: plan.from.map(running.contains) ?? false,
      others: Array(others.prefix(InstanceDrains.limit - 1)), overlap: instances.overlap,
      rehearsal: instances.rehearsal)
  }

  private var shortDrain: TimeSpan {
    TimeSpan(seconds: min(instances.drain.seconds, Self.longestWait))
  }

  /// Stops instances that drain and are in the way. The journal can record only a few, all of them in one
  /// place. Without overlap, none may run beside the new one.
  private func makeSpace(
    for count: Int, _ place: InstanceLayout, in transaction: inout Transaction
  ) {
    guard let draining = transaction.draining else { return }
    let isOneSpace = count == 0 || draining.layout.hasSameInstances(as: place)
    let isUsable = instances.overlap && draining.layout.hasSameInstances(as: instances.layout)
    let ids = draining.drains.map(\.id).filter { $0 != plan.to || !isUsable }
    let ends =
      isOneSpace && instances.overlap
      ? ids.filter { $0 == plan.to } : ids
    if !ends.isEmpty {
      for id in ends { environment.observer.step(.instanceDrains(id, shortDrain)) }
      ConnectionWait(layouts: [draining.layout], limit: shortDrain).run { ends }
    }
    let surplus = ids.dropLast(max(InstanceDrains.limit - count, 0)).filter { !ends.contains($0) }
    let known = ReleaseInstances(draining.layout, store, environment)
    for id in ends + surplus {
      known.stopOrWarn(id)
      transaction.endDrain(of: id)
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
