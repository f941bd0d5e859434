/// The facts of a store at one moment, read without a lock.
package struct Snapshot: Sendable {
  package var current: ReleaseLink
  package var previous: ReleaseLink
  package var catalog: Catalog
  /// The directories in `releases/` that a release could be.
  package var directories: Set<ReleaseID>
  /// Other names in `releases/`: files, links, names that are no ids.
  package var strays: [String]
  package var freeze: Freeze?

  package init(
    current: ReleaseLink, previous: ReleaseLink, catalog: Catalog, directories: Set<ReleaseID>,
    strays: [String], freeze: Freeze? = nil
  ) {
    self.current = current
    self.previous = previous
    self.catalog = catalog
    self.directories = directories
    self.strays = strays
    self.freeze = freeze
  }

  package var live: ReleaseID? { current.release }
  package var links: LinkPair { LinkPair(current: current.text, previous: previous.text) }

  /// The release that `current` leads to or into: its files are in use.
  package var held: ReleaseID? { current.holds }

  /// Directories nothing is known of.
  package var unknown: [ReleaseID] {
    directories.filter { catalog[$0] == nil && !catalog.corrupt.contains($0) }
      .sorted { $0.text < $1.text }
  }

  /// There is anything of it, be it only a damaged entry.
  package func knows(_ id: ReleaseID) -> Bool {
    directories.contains(id) || catalog[id] != nil || catalog.corrupt.contains(id)
  }

  /// Could be switched to without `--force`.
  package func isUsable(_ id: ReleaseID) -> Bool {
    catalog[id]?.state == .ready && directories.contains(id)
  }

  /// The usable release that was live last, but for those left out.
  package func lastLive(except left: [ReleaseID?]) -> ReleaseID? {
    catalog.entries.values
      .filter { $0.activation != nil && isUsable($0.id) && !left.contains($0.id) }
      .max { ($0.activation ?? 0) < ($1.activation ?? 0) }?.id
  }

  /// What `rollback` would choose.
  package var rollbackTarget: ReleaseID? {
    if let previous = previous.release, previous != live, isUsable(previous) { return previous }
    return lastLive(except: [live])
  }

  /// The release of this store that has the id a link to another place ends in: where the store
  /// was moved, absolute links still lead to where it was.
  package func sameRelease(of link: ReleaseLink) -> ReleaseID? {
    guard link.state == .elsewhere, let text = link.text else { return nil }
    let components = text.split(separator: "/").suffix(2)
    guard components.count == 2, components.first == "\(Layout.releases)",
      let id = components.last.flatMap({ ReleaseID($0) }), directories.contains(id)
    else { return nil }
    return id
  }

  /// The releases in the order of their publication, newest first.
  package var newestFirst: [CatalogEntry] {
    catalog.entries.values.sorted { $0.sequence > $1.sequence }
  }
}
