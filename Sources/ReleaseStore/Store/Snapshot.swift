internal import Linux

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

  package var live: ReleaseID? { current.release }
  package var links: LinkPair { LinkPair(current: current.text, previous: previous.text) }

  /// The release that `current` leads to or into: its files are in use.
  package var held: ReleaseID? { current.holds }

  /// Directories nothing is known of.
  package var unknown: [ReleaseID] {
    directories.filter { catalog[$0] == nil && !catalog.damaged.contains($0) }
      .sorted { $0.text < $1.text }
  }

  /// There is anything of it, be it only a damaged entry.
  package func knows(_ id: ReleaseID) -> Bool {
    directories.contains(id) || catalog[id] != nil || catalog.damaged.contains(id)
  }

  /// Could be switched to without `--force`.
  package func isUsable(_ id: ReleaseID) -> Bool {
    catalog[id]?.state == .ready && directories.contains(id)
  }

  /// The usable release that was live last, but for those left out.
  package func fallback(without left: [ReleaseID?]) -> ReleaseID? {
    catalog.entries.values
      .filter { $0.activation != nil && isUsable($0.id) && !left.contains($0.id) }
      .max { ($0.activation ?? 0) < ($1.activation ?? 0) }?.id
  }

  /// What `rollback` would choose.
  package var rollbackTarget: ReleaseID? {
    if let previous = previous.release, previous != live, isUsable(previous) { return previous }
    return fallback(without: [live])
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

extension Store {
  /// Reads the facts. A release that is being published or removed meanwhile is seen as a whole or
  /// not at all, never as broken.
  package func snapshot() throws(ReleasesError) -> Snapshot {
    let current = try link(Layout.current)
    let previous = try link(Layout.previous)
    let catalog = try catalog()
    var directories: Set<ReleaseID> = []
    var strays: [String] = []
    let entries = try attempting("can't list \(path(Layout.releases))") { () throws(SystemError) in
      try releases.entries()
    }
    for entry in entries {
      if let id = ReleaseID(entry.name), try isDirectory(entry) {
        directories.insert(id)
      } else if Layout.stage(ofTop: entry.name) == nil {
        strays.append(entry.name)
      }
    }
    var snapshot = Snapshot(
      current: current, previous: previous, catalog: catalog, directories: directories,
      strays: strays, freeze: try freeze())
    try lookAgain(atHalvesIn: &snapshot)
    return snapshot
  }

  /// The facts of `current`, `previous` and one other release, as if there were no more. An
  /// activation seldom needs others, and then takes as long among ten thousand releases as among
  /// three.
  ///
  /// - Parameter name: the release to activate, as it was typed.
  /// - Returns: nil unless it and the live one are two, and usable.
  func snapshot(toActivate name: String) throws(ReleasesError) -> Snapshot? {
    let current = try link(Layout.current)
    let previous = try link(Layout.previous)
    guard let live = current.release,
      let id = name == "previous" ? previous.release : ReleaseID(name), id != live
    else { return nil }
    var snapshot = Snapshot(
      current: current, previous: previous, catalog: Catalog(), directories: [], strays: [],
      freeze: try freeze())
    for id in [live, id] {
      guard try hasDirectory(id), case .found(let entry) = try catalogEntry(id) else { return nil }
      snapshot.directories.insert(id)
      snapshot.catalog.insert(entry)
      guard snapshot.isUsable(id) else { return nil }
    }
    return snapshot
  }

  /// What has a catalog entry and no directory, or the reverse, may be on its way in or out, or
  /// have been when one was read and not the other.
  private func lookAgain(atHalvesIn snapshot: inout Snapshot) throws(ReleasesError) {
    let halves = snapshot.directories.symmetricDifference(
      snapshot.catalog.damaged.union(snapshot.catalog.entries.keys))
    if halves.isEmpty { return }
    let moving = try releaseInMotion()
    for id in halves {
      let isThere = try hasDirectory(id)
      let lookup = try catalogEntry(id)
      snapshot.directories.remove(id)
      snapshot.catalog.remove(id)
      if id == moving { continue }
      if isThere { snapshot.directories.insert(id) }
      switch lookup {
      case .found(let entry): snapshot.catalog.insert(entry)
      case .damaged: snapshot.catalog.insertDamaged(id)
      case .absent: break
      }
    }
  }

  /// What has the release's name in `releases/` is a directory.
  func hasDirectory(_ id: ReleaseID) throws(ReleasesError) -> Bool {
    try attempting("can't look at \(id)") { () throws(SystemError) in
      try releases.statusIfPresent(of: id.text)?.kind == .directory
    }
  }

  /// The release that a living command is publishing or removing.
  private func releaseInMotion() throws(ReleasesError) -> ReleaseID? {
    guard let entry = try lastJournalEntry(), entry.phase == .intent,
      entry.operation == .publish || entry.operation == .remove,
      let bootID = try? HostFacts.bootID(), entry.writerIsAlive(bootID: bootID)
    else { return nil }
    return entry.id
  }

  private func isDirectory(_ entry: DirectoryEntry) throws(ReleasesError) -> Bool {
    if let kind = entry.kind { return kind == .directory }
    return try attempting("can't look at \(entry.name)") { () throws(SystemError) in
      try releases.statusIfPresent(of: entry.name)?.kind == .directory
    }
  }
}
