internal import Configuration
internal import Linux
package import ReleaseModel
package import ReleaseStore

/// The decisions of a prune, and what failed.
package struct PruneResult: Sendable {
  package var decisions: [RetentionDecision]
  /// The names in `releases/` without a catalog entry, which are never removed.
  package var unknown: [String]
  package var warnings: [Notice] = []
  /// How much space the removals free, in bytes; estimated from the catalog.
  package var freedBytes: Int64 = 0

  var removals: [RetentionDecision] { decisions.filter { $0.action == .remove } }
  package var removed: [ReleaseID] { removals.map(\.id) }
  /// How many inodes the removals free, without directories; estimated from the catalog.
  var freedInodes: Int64 { removals.reduce(0) { $0 + $1.files } }
}

/// Removes the releases that the retention policy does not retain: `prune`.
package struct Pruner {
  let store: Store
  let environment: Environment

  package init(_ store: Store, _ environment: Environment) {
    self.store = store
    self.environment = environment
  }

  /// Applies the retention policy to the facts. Changes nothing.
  ///
  /// - Throws: `unsupported` if `releases/` is on another mount, since what lies beneath would
  ///   count as removed; another error when the store can't be read.
  package func plan(_ options: PruneOptions) throws(ReleasesError) -> PruneResult {
    try store.refuseSplitMounts()
    let configuration = try store.configuration()
    let snapshot = try store.snapshot()
    let now = environment.actor.now()
    let policy = RetentionPolicy(
      count: options.count ?? configuration.keep.count,
      age: options.age ?? configuration.keep.age.seconds,
      clockDoubt: options.age == nil
        ? clockDoubt(now, lastChange: try store.journal.last()) : nil)
    let facts = try store.space()
    let space = RetentionSpace(
      freeBytes: facts.freeBytes, freeInodes: facts.freeInodes,
      neededBytes: options.neededBytes ?? configuration.keep.minFree?.bytes,
      neededInodes: configuration.keep.minFreeInodes.map(Int64.init))
    let decisions = retentionPlan(try candidates(snapshot), policy, space, now: now)
    var result = PruneResult(
      decisions: decisions, unknown: snapshot.unknown.map(\.text) + snapshot.strays,
      freedBytes: decisions.reduce(0) { $0 + ($1.action == .remove ? $1.bytes : 0) })
    if let doubt = policy.clockDoubt { result.warnings.append(Notice(doubt)) }
    if !result.removals.isEmpty, DirectoriesInUse.othersAreHidden {
      result.warnings.append(hiddenProcessesWarning)
    }
    return result
  }

  private func candidates(_ snapshot: Snapshot) throws(ReleasesError) -> [RetentionCandidate] {
    let occupancy = ReleaseOccupancy(store: store)
    let used = try occupancy.inUse()
    let mounted = try occupancy.withMounts()
    return snapshot.catalog.entries.values.map { entry in
      RetentionCandidate(
        id: entry.id, sequence: entry.sequence, state: entry.state, created: entry.created,
        badSince: entry.badSince,
        isLive: snapshot.currentTarget == entry.id || snapshot.current.state == .dangling(entry.id),
        isPrevious: snapshot.rollbackTarget == entry.id
          || snapshot.previous.target == entry.id,
        isPinned: entry.pin != nil, isInUse: used.contains(entry.id.text),
        hasMount: mounted.contains(entry.id.text),
        isMissing: !snapshot.directories.contains(entry.id), bytes: entry.bytes,
        shared: entry.shared ?? [:], files: Int64(entry.files))
    }
  }

  /// Executes a plan that was made while this transaction holds the lock. A release that can't be
  /// removed causes a warning, and the others are still removed.
  ///
  /// - Throws: `interrupted` when it is unknown what the disk holds.
  package func prune(
    _ plan: PruneResult, in transaction: inout Transaction
  ) throws(ReleasesError) -> PruneResult {
    var result = plan
    let remover = Remover(store)
    for id in plan.removed {
      do throws(ReleasesError) {
        // The links may have been moved by hand since the plan was made.
        let snapshot = try store.snapshot()
        try remover.refuse(id, snapshot, force: false)
        try remover.remove(id, snapshot, in: &transaction)
      } catch let error where error.code != .interrupted {
        result.warnings.append(Notice(error))
        result.freedBytes -= plan.decisions.first { $0.id == id }?.bytes ?? 0
        result.decisions = result.decisions.map {
          $0.id == id ? $0.retained(because: "it can't be removed: \(error.message)") : $0
        }
      }
    }
    return result
  }
}

/// The warning for a host whose `/proc` hides the processes of other users.
let hiddenProcessesWarning: Notice = """
  the processes of other users are hidden here (hidepid), so a release that only they use counts \
  as unused
  """
