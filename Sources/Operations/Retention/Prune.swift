internal import FoundationEssentials
internal import Linux

/// What a prune decided, and what it could not do.
package struct PruneResult: Sendable {
  package var decisions: [RetentionDecision]
  /// Names in `releases/` that nothing is known of; never touched.
  package var unknown: [String]
  package var warnings: [String] = []
  /// Estimated from what the catalog says of those removed.
  package var freedBytes: Int64 = 0

  package var removals: [RetentionDecision] { decisions.filter { $0.action == .remove } }
  package var removed: [ReleaseID] { removals.map(\.id) }
  /// As ``freedBytes``, directories not counted.
  package var freedInodes: Int64 { removals.reduce(0) { $0 + $1.files } }
}

extension Store {
  /// Applies the retention policy to the facts; changes nothing.
  ///
  /// - Throws: `unsupported` where `releases/` is on another mount: what lies beneath that is not
  ///   gone, and nothing can be removed.
  package func planPrune(
    _ options: PruneOptions, _ environment: Environment
  ) throws(ReleasesError) -> PruneResult {
    try refuseSplitMounts()
    let configuration = try configuration()
    let snapshot = try snapshot()
    let now = environment.now()
    let policy = RetentionPolicy(
      count: options.count ?? configuration.keep.count,
      age: options.age ?? configuration.keep.age.seconds,
      clockDoubt: options.age == nil
        ? clockDoubt(now, lastChange: try lastJournalEntry()) : nil)
    let facts = try space()
    let space = RetentionSpace(
      freeBytes: facts.freeBytes, freeInodes: facts.freeInodes,
      neededBytes: options.neededBytes ?? configuration.keep.minFree?.bytes,
      neededInodes: configuration.keep.minFreeInodes.map(Int64.init))
    let decisions = retentionPlan(
      try candidates(snapshot, environment), policy, space, now: now)
    var result = PruneResult(
      decisions: decisions, unknown: snapshot.unknown.map(\.text) + snapshot.strays,
      freedBytes: decisions.reduce(0) { $0 + ($1.action == .remove ? $1.bytes : 0) })
    if let doubt = policy.clockDoubt { result.warnings.append(doubt) }
    if !result.removals.isEmpty, DirectoriesInUse.othersAreHidden {
      result.warnings.append(
        "the processes of other users are hidden here (hidepid), so a release that only they use"
          + " counts as unused")
    }
    return result
  }

  private func candidates(
    _ snapshot: Snapshot, _ environment: Environment
  ) throws(ReleasesError) -> [RetentionCandidate] {
    let used = try releasesInUse()
    let mounted = try releasesWithMounts()
    return snapshot.catalog.entries.values.map { entry in
      RetentionCandidate(
        id: entry.id, sequence: entry.sequence, state: entry.state, created: entry.created,
        judged: entry.judged,
        isLive: snapshot.held == entry.id || snapshot.current.state == .dangling(entry.id),
        isPrevious: snapshot.rollbackTarget == entry.id
          || snapshot.previous.holds == entry.id,
        isPinned: entry.pin != nil, isInUse: used.contains(entry.id.text),
        hasMount: mounted.contains(entry.id.text),
        isMissing: !snapshot.directories.contains(entry.id), bytes: entry.bytes,
        shared: entry.shared ?? [:], files: Int64(entry.files))
    }
  }

  /// The names in `releases/` that some process lives in.
  func releasesInUse() throws(ReleasesError) -> Set<String> {
    try attempting("can't look at the processes") { () throws(SystemError) in
      try DirectoriesInUse.names(beneath: releases)
    }
  }

  /// The names in `releases/` in which, or on which, something is mounted.
  func releasesWithMounts() throws(ReleasesError) -> Set<String> {
    try attempting("can't look at what is mounted") { () throws(SystemError) in
      try Mounts.names(beneath: releases)
    }
  }
}

extension Transaction {
  /// Prunes by a plan made while this transaction holds the lock. A release that can't be removed
  /// is a warning, and the rest goes on.
  package mutating func prune(_ plan: PruneResult) throws(ReleasesError) -> PruneResult {
    var result = plan
    for id in plan.removed {
      do throws(ReleasesError) {
        // The links may have been moved by hand since the plan was made.
        let snapshot = try store.snapshot()
        try store.refuseRemoval(of: id, snapshot, force: false)
        try remove(id, snapshot)
      } catch let error where error.code != .interrupted {
        result.warnings.append("\(error.message): \(error.cause ?? "")")
        result.freedBytes -= plan.decisions.first { $0.id == id }?.bytes ?? 0
        result.decisions = result.decisions.map {
          $0.id == id
            ? RetentionDecision(
              id: id, action: .keep, reason: "it can't be removed: \(error.message)",
              bytes: $0.bytes, files: $0.files)
            : $0
        }
      }
    }
    return result
  }
}
