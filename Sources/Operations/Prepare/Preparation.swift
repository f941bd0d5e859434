internal import Linux
internal import Manifest
internal import ReleaseModel
internal import ReleaseStore
internal import StoreSupport
internal import Text

/// What the journal and the catalog record about the preparation of a release.
struct Preparation {
  let id: ReleaseID
  let store: Store

  /// Refuses a release that can't be prepared.
  ///
  /// - Throws: `notReady`, `live` or `unsupported` for such a release.
  func refuseUnlessPossible(from known: Snapshot? = nil) throws(ReleasesError) {
    let snapshot = if let known { known } else { try store.snapshot() }
    guard let entry = snapshot.catalog[id], snapshot.directories.contains(id) else {
      throw ReleasesError(noCatalogEntry: id)
    }
    if snapshot.currentTarget == id {
      throw ReleasesError(
        .live, "release \(id) is live, and a live release is never changed",
        hint: "deploy a new release instead")
    }
    switch entry.state {
    case .unpacked, .failed: return
    case .preparing: throw ReleasesError(beingPrepared: id)
    case .ready, .bad:
      throw ReleasesError(
        .unsupported, "release \(id) is \(entry.state.rawValue), so it has been prepared already",
        hint: "deploy a new release instead")
    }
  }

  /// Records that the hook is about to run. The lock of the stage is held until it has ended.
  ///
  /// - Throws: what ``refuseUnlessPossible()`` and ``Transaction/perform(_:_:)`` throw.
  func begin(
    in stage: borrowing Stage, _ transaction: inout Transaction
  ) throws(ReleasesError) {
    try refuseUnlessPossible()
    transaction.mayPrepare = true
    try transaction.perform(try intent(.preparing, stage: stage.name)) {
      (entry, _) throws(ReleasesError) in
      try store.catalog.apply(entry)
      return .done()
    }
  }

  /// Records that the hook has succeeded: the release is ready, with the manifest in the stage.
  ///
  /// - Parameters:
  ///   - stage: the stage with the manifest.
  ///   - manifest: the manifest.
  ///   - digest: the SHA-256 of the manifest, in hexadecimal.
  ///   - transaction: the transaction.
  /// - Returns: the catalog entry.
  /// - Throws: what ``refuseIfOvertaken(_:)`` and ``Transaction/perform(_:_:)`` throw.
  func finish(
    in stage: borrowing Stage, _ manifest: Manifest, digest: String,
    _ transaction: inout Transaction
  ) throws(ReleasesError) -> CatalogEntry {
    var finished: CatalogEntry?
    try refuseIfOvertaken(stage.name)
    try transaction.perform(try intent(.ready, stage: stage.name)) {
      (entry, _) throws(ReleasesError) in
      guard var release = try store.catalog.entries(after: entry).first else {
        throw ReleasesError(
          .corrupt, "the catalog entry of release \(id) is missing or corrupt",
          hint: Hint("adopt it", command: ["init"]))
      }
      release.files = manifest.fileCount
      release.bytes = manifest.byteCount
      release.manifestDigest = digest
      try replaceManifest(in: stage, recording: release)
      finished = release
      return .done()
    }
    guard let finished else {
      throw ReleasesError(.failed, "the preparation of \(id) was not recorded")
    }
    return finished
  }

  private func replaceManifest(
    in stage: borrowing Stage, recording release: CatalogEntry
  ) throws(ReleasesError) {
    var staged = try store.catalog.stage([release])
    let manifests = try store.controlDirectory(Layout.manifests)
    do throws(ReleasesError) {
      try staged.flush()
      try withErrorMessage("can't write the manifest of \(id)") { () throws(SystemError) in
        try stage.directory.replace(Layout.manifestFile(id), in: manifests, with: Stage.manifest)
        try manifests.sync()
      }
    } catch {
      staged.discard()
      throw error
    }
    try store.catalog.commit(staged)
    try store.catalog.flush()
  }

  /// Records that the hook has failed. A mark that was set or a removal that happened while it ran
  /// is kept.
  ///
  /// - Throws: what ``Transaction/perform(_:_:)`` throws.
  func fail(
    in stage: borrowing Stage, because reason: Message, _ transaction: inout Transaction
  ) throws(ReleasesError) {
    guard case .found(let release) = try store.catalog.entry(id),
      release.isBeingPrepared(in: stage.name)
    else { return }
    try transaction.perform(try intent(.failed, reason: reason)) {
      (entry, _) throws(ReleasesError) in
      try ReleaseRecords(store: store).markUnprepared(id, reason: reason)
      return .ended(.failed, note: reason, nil)
    }
  }

  /// Refuses to make a release ready that was removed or marked bad during the preparation.
  ///
  /// - Parameter stage: the name of the stage.
  /// - Throws: `noSuchRelease`, `bad` or `notReady` for such a release.
  func refuseIfOvertaken(_ stage: String) throws(ReleasesError) {
    guard case .found(let release) = try store.catalog.entry(id) else {
      throw ReleasesError(
        .noSuchRelease, "release \(id) was removed while it was being prepared",
        hint: Hint("see who removed it", command: ["history"]))
    }
    guard !release.isBeingPrepared(in: stage) else { return }
    throw ReleasesError(
      release.state == .bad ? .bad : .notReady,
      "release \(id) was marked \(release.state.rawValue) while it was being prepared",
      hint: Hint("see who marked it", command: ["history"]),
      cause: release.reason.map { Message(verbatim: $0) })
  }

  private func intent(
    _ newState: ReleaseState, stage: String? = nil, reason: Message? = nil
  ) throws(ReleasesError) -> Intent {
    let links = try store.links.texts()
    return Intent(
      operation: .prepare, id: id, before: links, after: links, newState: newState,
      reason: reason, stage: stage)
  }
}

extension CatalogEntry {
  fileprivate func isBeingPrepared(in stage: String) -> Bool {
    state == .preparing && self.stage == stage
  }
}
