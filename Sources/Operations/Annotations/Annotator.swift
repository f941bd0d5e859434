package import ReleaseModel
package import ReleaseStore
package import Text

/// Records what operators decide about releases and the store: `pin`, `unpin`, `mark`, `freeze`, `thaw`.
package struct Annotator {
  let store: Store

  package init(_ store: Store) { self.store = store }

  /// Excludes a release from pruning.
  ///
  /// - Throws: `noSuchRelease`, `notReady` or `damaged` for a release without a catalog entry, or
  ///   what ``Transaction/perform(_:_:)`` throws.
  package func pin(
    _ id: ReleaseID, reason: Message, in transaction: inout Transaction
  ) throws(ReleasesError) {
    _ = try entry(of: id)
    try LinkCorrections.annotate(in: &transaction, .pin, id, reason: reason)
  }

  /// Includes a release in pruning again.
  ///
  /// - Returns: whether it was pinned.
  /// - Throws: as ``pin(_:reason:in:)``.
  package func unpin(
    _ id: ReleaseID, in transaction: inout Transaction
  ) throws(ReleasesError) -> Bool {
    guard try entry(of: id).pin != nil else { return false }
    try LinkCorrections.annotate(in: &transaction, .unpin, id)
    return true
  }

  /// Marks a release as good or bad. A bad release is never the rollback target, so `previous` is moved
  /// to another release.
  ///
  /// - Parameters:
  ///   - id: the release.
  ///   - state: `ready` or `bad`.
  ///   - reason: the reason for the catalog; nil for none.
  ///   - transaction: the transaction.
  /// - Throws: `notALink` if `current` or `previous` is not a link; otherwise as
  ///   ``pin(_:reason:in:)``.
  package func mark(
    _ id: ReleaseID, _ state: ReleaseState, reason: Message?, in transaction: inout Transaction
  ) throws(ReleasesError) {
    var snapshot = try store.snapshot()
    var entry = try refuseMark(id, state, snapshot)
    entry.state = state
    snapshot.catalog.insert(entry)
    var after = snapshot.links
    let isPrevious = snapshot.previous.release == id
    if state == .bad && isPrevious || state == .ready && snapshot.previous.state == .missing {
      after.previous = snapshot.lastLive(except: [snapshot.live]).map { Layout.linkText($0) }
    }
    try LinkCorrections.annotate(
      in: &transaction, .mark, id, newState: state, reason: reason, links: after)
  }

  /// Refuses a mark that would fail. Changes nothing.
  ///
  /// - Parameters:
  ///   - id: the release.
  ///   - state: `ready` or `bad`.
  ///   - snapshot: the facts of the store.
  /// - Returns: the catalog entry of the release.
  /// - Throws: `noSuchRelease`, `notReady` or `damaged` for a release without a catalog entry,
  ///   `notALink` if `current` or `previous` is not a link.
  @discardableResult
  package func refuseMark(
    _ id: ReleaseID, _ state: ReleaseState, _ snapshot: Snapshot
  ) throws(ReleasesError) -> CatalogEntry {
    try Preflight(store: store).refuseUnlessLinks(snapshot)
    guard let entry = snapshot.catalog[id] else { throw unknown(id, snapshot) }
    if state == .ready, entry.state == .preparing { throw ReleasesError(beingPrepared: id) }
    return entry
  }

  /// Refuses a change of a release without a catalog entry. Changes nothing.
  ///
  /// - Throws: `noSuchRelease`, `notReady` or `damaged` for such a release.
  package func refuseUnlessRecorded(
    _ id: ReleaseID, _ snapshot: Snapshot
  ) throws(ReleasesError) {
    if snapshot.catalog[id] == nil { throw unknown(id, snapshot) }
  }

  /// Forbids switches until ``thaw(in:)``.
  ///
  /// - Throws: what ``Transaction/perform(_:_:)`` throws.
  package func freeze(
    reason: Message, in transaction: inout Transaction
  ) throws(ReleasesError) {
    try LinkCorrections.annotate(in: &transaction, .freeze, nil, reason: reason)
  }

  /// Allows switches again.
  ///
  /// - Returns: whether the store was frozen.
  /// - Throws: what ``Transaction/perform(_:_:)`` throws.
  package func thaw(in transaction: inout Transaction) throws(ReleasesError) -> Bool {
    guard try store.freezeFile.read() != nil else { return false }
    try LinkCorrections.annotate(in: &transaction, .thaw, nil)
    return true
  }

  private func entry(of id: ReleaseID) throws(ReleasesError) -> CatalogEntry {
    let snapshot = try store.snapshot()
    guard let entry = snapshot.catalog[id] else { throw unknown(id, snapshot) }
    return entry
  }

  private func unknown(_ id: ReleaseID, _ snapshot: Snapshot) -> ReleasesError {
    let isCorrupt = snapshot.catalog.corrupt.contains(id)
    if !isCorrupt, !snapshot.directories.contains(id) {
      return ReleasesError(
        .noSuchRelease, "release \(id) no longer exists",
        hint: Hint("list the releases", command: ["list"]))
    }
    return ReleasesError(noCatalogEntry: id, isCorrupt: isCorrupt)
  }
}
