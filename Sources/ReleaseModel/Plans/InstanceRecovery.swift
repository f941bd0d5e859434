internal import Text

/// What recovery knows of the instances of the service.
package struct InstanceFacts: Equatable, Sendable {
  /// The release that `current` points to; nil for none.
  package let current: ReleaseID?
  /// The release whose socket the link `live` points to; nil for none.
  package let served: ReleaseID?
  /// The instances that drain although the process that should stop them has ended.
  package var abandonedDrains: [ReleaseID] = []
  /// Whether the configuration describes instances; true, too, if it can't be read. Otherwise the service
  /// has had instances before, and only what they have left is stopped.
  package var isConfigured = true
  /// Whether another instance may run beside the live one.
  package var overlap = true
  /// Whether the live instance is started if it does not run, as `recover` does.
  package var startsLive = false
  /// The releases whose rehearsals still run, although no switch does.
  package var leftRehearsals: [ReleaseID] = []

  package init(current: ReleaseID?, served: ReleaseID?) {
    self.current = current
    self.served = served
  }
}

/// Returns the steps that finish or undo an interrupted switch between instances. `current` moves only
/// when the new instance is healthy, so the link tells how far the switch has come.
func stepsAfterInstanceSwitch(
  _ entry: JournalEntry, _ instances: InstanceSwitch, _ facts: RecoveryFacts,
  _ direction: RecoveryDirection
) -> [RecoveryStep] {
  guard let id = entry.id else { return [.complete(.undone, note: "the entry names no release")] }
  let rehearsal = instances.overlap ? [] : [RecoveryStep.stopRehearsal(id)]
  let old = entry.from == id ? nil : entry.from
  let olds = [old].compactMap { $0 } + instances.others
  let isServed = facts.instances?.served == id
  if entry.isMovedByHand(facts.links) {
    var kept = entry
    kept.keepCurrent(of: facts.links)
    return [.pointLinks(kept.before)] + rehearsal
      + stepsToObey(facts.instances?.current, instead: id, olds, instances, isServed: isServed)
      + [.complete(.undone, note: "\(Layout.current) was moved by hand in the meantime")]
  }
  if direction == .forward, facts.releaseExists,
    LinkPair.isSameText(facts.links.current, entry.after.current)
  {
    return [.pointLinks(entry.after)] + rehearsal
      + (instances.overlap ? [] : olds.map(RecoveryStep.stopInstance))
      + [.serveInstance(id, starts: true), .restartUnits, .applyToCatalog]
      + (instances.overlap ? olds.map(RecoveryStep.drainInstance) : [])
      + [.complete(.finished, note: "\(id) is live")]
  }
  // If `current` was moved by hand before the switch, another instance than the live one serves.
  let served = instances.liveRuns ? entry.from : instances.others.first
  let serveOld: [RecoveryStep] = served.map { [.serveInstance($0, starts: true)] } ?? []
  // Clients may have followed the link to the new instance already.
  let drains = instances.overlap && isServed && served != nil
  let stopNew: [RecoveryStep] =
    old == nil && entry.from != nil ? [] : [drains ? .drainInstance(id) : .stopInstance(id)]
  let restored =
    [.pointLinks(entry.before)] + rehearsal
    + (instances.overlap ? serveOld + stopNew : stopNew + serveOld)
  if direction == .back {
    return restored + [.complete(.failed, note: "everything is as before")]
  }
  let mark = BadMark.decide(wasGood: facts.wasGood, isInterrupted: true, restoredFails: false)
  let live: Message = entry.from.map { "\($0) stays live" } ?? "no release is live"
  return restored
    + (mark == .mark
      ? [.markBad(id, reason: "its switch was interrupted before it was live")] : [])
    + [.complete(.undone, note: "\(id) was not confirmed; \(live)")]
}

/// Returns the steps for the instances when a person has moved `current` during the switch.
private func stepsToObey(
  _ current: ReleaseID?, instead id: ReleaseID, _ olds: [ReleaseID], _ instances: InstanceSwitch,
  isServed: Bool
) -> [RecoveryStep] {
  let stopNew: [RecoveryStep] =
    current == id
    ? [] : [instances.overlap && isServed ? .drainInstance(id) : .stopInstance(id)]
  guard !instances.overlap, let current else { return stopNew }
  // Two instances must not run at the same time.
  return stopNew + olds.filter { $0 != current }.map(RecoveryStep.stopInstance)
    + [.serveInstance(current, starts: true)]
}

/// Returns the steps that make the instances agree with `current` when no switch is interrupted.
func stepsForInstances(_ facts: InstanceFacts?) -> [RecoveryStep] {
  guard let facts else { return [] }
  let stops =
    facts.abandonedDrains.filter { $0 != facts.current }.map(RecoveryStep.stopInstance)
    + facts.leftRehearsals.map(RecoveryStep.stopRehearsal)
  guard facts.isConfigured, let current = facts.current,
    facts.startsLive || facts.served != current
  else { return stops }
  let serve = [RecoveryStep.serveInstance(current, starts: facts.startsLive)]
  // The instance that serves now is stopped only when another one serves, unless two must not run.
  return facts.overlap ? serve + stops : stops + serve
}
