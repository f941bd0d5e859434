internal import Configuration
internal import Linux
package import ReleaseModel
package import ReleaseStore
internal import StoreSupport
package import Text

/// The decisions of a prune, and what failed.
package struct PruneResult: Sendable {
  package var decisions: [RetentionDecision]
  /// The names in `releases/` without a catalog entry, which are never removed.
  package var unknown: [String]
  package var warnings: [Notice] = []
  /// What could not be removed of the removed releases.
  package private(set) var remains: [ReleaseRemains] = []
  /// What the recovery of an interrupted command did first, or would do, one line each.
  package fileprivate(set) var recovered: [Message] = []
  /// How much space the removals free, in bytes; estimated from the catalog.
  package var freedBytes: Int64 = 0

  var removals: [RetentionDecision] { decisions.filter { $0.action == .remove } }
  package var removed: [ReleaseID] { removals.map(\.id) }
  /// How many inodes the removals free, without directories; estimated from the catalog.
  var freedInodes: Int64 { removals.reduce(0) { $0 + $1.files } }

  /// Subtracts what could not be removed from the space that is freed.
  fileprivate mutating func subtract(_ remains: [ReleaseRemains]) {
    self.remains += remains
    for left in remains {
      guard let bytes = removals.first(where: { $0.id == left.id })?.bytes else { continue }
      freedBytes -= min(bytes, left.bytes ?? bytes)
    }
  }
}

/// Removes the releases that the retention policy does not retain: `prune`.
package struct Pruner {
  let store: Store
  let environment: Environment

  package init(_ store: Store, _ environment: Environment) {
    self.store = store
    self.environment = environment
  }

  /// Plans a prune and executes it.
  ///
  /// - Parameters:
  ///   - options: what differs from the configured policy.
  ///   - seconds: how long to wait for the lock.
  ///   - hooks: what recovery does about the activate hook.
  /// - Returns: the decisions, and what could not be removed.
  /// - Throws: what ``plan(_:from:)``, ``prune(_:in:)`` and `withTransaction` throw.
  package func run(
    _ options: PruneOptions, waitingUpTo seconds: Double, hooks: RecoveryHooks = .run
  ) throws(ReleasesError) -> PruneResult {
    var remains: [ReleaseRemains] = []
    var result = try withTransaction(
      on: store, environment, waitingUpTo: seconds, hooks: hooks, notRemoved: { remains = $0 }
    ) { transaction throws(ReleasesError) in
      var result = try prune(try plan(options), in: &transaction)
      result.recovered = transaction.recovered
      return result
    }
    result.subtract(remains)
    return result
  }

  /// Plans a prune for a dry run: from the state that the recovery of an interrupted transaction will
  /// leave.
  ///
  /// - Parameter options: what differs from the configured policy.
  /// - Returns: the decisions, and what is recovered first; nil for nothing.
  /// - Throws: what ``plan(_:from:)`` throws.
  package func planAfterRecovery(
    _ options: PruneOptions
  ) throws(ReleasesError) -> (plan: PruneResult, recovery: PendingRecovery?) {
    let outlook = try RecoveryOutlook(store, environment)
    var plan = try plan(options, from: outlook.snapshot)
    plan.recovered = outlook.recovery?.sentences ?? []
    return (plan, outlook.recovery)
  }

  /// Applies the retention policy to the facts. Changes nothing.
  ///
  /// - Parameters:
  ///   - options: what differs from the configured policy.
  ///   - known: the facts of the store, such as those after a recovery; nil to read them.
  /// - Returns: the decisions.
  /// - Throws: `unsupported` if `releases/` is on another mount, since what lies beneath would
  ///   count as removed; another error when the store can't be read.
  package func plan(
    _ options: PruneOptions, from known: Snapshot? = nil
  ) throws(ReleasesError) -> PruneResult {
    try store.refuseSplitMounts()
    let configuration = try store.configuration()
    let snapshot = if let known { known } else { try store.snapshot() }
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
    let planned = retentionPlan(try candidates(snapshot), policy, space, now: now)
    let (decisions, warnings) = retainingImmovable(planned)
    var result = PruneResult(
      decisions: decisions, unknown: snapshot.unknown.map(\.text) + snapshot.strays,
      freedBytes: decisions.reduce(0) { $0 + ($1.action == .remove ? $1.bytes : 0) })
    result.warnings += warnings
    if let doubt = policy.clockDoubt { result.warnings.append(Notice(doubt)) }
    if !result.removals.isEmpty, DirectoriesInUse.othersAreHidden {
      result.warnings.append(hiddenProcessesWarning)
    }
    return result
  }

  /// Retains the releases that this process can't move to the trash, if it runs as the store's owner.
  ///
  /// - Returns: the decisions, and how to make each of these releases removable.
  private func retainingImmovable(
    _ decisions: [RetentionDecision]
  ) -> (decisions: [RetentionDecision], warnings: [Notice]) {
    guard let ownership = try? store.ownership(), ownership.isOfThisUser else {
      return (decisions, [])
    }
    var warnings: [Notice] = []
    let checked = decisions.map { decision in
      let path = store.path(Layout.releases, decision.id.text)
      guard decision.action == .remove, let denial = AccessDenial(moving: path),
        // The owner of a read-only directory can change that.
        denial.path != path || denial.owner != ownership.owner || denial.reason == .attribute
      else { return decision }
      let reason: Message = "it can't be removed: \(denial.text)"
      warnings.append(
        Notice(
          "release \(decision.id) is retained, since \(reason)",
          hint: Hint(denial, includesContent: true)))
      return decision.retained(because: reason)
    }
    return (checked, warnings)
  }

  private func candidates(_ snapshot: Snapshot) throws(ReleasesError) -> [RetentionCandidate] {
    let occupancy = ReleaseOccupancy(store: store)
    return snapshot.retentionCandidates(
      inUse: try occupancy.inUse(), withMounts: try occupancy.withMounts())
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
