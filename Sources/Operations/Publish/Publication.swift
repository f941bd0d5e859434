internal import Archive
internal import FoundationEssentials
internal import Linux
internal import Manifest
internal import ReleaseModel
internal import ReleaseStore
internal import StoreSupport
internal import Text

/// Publishes a finalized stage as a release.
struct Publication {
  let request: PublishRequest
  let archiveDigest: Digest
  let signer: Signer?
  /// Whether no prepare hook comes next.
  let isReady: Bool

  /// Publishes the release in a stage. Everything that the name implies is durable before the name
  /// appears.
  ///
  /// - Returns: its catalog entry.
  /// - Throws: `idTaken`, another error when a file can't be written, or what
  ///   ``Transaction/perform(_:_:)`` throws.
  func publish(
    _ stage: borrowing Stage, _ finalized: FinalizedTree, in transaction: inout Transaction
  ) throws(ReleasesError) -> CatalogEntry {
    let store = transaction.store
    let snapshot = try store.snapshot()
    let id = try Self.freeID(request, snapshot, store, transaction.environment.actor)
    let entry = CatalogEntry(
      id: id, sequence: transaction.nextSequence, state: isReady ? .ready : .preparing,
      created: transaction.environment.actor.now(),
      files: finalized.manifest.fileCount, bytes: finalized.manifest.byteCount,
      shared: finalized.shared, ref: request.ref, archiveDigest: archiveDigest.hex,
      signer: signer, manifestDigest: finalized.manifestDigest.hex,
      stage: isReady ? nil : stage.name)
    let intent = Intent(
      operation: .publish, id: id, before: snapshot.links, after: snapshot.links,
      stage: stage.name)
    // The lock of the stage is held until the preparation has ended.
    if !isReady { transaction.mayPrepare = true }
    try transaction.perform(intent) { (_, _) throws(ReleasesError) in
      let manifests = try store.controlDirectory(Layout.manifests)
      try withErrorMessage("can't write the manifest of \(id)") { () throws(SystemError) in
        try manifests.unlinkIfPresent(Layout.manifestFile(id))
        try stage.directory.move(Stage.manifest, to: manifests, as: Layout.manifestFile(id))
        try manifests.sync()
      }
      try store.catalog.write([entry])
      try withErrorMessage("can't publish release \(id)") { () throws(SystemError) in
        try stage.directory.move(Stage.tree, to: store.releases, as: id.text)
        try store.releases.sync()
      }
      return .done()
    }
    return entry
  }

  /// Returns the requested ID, if it is free, or the next one, which is later than every release and
  /// than the release of the last change, since that may just have been removed.
  ///
  /// - Throws: `idTaken`, or an error when the journal can't be read.
  static func freeID(
    _ request: PublishRequest, _ snapshot: Snapshot, _ store: Store, _ actor: Actor
  ) throws(ReleasesError) -> ReleaseID {
    if let id = request.id {
      try refuseTaken(id, snapshot)
      return id
    }
    var taken = snapshot.directories.union(snapshot.catalog.entries.keys)
      .union(snapshot.catalog.corrupt).union(snapshot.strays.compactMap { ReleaseID($0) })
    if let last = try store.journal.last()?.id { taken.insert(last) }
    return .next(after: taken, unixSeconds: Int64(actor.now().timeIntervalSince1970))
  }

  /// Refuses an ID that is in use.
  ///
  /// - Throws: `idTaken` for such an ID.
  static func refuseTaken(_ id: ReleaseID?, _ snapshot: Snapshot) throws(ReleasesError) {
    guard let id else { return }
    if snapshot.knows(id) || snapshot.strays.contains(id.text) {
      throw ReleasesError(
        .idTaken, "release \(id) already exists", hint: "choose another ID with --id, or omit --id")
    }
    // A person who types the ref would get this release.
    if let other = snapshot.newestFirst.first(where: { $0.ref == id.text }) {
      throw ReleasesError(
        .idTaken, "\(id) is the ref of release \(other.id)",
        hint: "choose another ID with --id, or omit --id")
    }
  }
}
