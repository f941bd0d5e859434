internal import Linux

extension Transaction {
  /// Removes one release. Refuses the live one always, a pinned one or the fallback unless forced.
  ///
  /// - Returns: what is known of it; nil when nothing was.
  package mutating func remove(_ id: ReleaseID, force: Bool) throws(ReleasesError) -> CatalogEntry?
  {
    let snapshot = try store.snapshot()
    try store.refuseRemoval(of: id, snapshot, force: force)
    try remove(id, snapshot)
    return snapshot.catalog[id]
  }

  /// Removes a release that may go, and moves `previous` on where it led there.
  mutating func remove(_ id: ReleaseID, _ snapshot: Snapshot) throws(ReleasesError) {
    var after = try store.linkTexts()
    if snapshot.previous.release == id || snapshot.previous.state == .dangling(id) {
      after.previous =
        snapshot.fallback(without: [snapshot.live, id]).map { Layout.linkText($0) }
    }
    let target = after
    let intent = Intent(
      operation: .remove, id: id, before: try store.linkTexts(), after: target)
    try perform(intent) { (_, transaction) throws(ReleasesError) in
      // Somebody's `ln -sfn` does not ask for the lock.
      let now = try transaction.store.link(Layout.current)
      guard now.holds != id, now.text == target.current else {
        throw ReleasesError(
          .live, "\(Layout.current) was moved by hand while \(id) was about to be removed",
          hint: "look again: releases list")
      }
      try transaction.store.setLinks(target, transaction.environment)
      try transaction.moveToTrash(id)
      try transaction.store.forget(id)
      return .done()
    }
  }

  /// Takes a release's directory out of `releases/`; it is unlinked when the lock is free.
  ///
  /// Where it is out already, who took it may have been killed before that was on the disk.
  mutating func moveToTrash(_ id: ReleaseID) throws(ReleasesError) {
    let trash = try store.controlDirectory(Layout.trash)
    let name = "\(id).\(environment.uniqueSuffix())"
    let moved = try attempting("can't remove release \(id)") { () throws(SystemError) in
      var moved = true
      do throws(SystemError) {
        try store.releases.move(id.text, to: trash, as: name)
      } catch let error where error.errno == .noEntry {
        moved = false
      }
      try store.releases.sync()
      return moved
    }
    if moved { discardLater(name) }
  }
}

extension Store {
  package func refuseRemoval(
    of id: ReleaseID, _ snapshot: Snapshot, force: Bool
  ) throws(ReleasesError) {
    try refuseSplitMounts()
    if snapshot.held == id {
      throw ReleasesError(
        .live, "release \(id) is live", hint: "activate another one first; see: releases list")
    }
    if let pin = snapshot.catalog[id]?.pin, !force {
      throw ReleasesError(
        .pinned, "release \(id) is pinned: \(pin.reason)", hint: "let it go: releases unpin \(id)")
    }
    if snapshot.previous.release == id, !force {
      throw ReleasesError(
        .fallback, "release \(id) is what a rollback would go to",
        hint: "remove it all the same with --force")
    }
    if !force, try releasesInUse().contains(id.text) {
      throw ReleasesError(
        .inUse, "release \(id) is in use by a process",
        hint: "see which: fuser -vm \(path(Layout.releases, id.text)), or remove it with --force")
    }
    if try releasesWithMounts().contains(id.text) {
      throw ReleasesError(
        .inUse, "something is mounted in release \(id)",
        hint: "see what: grep \(path(Layout.releases, id.text)) /proc/mounts; then umount it")
    }
    if snapshot.directories.contains(id), snapshot.catalog[id] == nil,
      !snapshot.catalog.damaged.contains(id), !force
    {
      throw ReleasesError(
        .notReady, "nothing is known of \(id): no release of ours",
        hint: "remove it all the same with --force, or take it over: releases init")
    }
  }

  /// Removes what is known of a release.
  func forget(_ id: ReleaseID) throws(ReleasesError) {
    for (directory, file) in [
      (Layout.manifests, Layout.manifestFile(id)), (Layout.catalog, Layout.catalogFile(id)),
    ] {
      let parent = try controlDirectory(directory)
      try attempting("can't forget release \(id)") { () throws(SystemError) in
        guard try parent.statusIfPresent(of: file) != nil else { return }
        // Whatever stands there: a removal that was begun must not be stopped by it for ever.
        try parent.removeTree(file)
        try parent.sync()
      }
    }
  }
}
