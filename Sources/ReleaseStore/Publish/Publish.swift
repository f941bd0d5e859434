package import Archive
internal import FoundationEssentials
package import Linux

/// What is asked of a new release.
package struct PublishRequest: Sendable {
  /// Nil for the next one by the clock.
  package var id: ReleaseID?
  package var ref: String?
  package var expected = ExpectedArchive()
  /// Of the archive; verified in any case.
  package var signature: Signature?
  /// Nil for what the configuration says.
  package var stripComponents: Int?
  /// How long to wait for the store's lock at the end, in seconds.
  package var wait: Double

  package init(wait: Double) { self.wait = wait }
}

/// How a publication went.
package struct PublishResult: Sendable {
  package let entry: CatalogEntry
  package let warnings: [String]
  /// What took how long, in seconds.
  package let steps: [(name: String, seconds: Double)]
  /// What settling an interrupted command did.
  package let recovered: [String]
  /// The walls the archive was unpacked behind.
  package let layers: [Containment.Layer]
}

extension Store {
  /// Unpacks an archive into a new release that is not live.
  ///
  /// The store is locked only for the last step, which gives the finished tree its name.
  package func publish(
    _ archive: borrowing Descriptor, _ request: PublishRequest, _ environment: Environment
  ) throws(ReleasesError) -> PublishResult {
    let configuration = try configuration()
    let verification = try beginVerification(request, configuration)
    try refuseTaken(request.id, try snapshot())
    try refuseOtherDevices()
    try makeSharedDirectories(configuration)
    let stage = try Stage.make(self, environment)
    let name = stage.name
    let cleanup = Signals.onTermination { self.removeStage(name) }
    defer { cleanup.cancel() }
    do throws(ReleasesError) {
      return try fill(stage, from: archive, verification, request, configuration, environment)
    } catch {
      discard(stage, environment)
      throw error
    }
  }

  /// The id a publication would give now; throws where it would be refused.
  package func planPublication(
    _ request: PublishRequest, _ environment: Environment
  ) throws(ReleasesError) -> ReleaseID {
    try checkSignature(request, try configuration())
    try refuseOtherDevices()
    return try freeID(request, try snapshot(), environment)
  }

  private func refuseTaken(_ id: ReleaseID?, _ snapshot: Snapshot) throws(ReleasesError) {
    guard let id else { return }
    if snapshot.directories.contains(id) || snapshot.catalog[id] != nil
      || snapshot.catalog.damaged.contains(id) || snapshot.strays.contains(id.text)
    {
      throw ReleasesError(
        .idTaken, "there is a release \(id) already", hint: "give another --id, or none")
    }
  }

  /// A rename, which is all that publishing and removing are, can't leave a file system.
  private func refuseOtherDevices() throws(ReleasesError) {
    let device = try device(of: releases)
    for name in [Layout.staging, Layout.trash] {
      if try self.device(of: try controlDirectory(name)) != device {
        throw ReleasesError(
          .failed,
          "\(path(Layout.releases)) is on another file system than \(path(Layout.control, name))",
          hint: "both have to be on one; mount the whole store instead")
      }
    }
  }

  private func device(of directory: borrowing Descriptor) throws(ReleasesError) -> UInt64 {
    try attempting("can't look at \(path)") { () throws(SystemError) in
      try directory.status().device
    }
  }

  private func fill(
    _ stage: borrowing Stage, from archive: borrowing Descriptor,
    _ verification: SignatureVerification?, _ request: PublishRequest,
    _ configuration: Configuration, _ environment: Environment
  ) throws(ReleasesError) -> PublishResult {
    let start = Clock.monotonicSeconds()
    let tree = try attempting("can't make the stage's tree") { () throws(SystemError) in
      try stage.directory.makeDirectory(Stage.tree, mode: 0o700)
      return try stage.directory.openDirectory(Stage.tree)
    }
    let (unpacked, signer) = try unpacker(request, configuration).unpack(
      from: archive, into: tree, expecting: request.expected, verifying: verification)
    let linked = try SharedLinks(configuration: configuration).make(in: tree, unpacked.tree.entries)
    let manifest = Manifest(linked.entries)
    let encoded = manifest.encoded()
    let unpackedAt = Clock.monotonicSeconds()
    try attempting("can't flush the new release") { () throws(SystemError) in
      let file = try stage.directory.open(Stage.manifest, [.writeOnly, .create, .exclusive])
      try file.write(encoded)
      try file.close()
      try stage.directory.syncFileSystem()
    }
    let flushedAt = Clock.monotonicSeconds()
    var transaction = try Transaction.begin(self, environment, waitingUpTo: request.wait)
    let recovered = transaction.recovered
    let entry: CatalogEntry
    do throws(ReleasesError) {
      entry = try transaction.publish(
        stage, request, manifest: manifest, manifestDigest: SHA256.digest(of: encoded),
        archiveDigest: unpacked.digest, signer: signer,
        state: configuration.hooks.prepare == nil ? .ready : .unpacked)
    } catch {
      transaction.end()
      throw error
    }
    transaction.end()
    discard(stage, environment)
    return PublishResult(
      entry: entry, warnings: unpacked.tree.warnings + linked.warnings,
      steps: [
        ("unpack", unpackedAt - start), ("flush", flushedAt - unpackedAt),
        ("publish", Clock.monotonicSeconds() - flushedAt),
      ],
      recovered: recovered, layers: unpacked.layers)
  }

  private func unpacker(
    _ request: PublishRequest, _ configuration: Configuration
  ) -> ContainedUnpacker {
    ContainedUnpacker(
      options: UnpackOptions(
        stripComponents: request.stripComponents ?? configuration.unpack.stripComponents,
        allowedLinkTargets: configuration.unpack.allowedLinks,
        limits: configuration.unpack.limits))
  }
}

extension Store {
  /// The id asked for, if it is free, or the next one: after all that are there, and after what
  /// the last change was about, which may just have been removed.
  fileprivate func freeID(
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
  fileprivate mutating func publish(
    _ stage: borrowing Stage, _ request: PublishRequest, manifest: Manifest,
    manifestDigest: Digest, archiveDigest: Digest, signer: Signer?, state: ReleaseState
  ) throws(ReleasesError) -> CatalogEntry {
    let snapshot = try store.snapshot()
    let id = try store.freeID(request, snapshot, environment)
    let now = environment.now()
    let sequence = nextSequence
    let entry = CatalogEntry(
      id: id, sequence: sequence, state: state,
      reason: state == .ready ? nil : "its prepare hook has not run", created: now,
      files: manifest.fileCount, bytes: manifest.byteCount, ref: request.ref,
      archiveDigest: archiveDigest.hex, signer: signer, manifestDigest: manifestDigest.hex)
    let intent = Intent(
      operation: .publish, id: id, before: snapshot.links, after: snapshot.links,
      stage: stage.name)
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
      return nil
    }
    return entry
  }
}

extension Store {
  /// Makes durable what a publication put in place before it was cut off.
  func flushPublication() throws(ReleasesError) {
    for name in [Layout.manifests, Layout.catalog] {
      let directory = try controlDirectory(name)
      try attempting("can't flush \(name)") { () throws(SystemError) in try directory.sync() }
    }
    try attempting("can't flush \(path(Layout.releases))") { () throws(SystemError) in
      try releases.sync()
    }
  }
}
