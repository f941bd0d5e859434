internal import Linux
package import ReleaseModel
internal import StoreSupport

extension Store {
  /// Reads the facts. A release that is being published or removed meanwhile is seen as a whole or
  /// not at all, never as broken.
  package func snapshot() throws(ReleasesError) -> Snapshot {
    let current = try links.link(Layout.current)
    let previous = try links.link(Layout.previous)
    let catalog = try self.catalog.all()
    var directories: Set<ReleaseID> = []
    var strays: [String] = []
    let entries = try attempting("can't list \(path(Layout.releases))") { () throws(SystemError) in
      try releases.entries()
    }
    for entry in entries {
      if let id = ReleaseID(entry.name), try isDirectory(entry) {
        directories.insert(id)
      } else if Layout.stage(ofTemporaryTree: entry.name) == nil {
        strays.append(entry.name)
      }
    }
    var snapshot = Snapshot(
      current: current, previous: previous, catalog: catalog, directories: directories,
      strays: strays, freeze: try freezeFile.read())
    try lookAgain(atHalvesIn: &snapshot)
    return snapshot
  }

  /// The facts of `current`, `previous` and one other release, as if there were no more. An
  /// activation seldom needs others, and then takes as long among ten thousand releases as among
  /// three.
  ///
  /// - Parameter name: the release to activate, as it was typed.
  /// - Returns: nil unless it and the live one are two, and usable.
  package func snapshot(toActivate name: String) throws(ReleasesError) -> Snapshot? {
    let current = try links.link(Layout.current)
    let previous = try links.link(Layout.previous)
    guard let live = current.release,
      let id = name == "previous" ? previous.release : ReleaseID(name), id != live
    else { return nil }
    var snapshot = Snapshot(
      current: current, previous: previous, catalog: Catalog(), directories: [], strays: [],
      freeze: try freezeFile.read())
    for id in [live, id] {
      guard try hasDirectory(id), case .found(let entry) = try catalog.entry(id) else { return nil }
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
      snapshot.catalog.corrupt.union(snapshot.catalog.entries.keys))
    if halves.isEmpty { return }
    let moving = try releaseInMotion()
    for id in halves {
      let isThere = try hasDirectory(id)
      let lookup = try catalog.entry(id)
      snapshot.directories.remove(id)
      snapshot.catalog.remove(id)
      if id == moving { continue }
      if isThere { snapshot.directories.insert(id) }
      switch lookup {
      case .found(let entry): snapshot.catalog.insert(entry)
      case .corrupt: snapshot.catalog.insertCorrupt(id)
      case .absent: break
      }
    }
  }

  /// The release that a living command is publishing or removing.
  private func releaseInMotion() throws(ReleasesError) -> ReleaseID? {
    guard let entry = try journal.last(), entry.phase == .intent,
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
