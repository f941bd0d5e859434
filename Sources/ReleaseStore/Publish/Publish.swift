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
  /// How long to wait for the store's lock, in seconds.
  package var wait: Double
  /// Told while it goes on, always by the thread that publishes.
  package var tell: @Sendable (PublishEvent) -> Void = { _ in }

  package init(wait: Double) { self.wait = wait }
}

/// What is going on in a publication.
package enum PublishEvent: Sendable {
  /// An interrupted command was settled: what was done, for people.
  case recovered([String])
  /// Some ten times a second; with the archive's size in bytes where it is known.
  case unpacking(UnpackProgress, of: Int64?)
  /// All is written, and goes to the disk.
  case flushing
}

/// What a publication would do.
package struct PublicationPlan: Sendable {
  package let id: ReleaseID
  /// What would go first, to make room.
  package let pruned: [RetentionDecision]
}

/// How a publication went.
package struct PublishResult: Sendable {
  package let entry: CatalogEntry
  package let warnings: [String]
  /// What took how long, in seconds.
  package let steps: [(name: String, seconds: Double)]
  /// What settling interrupted commands did.
  package let recovered: [String]
  /// The walls the archive was unpacked behind.
  package let layers: [Containment.Layer]
  /// What was removed to make room.
  package let pruned: [RetentionDecision]
}

/// What all steps of a publication have to know.
private struct PublishJob {
  let request: PublishRequest
  /// In bytes; nil where nobody knows.
  let archiveSize: Int64?
  let configuration: Configuration
  let room: RoomKeeper
  let verification: SignatureVerification?
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
    let size = try archiveSize(archive, request)
    let room = try RoomKeeper(self, configuration.keep, request, environment)
    do throws(ReleasesError) {
      try room.makeRoom(archiveBytes: size ?? 0)
      try makeSharedDirectories(configuration)
      let job = PublishJob(
        request: request, archiveSize: size, configuration: configuration, room: room,
        verification: verification)
      return try publish(archive, job, environment)
    } catch {
      throw room.explained(error)
    }
  }

  private func publish(
    _ archive: borrowing Descriptor, _ job: PublishJob, _ environment: Environment
  ) throws(ReleasesError) -> PublishResult {
    let stage = try Stage.make(self, environment)
    let name = stage.name
    let cleanup = Signals.onTermination { self.removeStage(name) }
    defer { cleanup.cancel() }
    do throws(ReleasesError) {
      return try fill(stage, from: archive, job, environment)
    } catch {
      discard(stage, environment)
      throw error
    }
  }

  /// What a publication would do now; throws where it would be refused.
  package func planPublication(
    _ archive: borrowing Descriptor, _ request: PublishRequest, _ environment: Environment
  ) throws(ReleasesError) -> PublicationPlan {
    let configuration = try configuration()
    try checkSignature(request, configuration)
    try refuseOtherDevices()
    let id = try freeID(request, try snapshot(), environment)
    let size = try archiveSize(archive, request)
    return PublicationPlan(
      id: id,
      pruned: try planRoom(archiveBytes: size ?? 0, configuration.keep, environment))
  }

  /// Of a file what it has, else what was promised; in bytes.
  private func archiveSize(
    _ archive: borrowing Descriptor, _ request: PublishRequest
  ) throws(ReleasesError) -> Int64? {
    try attempting("can't look at the archive") { () throws(SystemError) in
      try archive.bytesLeft()
    } ?? request.expected.size
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
    _ stage: borrowing Stage, from archive: borrowing Descriptor, _ job: PublishJob,
    _ environment: Environment
  ) throws(ReleasesError) -> PublishResult {
    let (request, configuration) = (job.request, job.configuration)
    let start = Clock.monotonicSeconds()
    let tree = try attempting("can't make the stage's tree") { () throws(SystemError) in
      try stage.directory.makeDirectory(Stage.tree, mode: 0o700)
      return try stage.directory.openDirectory(Stage.tree)
    }
    let (unpacked, signer) = try unpacker(job).unpack(
      from: archive, into: tree, expecting: request.expected, verifying: job.verification)
    let linked = try SharedLinks(configuration: configuration).make(in: tree, unpacked.tree.entries)
    let unpackedAt = Clock.monotonicSeconds()
    request.tell(.flushing)
    let settled = try settle(stage, tree, linked.entries, configuration)
    // Not before: some file systems (btrfs) count only what is on the disk.
    try job.room.restoreReserve()
    let flushedAt = Clock.monotonicSeconds()
    var transaction = try Transaction.begin(self, environment, waitingUpTo: request.wait)
    let recovered = transaction.recovered
    if !recovered.isEmpty { request.tell(.recovered(recovered)) }
    let entry: CatalogEntry
    do throws(ReleasesError) {
      entry = try transaction.publish(
        stage, request, settled, archiveDigest: unpacked.digest, signer: signer,
        state: configuration.hooks.prepare == nil ? .ready : .unpacked)
    } catch {
      transaction.end()
      throw error
    }
    transaction.end()
    discard(stage, environment)
    return PublishResult(
      entry: entry, warnings: unpacked.tree.warnings + linked.warnings + settled.warnings,
      steps: [
        ("unpack", unpackedAt - start),
        ("flush", flushedAt - unpackedAt - (settled.sharingSeconds ?? 0)),
        ("share", settled.sharingSeconds), ("publish", Clock.monotonicSeconds() - flushedAt),
      ].compactMap { name, seconds in seconds.map { (name, $0) } },
      recovered: job.room.recovered + recovered, layers: unpacked.layers, pruned: job.room.pruned)
  }

  private func unpacker(_ job: PublishJob) -> ContainedUnpacker {
    let (request, configuration) = (job.request, job.configuration)
    var unpacker = ContainedUnpacker(
      options: UnpackOptions(
        stripComponents: request.stripComponents ?? configuration.unpack.stripComponents,
        allowedLinkTargets: configuration.unpack.allowedLinks,
        readOnlyFiles: configuration.unpack.share == .hardlink,
        limits: configuration.unpack.limits))
    unpacker.progress = { request.tell(.unpacking($0, of: job.archiveSize)) }
    unpacker.room = job.room.watch
    return unpacker
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
    _ stage: borrowing Stage, _ request: PublishRequest, _ settled: SettledTree,
    archiveDigest: Digest, signer: Signer?, state: ReleaseState
  ) throws(ReleasesError) -> CatalogEntry {
    let snapshot = try store.snapshot()
    let id = try store.freeID(request, snapshot, environment)
    let now = environment.now()
    let sequence = nextSequence
    let entry = CatalogEntry(
      id: id, sequence: sequence, state: state,
      reason: state == .ready ? nil : "its prepare hook has not run", created: now,
      files: settled.manifest.fileCount, bytes: settled.manifest.byteCount,
      shared: settled.shared, ref: request.ref, archiveDigest: archiveDigest.hex,
      signer: signer, manifestDigest: settled.manifestDigest.hex)
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
