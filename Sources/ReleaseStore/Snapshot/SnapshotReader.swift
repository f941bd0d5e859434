internal import Linux
package import ReleaseModel
internal import StoreSupport
internal import Text

extension Store {
  /// Reads the facts. A release that is being published or removed at the same time is either
  /// complete in the snapshot or absent from it.
  ///
  /// - Throws: an error when a file or directory of the store can't be read.
  package func snapshot() throws(ReleasesError) -> Snapshot {
    try SnapshotReader(store: self).all()
  }

  /// Reads only the facts of the live release and one other, as if no more existed. An activation
  /// rarely needs others, and so it takes as long among ten thousand releases as among three.
  ///
  /// - Parameter name: the release to activate, as it was typed.
  /// - Returns: nil unless both releases are usable and distinct.
  /// - Throws: an error when a file or directory of the store can't be read.
  package func snapshot(toActivate name: String) throws(ReleasesError) -> Snapshot? {
    try SnapshotReader(store: self).pair(activating: name)
  }
}

/// Reads the facts of a store.
private struct SnapshotReader {
  let store: Store

  func all() throws(ReleasesError) -> Snapshot {
    let current = try store.links.link(Layout.current)
    let previous = try store.links.link(Layout.previous)
    let catalog = try store.catalog.all()
    var directories: Set<ReleaseID> = []
    var strays: [String] = []
    var strayLinks: [String: String] = [:]
    let entries = try withErrorMessage("can't list \(path: store.path(Layout.releases))") {
      () throws(SystemError) in
      try store.releases.entries()
    }
    for entry in entries {
      if let id = ReleaseID(entry.name), try isDirectory(entry) {
        directories.insert(id)
      } else if Layout.stage(ofTemporaryTree: entry.name) == nil {
        strays.append(entry.name)
        if entry.isExact, entry.kind == .symbolicLink || entry.kind == nil {
          // A link that disappears meanwhile, or whose text is not UTF-8, is a stray like any other.
          strayLinks[entry.name] = try? store.releases.readLink(entry.name)
        }
      }
    }
    var snapshot = Snapshot(
      current: current, previous: previous, catalog: catalog, directories: directories,
      strays: strays, strayLinks: strayLinks, freeze: try store.freezeFile.read())
    snapshot.leftByHand = releaseLeftByHand(snapshot.links)
    try recheckIncomplete(in: &snapshot)
    return snapshot
  }

  func pair(activating name: String) throws(ReleasesError) -> Snapshot? {
    let current = try store.links.link(Layout.current)
    let previous = try store.links.link(Layout.previous)
    if name == "previous",
      releaseLeftByHand(LinkPair(current: current.text, previous: previous.text)) != nil
    {
      return nil
    }
    guard let live = current.release,
      let id = name == "previous" ? previous.release : ReleaseID(name), id != live
    else { return nil }
    var snapshot = Snapshot(
      current: current, previous: previous, catalog: Catalog(), directories: [], strays: [],
      freeze: try store.freezeFile.read())
    for id in [live, id] {
      guard try store.hasDirectory(id), case .found(let entry) = try store.catalog.entry(id) else {
        return nil
      }
      snapshot.directories.insert(id)
      snapshot.catalog.insert(entry)
      guard snapshot.isUsable(id) else { return nil }
    }
    return snapshot
  }

  /// Finds the release that was live until a person moved `current`, which nothing has recorded yet.
  ///
  /// - Parameter links: the texts of the links.
  /// - Returns: the release; nil when there is none, or this user may not read the journal.
  private func releaseLeftByHand(_ links: LinkPair) -> ReleaseID? {
    guard let entry = try? store.journal.last(), entry.linksBeforeMove(to: links) != nil,
      // A switch that ended between the two readings looks like a move by hand.
      (try? store.links.texts()) == links,
      (try? store.journal.last())?.sequence == entry.sequence
    else { return nil }
    return (try? store.links.releaseLeftByHand(since: entry, links)) ?? nil
  }

  /// Reads the facts of some releases again: those with a catalog entry but no directory, or the
  /// reverse. They may have been published or removed between the two reads.
  ///
  /// - Throws: an error when the journal, the catalog or a directory can't be read.
  private func recheckIncomplete(in snapshot: inout Snapshot) throws(ReleasesError) {
    let incomplete = snapshot.directories.symmetricDifference(
      snapshot.catalog.corrupt.union(snapshot.catalog.entries.keys))
    if incomplete.isEmpty { return }
    let changing = try releaseBeingChanged()
    for id in incomplete {
      let isThere = try store.hasDirectory(id)
      let lookup = try store.catalog.entry(id)
      snapshot.directories.remove(id)
      snapshot.catalog.remove(id)
      if id == changing { continue }
      if isThere { snapshot.directories.insert(id) }
      switch lookup {
      case .found(let entry): snapshot.catalog.insert(entry)
      case .corrupt: snapshot.catalog.insertCorrupt(id)
      case .absent: break
      }
    }
  }

  /// Returns the release that a running command is publishing or removing.
  ///
  /// - Throws: an error when the journal can't be read.
  private func releaseBeingChanged() throws(ReleasesError) -> ReleaseID? {
    guard let entry = try store.journal.last(), entry.phase == .intent,
      entry.operation == .publish || entry.operation == .remove,
      let bootID = try? HostFacts.bootID(), entry.writerIsAlive(bootID: bootID)
    else { return nil }
    return entry.id
  }

  private func isDirectory(_ entry: DirectoryEntry) throws(ReleasesError) -> Bool {
    if let kind = entry.kind { return kind == .directory }
    return try withErrorMessage(
      "can't read the status of \(path: store.path(Layout.releases, entry.name))"
    ) {
      () throws(SystemError) in
      try store.releases.statusIfPresent(of: entry.name)?.kind == .directory
    }
  }
}
