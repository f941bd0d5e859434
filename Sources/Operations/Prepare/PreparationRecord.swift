internal import Archive
internal import Linux

/// What the journal and the catalog say of a preparation.
extension Transaction {
  /// The hook is about to run; the stage's lock says for how long.
  mutating func beginPreparation(
    of id: ReleaseID, in stage: borrowing Stage
  ) throws(ReleasesError) {
    try store.planPreparation(of: id)
    let name = stage.name
    mayPrepare = true
    try perform(try preparation(of: id, .preparing, stage: name)) {
      (entry, transaction) throws(ReleasesError) in
      try transaction.store.record(entry, transaction.environment)
      return .done()
    }
  }

  /// The hook has succeeded: the release is ready, with a manifest of all that is there now.
  mutating func finishPreparation(
    of id: ReleaseID, in stage: borrowing Stage, _ sealed: SealedRelease
  ) throws(ReleasesError) -> CatalogEntry {
    var done: CatalogEntry?
    let name = stage.name
    try store.refuseOvertakenPreparation(of: id, in: name)
    try perform(try preparation(of: id, .ready, stage: name)) {
      (entry, transaction) throws(ReleasesError) in
      let store = transaction.store
      guard var release = try store.entriesAfter(entry).first else {
        throw ReleasesError(
          .damaged, "what was known of release \(id) is gone or damaged",
          hint: "take it over: releases init")
      }
      release.files = sealed.files
      release.bytes = sealed.bytes
      release.manifestDigest = sealed.manifestDigest
      var prepared = try store.prepare([release], transaction.environment)
      let manifests = try store.controlDirectory(Layout.manifests)
      do throws(ReleasesError) {
        try prepared.flush()
        try attempting("can't put the manifest of \(id) in place") { () throws(SystemError) in
          try stage.directory.replace(
            Layout.manifestFile(id), in: manifests, with: Stage.manifest)
          try manifests.sync()
        }
      } catch {
        prepared.discard()
        throw error
      }
      try store.commit(prepared)
      try store.flushCatalog()
      done = release
      return .done()
    }
    guard let done else {
      throw ReleasesError(.failed, "the preparation of \(id) was not written down", hint: nil)
    }
    return done
  }

  /// The hook has failed. What somebody has said of the release since, or its removal, stands.
  mutating func failPreparation(
    of id: ReleaseID, in stage: borrowing Stage, because reason: String
  ) throws(ReleasesError) {
    guard case .found(let release) = try store.catalogEntry(id),
      release.isBeingPrepared(in: stage.name)
    else { return }
    try perform(try preparation(of: id, .failed, reason: reason)) {
      (entry, transaction) throws(ReleasesError) in
      try transaction.store.markUnprepared(
        id, reason: entry.reason ?? reason, transaction.environment)
      return .ended(.failed, note: reason, nil)
    }
  }

  private func preparation(
    of id: ReleaseID, _ verdict: ReleaseState, stage: String? = nil, reason: String? = nil
  ) throws(ReleasesError) -> Intent {
    let links = try store.linkTexts()
    return Intent(
      operation: .prepare, id: id, before: links, after: links, verdict: verdict, reason: reason,
      stage: stage)
  }
}

extension CatalogEntry {
  fileprivate func isBeingPrepared(in stage: String) -> Bool {
    state == .preparing && self.stage == stage
  }
}

extension Store {
  /// Refuses to make a release ready that somebody has removed or marked bad meanwhile.
  func refuseOvertakenPreparation(
    of id: ReleaseID, in stage: String
  ) throws(ReleasesError) {
    guard case .found(let release) = try catalogEntry(id) else {
      throw ReleasesError(
        .noSuchRelease, "release \(id) was removed while it was prepared",
        hint: "see by whom: releases history")
    }
    guard !release.isBeingPrepared(in: stage) else { return }
    throw ReleasesError(
      release.state == .bad ? .bad : .notReady,
      "release \(id) was marked \(release.state.rawValue) while it was prepared",
      hint: "see by whom: releases history", cause: release.reason)
  }

  /// Of releases in preparation, those whose preparation was cut off: whoever was at it is dead.
  func dead(_ preparations: [CatalogEntry]) throws(ReleasesError) -> [ReleaseID] {
    if preparations.isEmpty { return [] }
    let staging = try controlDirectory(Layout.staging)
    return try attempting("can't look at the stages") { () throws(SystemError) in
      var dead: [ReleaseID] = []
      for entry in preparations {
        if let stage = entry.stage, Layout.isName(stage), try isAlive(stage, in: staging) {
          continue
        }
        dead.append(entry.id)
      }
      return dead
    }
  }

  /// Says that a preparation was cut off. The manifest may be the one from before or the one from
  /// after it: each is whole, and the catalog takes the one that is there.
  func markUnprepared(
    _ id: ReleaseID, reason: String, _ environment: Environment
  ) throws(ReleasesError) {
    guard case .found(var release) = try catalogEntry(id) else { return }
    release.state = .failed
    release.reason = reason
    release.stage = nil
    if let bytes = try manifestBytes(of: id), let manifest = Manifest(decoding: bytes) {
      release.files = manifest.fileCount
      release.bytes = manifest.byteCount
      release.manifestDigest = SHA256.digest(of: bytes).hex
    }
    try write([release], environment)
  }

  private func manifestBytes(of id: ReleaseID) throws(ReleasesError) -> [UInt8]? {
    let manifests = try controlDirectory(Layout.manifests)
    return try attempting("can't read the manifest of \(id)") { () throws(SystemError) in
      do throws(SystemError) {
        return try manifests.open(Layout.manifestFile(id), [.noFollow, .nonBlocking]).readAll()
      } catch let error where error.errno == .noEntry {
        return nil
      }
    }
  }
}
