internal import Archive
package import Linux

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
    try refusePrograms(prepare: configuration)
    let verification = try beginVerification(request, configuration)
    try refuseTaken(request.id, try snapshot())
    try refuseSplitMounts()
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
    try refusePrograms(prepare: configuration)
    try checkSignature(request, configuration)
    try refuseSplitMounts()
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

  func refuseTaken(_ id: ReleaseID?, _ snapshot: Snapshot) throws(ReleasesError) {
    guard let id else { return }
    if snapshot.directories.contains(id) || snapshot.catalog[id] != nil
      || snapshot.catalog.damaged.contains(id) || snapshot.strays.contains(id.text)
    {
      throw ReleasesError(
        .idTaken, "there is a release \(id) already", hint: "give another --id, or none")
    }
  }

  private func fill(
    _ stage: borrowing Stage, from archive: borrowing Descriptor, _ job: PublishJob,
    _ environment: Environment
  ) throws(ReleasesError) -> PublishResult {
    let (request, configuration) = (job.request, job.configuration)
    let start = Clock.monotonicSeconds()
    let tree = try makeTree(in: stage)
    let (unpacked, signer) = try unpacker(job, tree.inheritance).unpack(
      from: archive, into: tree.directory, expecting: request.expected,
      verifying: job.verification)
    let linked = try SharedLinks(configuration: configuration)
      .make(in: tree.directory, unpacked.tree.entries)
    let unpackedAt = Clock.monotonicSeconds()
    request.tell(.flushing)
    let settled = try settle(stage, tree.directory, linked.entries, configuration)
    // Not before: some file systems (btrfs) count only what is on the disk.
    try job.room.restoreReserve()
    let flushedAt = Clock.monotonicSeconds()
    var transaction = try Transaction.begin(self, environment, waitingUpTo: request.wait)
    let recovered = transaction.recovered
    let entry: CatalogEntry
    do throws(ReleasesError) {
      entry = try transaction.publish(
        stage, request, settled, archiveDigest: unpacked.digest, signer: signer,
        isReady: configuration.hooks.prepare == nil)
    } catch {
      transaction.end()
      throw error
    }
    transaction.end()
    let result = PublishResult(
      entry: entry,
      warnings: unpacked.sandbox.warnings + unpacked.tree.warnings + linked.warnings
        + settled.warnings,
      steps: [
        ("unpack", unpackedAt - start),
        ("flush", flushedAt - unpackedAt - (settled.sharingSeconds ?? 0)),
        ("share", settled.sharingSeconds), ("publish", Clock.monotonicSeconds() - flushedAt),
      ].compactMap { name, seconds in seconds.map { Step(name, seconds: $0) } },
      recovered: job.room.recovered + recovered, layers: unpacked.sandbox.layers,
      pruned: job.room.pruned)
    request.tell(.published)
    let prepared = try prepare(result, in: stage, job, environment)
    discard(stage, environment)
    return prepared
  }

  /// Makes a published release ready, where a hook has to.
  private func prepare(
    _ published: PublishResult, in stage: borrowing Stage, _ job: PublishJob,
    _ environment: Environment
  ) throws(ReleasesError) -> PublishResult {
    guard let hook = job.configuration.hooks.prepare else { return published }
    var result = published
    do throws(ReleasesError) {
      let prepared = try prepare(
        published.entry.id, in: stage, by: hook, environment, waitingUpTo: job.request.wait)
      result.entry = prepared.entry
      result.steps += prepared.steps
      result.warnings += prepared.warnings
      result.recovered += prepared.recovered
      return result
    } catch {
      var failure = error
      failure.trace.id = published.entry.id
      failure.trace.steps = published.steps + error.trace.steps
      failure.trace.recovered = published.recovered
      throw failure
    }
  }

  private func unpacker(_ job: PublishJob, _ inheritance: Inheritance) -> SandboxedUnpacker {
    let (request, configuration) = (job.request, job.configuration)
    var options = UnpackOptions(
      stripComponents: request.stripComponents ?? configuration.unpack.stripComponents,
      allowedLinkTargets: configuration.unpack.allowedLinks,
      replacedPaths: configuration.shared.directories,
      readOnlyFiles: configuration.unpack.share == .hardlink,
      limits: configuration.unpack.limits)
    options.inheritance = inheritance
    var unpacker = SandboxedUnpacker(options: options)
    unpacker.progress = { request.tell(.unpacking($0, of: job.archiveSize)) }
    unpacker.spaceWatch = job.room.watch
    return unpacker
  }
}
