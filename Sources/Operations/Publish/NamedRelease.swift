internal import Archive
internal import FoundationEssentials
internal import Linux

extension Store {
  /// The id asked for, if it is free, or the next one: after all that are there, and after what
  /// the last change was about, which may just have been removed.
  func freeID(
    _ request: PublishRequest, _ snapshot: Snapshot, _ environment: Environment
  ) throws(ReleasesError) -> ReleaseID {
    if let id = request.id {
      try refuseTaken(id, snapshot)
      return id
    }
    var taken = snapshot.directories.union(snapshot.catalog.entries.keys)
      .union(snapshot.catalog.damaged).union(snapshot.strays.compactMap { ReleaseID($0) })
    if let last = try lastJournalEntry()?.id { taken.insert(last) }
    return .next(after: taken, unixSeconds: Int64(environment.now().timeIntervalSince1970))
  }
}

extension Transaction {
  /// Gives a finished stage its name. Everything the name implies is durable before it appears.
  ///
  /// - Parameter isReady: else its prepare hook comes next, and the stage's lock says for how long.
  mutating func publish(
    _ stage: borrowing Stage, _ request: PublishRequest, _ settled: SettledTree,
    archiveDigest: Digest, signer: Signer?, isReady: Bool
  ) throws(ReleasesError) -> CatalogEntry {
    let snapshot = try store.snapshot()
    let id = try store.freeID(request, snapshot, environment)
    let now = environment.now()
    let sequence = nextSequence
    let entry = CatalogEntry(
      id: id, sequence: sequence, state: isReady ? .ready : .preparing, created: now,
      files: settled.manifest.fileCount, bytes: settled.manifest.byteCount,
      shared: settled.shared, ref: request.ref, archiveDigest: archiveDigest.hex,
      signer: signer, manifestDigest: settled.manifestDigest.hex,
      stage: isReady ? nil : stage.name)
    let intent = Intent(
      operation: .publish, id: id, before: snapshot.links, after: snapshot.links,
      stage: stage.name)
    if !isReady { mayPrepare = true }
    try perform(intent) { (_, transaction) throws(ReleasesError) in
      let store = transaction.store
      let manifests = try store.controlDirectory(Layout.manifests)
      try attempting("can't put the manifest of \(id) in place") { () throws(SystemError) in
        try manifests.unlinkIfPresent(Layout.manifestFile(id))
        try stage.directory.move(Stage.manifest, to: manifests, as: Layout.manifestFile(id))
        try manifests.sync()
      }
      try store.write([entry], transaction.environment)
      try attempting("can't give release \(id) its name") { () throws(SystemError) in
        try stage.directory.move(Stage.tree, to: store.releases, as: id.text)
        try store.releases.sync()
      }
      return .done()
    }
    return entry
  }
}

extension Store {
  /// Makes the name durable that a publication gave to a release before it was cut off.
  func flushPublication() throws(ReleasesError) {
    try attempting("can't flush \(path(Layout.releases))") { () throws(SystemError) in
      try releases.sync()
    }
  }
}
