/// A snapshot holds the facts of a store at one moment, read without the lock.
package struct Snapshot: Sendable {
  package var current: ReleaseLink
  package var previous: ReleaseLink
  package var catalog: Catalog
  /// The directories in `releases/` whose names are release IDs.
  package var directories: Set<ReleaseID>
  /// The other names in `releases/`: files, links, and directories whose names are not release IDs.
  package var strays: [String]
  /// The texts of those strays that are symbolic links, by their names.
  package var strayLinks: [String: String]
  package var freeze: Freeze?
  /// Whether recovery of an interrupted switch changes what is live. Until then a rollback without
  /// `--to` is refused.
  package var recoveryChangesLive = false
  /// The release that was live until a person moved or removed `current`, unless that is recorded already;
  /// the next command that changes the store points `previous` to it.
  package var leftByHand: ReleaseID?

  package init(
    current: ReleaseLink, previous: ReleaseLink, catalog: Catalog, directories: Set<ReleaseID>,
    strays: [String], strayLinks: [String: String] = [:], freeze: Freeze? = nil
  ) {
    self.current = current
    self.previous = previous
    self.catalog = catalog
    self.directories = directories
    self.strays = strays
    self.strayLinks = strayLinks
    self.freeze = freeze
  }

  /// The release that is live; nil when `current` points to none.
  package var live: ReleaseID? { current.release }
  /// The texts of both links.
  package var links: LinkPair { LinkPair(current: current.text, previous: previous.text) }

  /// The release that `current` points to or into, so that its files are in use.
  package var currentTarget: ReleaseID? { current.target }

  /// The directories without a catalog entry.
  package var unknown: [ReleaseID] {
    directories.filter { catalog[$0] == nil && !catalog.corrupt.contains($0) }
      .sorted { $0.text < $1.text }
  }

  /// The directories without a readable catalog entry.
  package var unrecorded: Set<ReleaseID> {
    directories.filter { catalog[$0] == nil }
  }

  /// Whether a release has a directory or a catalog entry, even a corrupt one.
  package func knows(_ id: ReleaseID) -> Bool {
    directories.contains(id) || catalog[id] != nil || catalog.corrupt.contains(id)
  }

  /// Whether a switch to the release is possible without `--force`.
  package func isUsable(_ id: ReleaseID) -> Bool {
    catalog[id]?.state == .ready && directories.contains(id)
  }

  /// Returns the usable release that was live last, except those excluded.
  package func lastLive(except excluded: [ReleaseID?]) -> ReleaseID? {
    catalog.entries.values
      .filter { $0.activation != nil && isUsable($0.id) && !excluded.contains($0.id) }
      .max { ($0.activation ?? 0) < ($1.activation ?? 0) }?.id
  }

  /// The release that `previous` points to, or will point to once a move by hand is recorded.
  package var previousRelease: ReleaseID? { leftByHand ?? previous.release }

  /// The release that `rollback` would choose; nil when there is none.
  package var rollbackTarget: ReleaseID? {
    if recoveryChangesLive { return nil }
    if let previous = previousRelease, previous != live, isUsable(previous) { return previous }
    return lastLive(except: [live])
  }

  /// The releases that a rollback could choose, in its order: the rollback target, then the others
  /// that were live, the last one first.
  package var rollbackCandidates: [ReleaseID] {
    guard let target = rollbackTarget else { return [] }
    let others = catalog.entries.values
      .filter { $0.activation != nil && isUsable($0.id) && $0.id != live && $0.id != target }
      .sorted { ($0.activation ?? 0) > ($1.activation ?? 0) }
    return [target] + others.map(\.id)
  }

  /// Returns the release of this store with the ID at the end of a link that points elsewhere.
  /// After a store has been moved, absolute links still point to its old path.
  package func releaseOfMovedLink(_ link: ReleaseLink) -> ReleaseID? {
    guard link.state == .elsewhere, let text = link.text else { return nil }
    let components = text.split(separator: "/").suffix(2)
    guard components.count == 2, components.first == "\(Layout.releases)",
      let id = components.last.flatMap({ ReleaseID($0) }), directories.contains(id)
    else { return nil }
    return id
  }

  /// The catalog entries in the order of publication, newest first.
  package var newestFirst: [CatalogEntry] {
    catalog.entries.values.sorted { $0.sequence > $1.sequence }
  }
}
