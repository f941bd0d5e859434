/// What people say of releases, and of the store.
extension Transaction {
  /// Keeps a release from pruning.
  package mutating func pin(_ id: ReleaseID, reason: String) throws(ReleasesError) {
    _ = try entry(of: id)
    try annotate(.pin, id, reason: reason)
  }

  /// Lets it be pruned again; says whether it was pinned.
  package mutating func unpin(_ id: ReleaseID) throws(ReleasesError) -> Bool {
    guard try entry(of: id).pin != nil else { return false }
    try annotate(.unpin, id)
    return true
  }

  /// Says that a release is good or bad. A bad one is never the fallback: `previous` moves on.
  ///
  /// - Parameter verdict: `ready` or `bad`.
  package mutating func mark(
    _ id: ReleaseID, _ verdict: ReleaseState, reason: String
  ) throws(ReleasesError) {
    var snapshot = try store.snapshot()
    try store.refuseRealDirectories(snapshot)
    guard var entry = snapshot.catalog[id] else { throw unknown(id, snapshot) }
    if verdict == .ready, entry.state == .preparing {
      throw ReleasesError(
        .notReady, "release \(id) is being prepared", hint: "wait for it; see: releases list")
    }
    entry.state = verdict
    snapshot.catalog.insert(entry)
    var after = snapshot.links
    let isFallback = snapshot.previous.release == id
    if verdict == .bad && isFallback || verdict == .ready && snapshot.previous.state == .missing {
      after.previous = snapshot.fallback(without: [snapshot.live]).map { Layout.linkText($0) }
    }
    try annotate(.mark, id, verdict: verdict, reason: reason, after: after)
  }

  /// Moves `previous` on where it leads to a release that has become bad.
  mutating func leaveBadFallback() throws(ReleasesError) {
    guard let id = try store.link(Layout.previous).release,
      case .found(let entry) = try store.catalogEntry(id), entry.state == .bad
    else { return }
    let snapshot = try store.snapshot()
    var after = snapshot.links
    after.previous = snapshot.fallback(without: [snapshot.live]).map { Layout.linkText($0) }
    try annotate(.mark, id, verdict: .bad, reason: entry.reason, after: after)
  }

  /// Forbids switches until ``thaw()``.
  package mutating func freeze(reason: String) throws(ReleasesError) {
    try annotate(.freeze, nil, reason: reason)
  }

  /// Allows switches again; says whether the store was frozen.
  package mutating func thaw() throws(ReleasesError) -> Bool {
    guard try store.freeze() != nil else { return false }
    try annotate(.thaw, nil)
    return true
  }

  private mutating func annotate(
    _ operation: JournalEntry.Operation, _ id: ReleaseID?, verdict: ReleaseState? = nil,
    reason: String? = nil, after: LinkPair? = nil
  ) throws(ReleasesError) {
    let links = try store.linkTexts()
    let intent = Intent(
      operation: operation, id: id, before: links, after: after ?? links, verdict: verdict,
      reason: reason)
    try perform(intent) { (entry, transaction) throws(ReleasesError) in
      try transaction.store.setLinks(entry.after, transaction.environment)
      try transaction.store.record(entry, transaction.environment)
      return .done()
    }
  }

  private func entry(of id: ReleaseID) throws(ReleasesError) -> CatalogEntry {
    let snapshot = try store.snapshot()
    guard let entry = snapshot.catalog[id] else { throw unknown(id, snapshot) }
    return entry
  }

  private func unknown(_ id: ReleaseID, _ snapshot: Snapshot) -> ReleasesError {
    let damaged = snapshot.catalog.damaged.contains(id)
    if !damaged, !snapshot.directories.contains(id) {
      return ReleasesError(
        .noSuchRelease, "there is no release \(id) any more", hint: "see: releases list")
    }
    return ReleasesError(
      damaged ? .damaged : .notReady,
      damaged ? "what was known of release \(id) is damaged" : "nothing is known of release \(id)",
      hint: "take it over: releases init")
  }
}
