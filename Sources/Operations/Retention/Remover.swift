package import ReleaseModel
package import ReleaseStore
package import Text

/// How a removal ended.
package struct RemoveResult: Sendable {
  /// The catalog entry of the release; nil when it had none.
  package let entry: CatalogEntry?
  /// What the recovery of an interrupted command did first, one line each.
  package let recovered: [Message]
  /// What could not be removed of it; nil for nothing.
  package fileprivate(set) var remains: ReleaseRemains?
}

/// Removes one release: `remove`.
package struct Remover {
  let store: Store

  package init(_ store: Store) { self.store = store }

  /// Removes a release.
  ///
  /// - Parameters:
  ///   - named: the release.
  ///   - force: whether to remove even the rollback target, a pinned release, or one that is not in
  ///     the catalog.
  ///   - environment: what is taken from outside the store.
  ///   - seconds: how long to wait for the lock.
  /// - Returns: what was removed, and what could not be.
  /// - Throws: the reason why it is refused, or what ``Transaction/perform(_:_:)`` throws.
  package func run(
    _ named: NamedRelease, force: Bool, _ environment: Environment, waitingUpTo seconds: Double
  ) throws(ReleasesError) -> RemoveResult {
    var remains: [ReleaseRemains] = []
    var removed: ReleaseID?
    var result = try withTransaction(
      on: store, environment, waitingUpTo: seconds, notRemoved: { remains = $0 }
    ) { transaction throws(ReleasesError) in
      let snapshot = try store.snapshot()
      let id = try named.id(in: snapshot)
      removed = id
      try refuse(id, snapshot, force: force)
      try remove(id, snapshot, in: &transaction)
      return RemoveResult(entry: snapshot.catalog[id], recovered: transaction.recovered)
    }
    result.remains = remains.first { $0.id == removed }
    return result
  }

  /// Removes a release that may be removed, and moves `previous` if it points to it.
  ///
  /// - Throws: `live` when `current` was moved by hand in the meantime, or what
  ///   ``Transaction/perform(_:_:)`` throws.
  func remove(
    _ id: ReleaseID, _ snapshot: Snapshot, in transaction: inout Transaction
  ) throws(ReleasesError) {
    var after = try store.links.texts()
    if snapshot.previous.release == id || snapshot.previous.state == .dangling(id) {
      after.previous = snapshot.lastLive(except: [snapshot.live, id]).map { Layout.linkText($0) }
    }
    let target = after
    let intent = Intent(
      operation: .remove, id: id, before: try store.links.texts(), after: target)
    try transaction.perform(intent) { (_, transaction) throws(ReleasesError) in
      // A link can be moved by hand with `ln -sfn`, which does not take the lock.
      let now = try store.links.link(Layout.current)
      guard now.target != id, now.text == target.current else {
        throw ReleasesError(
          .live, "\(Layout.current) was moved by hand while \(id) was being removed",
          hint: Hint("list the releases", command: ["list"]))
      }
      try store.links.set(to: target)
      try Trash(store: store).add(id, &transaction)
      try ReleaseRecords(store: store).forget(id)
      return .done()
    }
  }

  /// Refuses a release that must not be removed: the live one and one with a mount always, others
  /// unless forced.
  ///
  /// - Throws: the reason for the refusal.
  package func refuse(
    _ id: ReleaseID, _ snapshot: Snapshot, force: Bool
  ) throws(ReleasesError) {
    try store.refuseSplitMounts()
    if snapshot.currentTarget == id {
      throw ReleasesError(
        .live, "release \(id) is live",
        hint: Hint("activate another release first; see", command: ["list"]))
    }
    if !force { try refuseUnlessForced(id, snapshot) }
    if try ReleaseOccupancy(store: store).withMounts().contains(id.text) {
      throw ReleasesError(
        .inUse, "something is mounted in release \(id)",
        hint: Hint(
          "unmount it; see the mount",
          shell: "grep -F \(store.path(Layout.releases, id.text).shellWord) /proc/mounts"))
    }
    if !force, snapshot.unknown.contains(id) {
      throw ReleasesError(
        .notReady, "\(id) has no catalog entry, so it is not a release of this store",
        hint: Hint("adopt it, or use --force", command: ["init", "--adopt", id.text]))
    }
  }

  private func refuseUnlessForced(
    _ id: ReleaseID, _ snapshot: Snapshot
  ) throws(ReleasesError) {
    // It comes first: the hints of the others remove the release.
    let occupancy = ReleaseOccupancy(store: store)
    if let problem = occupancy.instanceProblem(of: id, live: snapshot.live) { throw problem }
    if let pin = snapshot.catalog[id]?.pin {
      throw ReleasesError(
        .pinned, "release \(id) is pinned: \(verbatim: pin.reason)",
        hint: Hint("unpin it", command: ["unpin", id.text]))
    }
    if snapshot.previous.release == id {
      throw ReleasesError(
        .rollbackTarget, "release \(id) is the rollback target",
        hint: Hint("remove it anyway", command: ["remove", id.text, "--force"]))
    }
    if try occupancy.inUse().contains(id.text) {
      throw ReleasesError(
        .inUse, "release \(id) is in use by a process",
        hint: Hint(
          "see which one, or use --force",
          shell: "ls -l /proc/[0-9]*/cwd /proc/[0-9]*/exe 2>/dev/null | grep -F -- "
            + store.path(Layout.releases, id.text).shellWord))
    }
  }
}
