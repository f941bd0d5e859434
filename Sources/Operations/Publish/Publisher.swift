internal import Archive
internal import Configuration
internal import HostPrograms
package import Linux
internal import Manifest
internal import ReleaseModel
package import ReleaseStore
internal import StoreSupport
internal import Text

/// Publishes archives as new releases: `unpack`, and the first part of `deploy`.
package struct Publisher {
  let store: Store
  let environment: Environment

  package init(_ store: Store, _ environment: Environment) {
    self.store = store
    self.environment = environment
  }

  /// The values that all steps of a publication need.
  private struct Job {
    let request: PublishRequest
    /// The size of the archive in bytes; nil when it is unknown.
    let archiveSize: Int64?
    let configuration: Configuration
    let space: SpaceGuard
    let verification: SignatureVerification?
  }

  private var programs: ReleasePrograms {
    ReleasePrograms(store: store, environment: environment)
  }

  /// Plans a publication from the state that the recovery of an interrupted transaction will leave, and
  /// refuses it if it would fail. Changes nothing.
  ///
  /// - Throws: ``OperationFailure`` with the reason, and with what would be removed if even that
  ///   does not free enough space.
  package func plan(
    _ archive: borrowing Descriptor, _ request: PublishRequest
  ) throws(OperationFailure) -> PublicationPlan {
    let configuration: Configuration
    let outlook: RecoveryOutlook
    let id: ReleaseID
    let size: ArchiveSize
    do throws(ReleasesError) {
      configuration = try store.configuration()
      try programs.refuseUnusable(prepare: configuration)
      try Provenance(store: store).check(request, configuration)
      try store.refuseSplitMounts()
      try SharedPaths(store: store).refuseDirectoriesInTheWay(configuration)
      outlook = try RecoveryOutlook(store, environment)
      id = try Publication.freeID(request, outlook.snapshot, store, environment.actor)
      size = try archiveSize(archive, request)
      try refuseUnlessArchive(archive, request)
    } catch {
      throw OperationFailure(error)
    }
    let planning = SpacePlanning(
      store: store, environment: environment, snapshot: outlook.snapshot)
    let pruned = try planning.removals(for: size, configuration.keep)
    return PublicationPlan(id: id, pruned: pruned, outlook: outlook)
  }

  /// Refuses a file whose first bytes show that it is no archive. A pipe is not looked at, since what is
  /// read from it would be lost.
  ///
  /// - Throws: `archiveUnreadable` for such a file, another error when it can't be read.
  private func refuseUnlessArchive(
    _ archive: borrowing Descriptor, _ request: PublishRequest
  ) throws(ReleasesError) {
    let start = try withErrorMessage("can't read the archive") {
      () throws(SystemError) -> [UInt8]? in
      guard try archive.status().kind == .file else { return nil }
      return try archive.read(count: 512, at: 0)
    }
    if let start, let input = ArchiveError.UnsupportedInput(certainFrom: start) {
      throw ReleasesError(ArchiveError(.unsupported(input)), archive: request.archiveName)
    }
  }

  /// Unpacks an archive into a new release that is not live. The store is locked only for the last
  /// step, which gives the finalized tree its name.
  ///
  /// - Throws: ``OperationFailure`` with the reason.
  package func publish(
    _ archive: borrowing Descriptor, _ request: PublishRequest
  ) throws(OperationFailure) -> PublishResult {
    var trace = OperationTrace()
    do throws(ReleasesError) {
      let configuration = try store.configuration()
      try programs.refuseUnusable(prepare: configuration)
      let verification = try Provenance(store: store).beginVerification(request, configuration)
      try Publication.refuseTaken(request.id, try store.snapshot())
      try store.refuseSplitMounts()
      try SharedPaths(store: store).refuseDirectoriesInTheWay(configuration)
      let size = try archiveSize(archive, request)
      let space = try SpaceGuard(store, configuration.keep, request, environment)
      let job = Job(
        request: request, archiveSize: size.expected, configuration: configuration, space: space,
        verification: verification)
      do throws(ReleasesError) {
        try space.makeSpace(for: size)
        try SharedLinks(configuration: configuration).makeDirectories(in: store)
        return try publish(archive, job, &trace)
      } catch {
        trace.pruned = space.pruned.map(\.id)
        throw space.explain(error)
      }
    } catch {
      throw OperationFailure(error, trace)
    }
  }

  private func publish(
    _ archive: borrowing Descriptor, _ job: Job, _ trace: inout OperationTrace
  ) throws(ReleasesError) -> PublishResult {
    var cleanup: Signals.Cleanup?
    let stage = try makeStage(&cleanup)
    defer { cleanup?.cancel() }
    defer { store.stages.discard(stage, warning: environment.observer) }
    let published = try fill(stage, from: archive, job)
    return try prepare(published, in: stage, job, &trace)
  }

  /// Creates a stage, and registers its removal if a signal ends the process.
  ///
  /// - Throws: an error when the stage can't be made.
  private func makeStage(_ cleanup: inout Signals.Cleanup?) throws(ReleasesError) -> Stage {
    let signals = Signals.holdTerminationForCleanup()
    defer { signals.release() }
    let stage = try Stage.make(store, bootID: environment.actor.bootID)
    let name = stage.name
    cleanup = Signals.onTermination { self.store.stages.removeAtExit(name) }
    return stage
  }

  /// Returns what is known of the size of the archive.
  ///
  /// - Throws: an error when the status can't be read.
  private func archiveSize(
    _ archive: borrowing Descriptor, _ request: PublishRequest
  ) throws(ReleasesError) -> ArchiveSize {
    let size = try withErrorMessage("can't read the status of the archive") {
      () throws(SystemError) in
      try archive.bytesLeft()
    }
    if let size { return .measured(size) }
    return request.expected.size.map { .claimed($0) } ?? .unknown
  }

  private func fill(
    _ stage: borrowing Stage, from archive: borrowing Descriptor, _ job: Job
  ) throws(ReleasesError) -> PublishResult {
    let (request, configuration) = (job.request, job.configuration)
    let start = Clock.monotonicSeconds()
    let tree = try store.stages.makeTree(in: stage)
    let (unpacked, signer) = try unpacker(job, tree.inheritance).unpack(
      from: archive, named: request.archiveName, into: tree.directory,
      expecting: request.expected, verifying: job.verification, store: store.path)
    try inspect(tree.directory, unpacked.tree.entries, tree.inheritance)
    let shape = ArchiveShape(unpacked.tree.entries)
    var entries = unpacked.tree.entries
    if stripsSingleDirectory(job), let name = shape.singleDirectory {
      entries = try SingleDirectory(name: name).strip(from: tree.directory, entries)
    }
    let linked = try SharedLinks(configuration: configuration).make(in: tree.directory, entries)
    let unpackedAt = Clock.monotonicSeconds()
    request.progress(.flushing)
    let finalized = try StageFinalizer(store: store).finalize(
      stage, tree.directory, linked.entries, configuration.unpack.share)
    // This comes after the flush, since some file systems (btrfs) count only what is on the disk.
    try job.space.restoreReserve()
    let flushedAt = Clock.monotonicSeconds()
    let publication = Publication(
      request: request, archiveDigest: unpacked.digest, signer: signer,
      isReady: configuration.hooks.prepare == nil)
    let (entry, recovered) = try withTransaction(
      on: store, environment, waitingUpTo: request.wait
    ) { transaction throws(ReleasesError) in
      (
        try publication.publish(stage, finalized, in: &transaction), transaction.recovered
      )
    }
    request.progress(.published)
    let unpackWarnings = unpacked.sandbox.warnings + unpacked.tree.warnings.map { Message($0) }
    return PublishResult(
      entry: entry,
      warnings: unpackWarnings.map { Notice($0) }
        + shape.notices(of: request, isStrippingSet: isStrippingSet(job))
        + linked.warnings + finalized.warnings,
      steps: [
        ("unpack", unpackedAt - start),
        ("flush", flushedAt - unpackedAt - (finalized.sharingSeconds ?? 0)),
        ("share", finalized.sharingSeconds), ("publish", Clock.monotonicSeconds() - flushedAt),
      ].compactMap { name, seconds in seconds.map { Step(name, seconds: $0) } },
      recovered: job.space.recovered + recovered,
      withoutDirectory: shape.withoutDirectory(request, isStrippingSet: isStrippingSet(job)),
      layers: unpacked.sandbox.layers,
      pruned: job.space.pruned)
  }

  /// Refuses a tree that is not what the worker reported.
  ///
  /// - Throws: an error when it differs, or can't be read.
  private func inspect(
    _ tree: borrowing Descriptor, _ entries: TreeEntries, _ inheritance: Inheritance
  ) throws(ReleasesError) {
    let inspection = StageInspection(entries, inheritance)
    let difference = try withErrorMessage("can't compare the unpacked tree with the archive") {
      () throws(SystemError) in try inspection.run(on: tree)
    }
    guard let difference else { return }
    throw ReleasesError(
      ArchiveError(
        .workerEnded("has written another tree than it reported: \(printable(difference.utf8))")))
  }

  /// Runs the prepare hook of a published release, if there is one.
  ///
  /// - Throws: the error of the hook or of the transactions around it.
  private func prepare(
    _ published: PublishResult, in stage: borrowing Stage, _ job: Job,
    _ trace: inout OperationTrace
  ) throws(ReleasesError) -> PublishResult {
    guard let hook = job.configuration.hooks.prepare else { return published }
    var result = published
    do throws(OperationFailure) {
      let prepared = try Preparer(store, environment).run(
        hook, for: published.entry.id, in: stage, waitingUpTo: job.request.wait)
      result.entry = prepared.entry
      result.steps += prepared.steps
      result.warnings += prepared.warnings
      result.recovered += prepared.recovered
      return result
    } catch {
      trace.id = published.entry.id
      trace.steps = published.steps + error.trace.steps
      trace.recovered = published.recovered
      trace.signal = error.trace.signal
      throw error.error
    }
  }

  private func isStrippingSet(_ job: Job) -> Bool {
    let unpack = job.configuration.unpack
    return job.request.stripComponents != nil || unpack.stripComponents != nil
      || unpack.stripsSingleDirectory
  }

  /// Whether a single directory at the top is removed; a number on the command line excludes that.
  private func stripsSingleDirectory(_ job: Job) -> Bool {
    job.request.stripComponents == nil && job.configuration.unpack.stripsSingleDirectory
  }

  /// Returns how long the sender of the archive may pause, in seconds. Without a configured time, an
  /// SSH key gets less than a program on this host, whose user can end it.
  private func pauseLimit(_ request: PublishRequest, _ limits: Configuration.Limits) -> Int {
    if let configured = limits.stallTime { return configured }
    return request.arrivalTime == nil ? 3600 : limits.idleTime ?? 300
  }

  private func unpacker(_ job: Job, _ inheritance: Inheritance) -> SandboxedUnpacker {
    let (request, configuration) = (job.request, job.configuration)
    var options = UnpackOptions(
      stripComponents: request.stripComponents ?? configuration.unpack.stripComponents ?? 0,
      allowedLinkTargets: configuration.unpack.allowedLinks,
      replacedPaths: configuration.shared.directories,
      readOnlyFiles: configuration.unpack.share == .hardlink,
      limits: UnpackLimits(configuration.unpack.limits))
    options.stripsSingleDirectory = stripsSingleDirectory(job)
    options.requiresSandbox = configuration.unpack.sandbox == .required
    options.inheritance = inheritance
    var unpacker = SandboxedUnpacker(options: options)
    unpacker.progress = { request.progress(.unpacking($0, of: job.archiveSize)) }
    unpacker.spaceWatch = job.space.watch
    unpacker.expectedSize = request.expected.size
    unpacker.pauseLimit = pauseLimit(request, configuration.unpack.limits)
    unpacker.arrivalLimit = request.arrivalTime
    return unpacker
  }
}

extension UnpackLimits {
  /// Makes the limits from the configured ones and, for the others, the defaults.
  init(_ configured: Configuration.Limits) {
    self.init()
    bytes = configured.bytes ?? bytes
    entries = configured.entries ?? entries
    ratio = configured.ratio ?? ratio
    depth = configured.depth ?? depth
    nameLength = configured.nameLength ?? nameLength
    metadata = configured.metadata ?? metadata
    processorTime = configured.processorTime ?? processorTime
    idleTime = configured.idleTime ?? idleTime
  }
}
