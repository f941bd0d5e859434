package import Archive
internal import FoundationEssentials
package import Linux

/// What is asked of a new release.
package struct PublishRequest: Sendable {
  /// Nil for the next one by the clock.
  package var id: ReleaseID?
  package var ref: String?
  package var expected = ExpectedArchive()
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
    try refuseUntrusted(request, configuration)
    try refuseTaken(request.id, try snapshot())
    try refuseOtherDevices()
    try makeSharedDirectories(configuration)
    let stage = try Stage.make(self, environment)
    let name = stage.name
    let cleanup = Signals.onTermination { self.removeStage(name) }
    defer { cleanup.cancel() }
    do throws(ReleasesError) {
      return try fill(stage, from: archive, request, configuration, environment)
    } catch {
      discard(stage, environment)
      throw error
    }
  }

  /// The id a publication would give now; throws where it would be refused.
  package func planPublication(
    _ request: PublishRequest, _ environment: Environment
  ) throws(ReleasesError) -> ReleaseID {
    try refuseUntrusted(request, try configuration())
    try refuseOtherDevices()
    return try freeID(request, try snapshot(), environment)
  }

  /// An archive that proves less than the configuration asks for is refused, and one that it asks
  /// to prove what can't be looked at yet is too.
  private func refuseUntrusted(
    _ request: PublishRequest, _ configuration: Configuration
  ) throws(ReleasesError) {
    let file = path(Layout.configuration)
    switch configuration.trust.require {
    case .none: return
    case .digest:
      if request.expected.digest != nil { return }
      throw ReleasesError(
        .archiveRejected, "\(file) takes no archive without its digest (trust.require)",
        hint: "say what sha256sum says where the archive was made: --sha256 HEX")
    case .signature:
      throw ReleasesError(
        .unsupported,
        "\(file) asks for trust.require: signature, which this version can't verify yet",
        hint: "take it out, or ask for a digest: trust: {require: digest}")
    }
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
    _ stage: borrowing Stage, from archive: borrowing Descriptor, _ request: PublishRequest,
    _ configuration: Configuration, _ environment: Environment
  ) throws(ReleasesError) -> PublishResult {
    let start = Clock.monotonicSeconds()
    let tree = try attempting("can't make the stage's tree") { () throws(SystemError) in
      try stage.directory.makeDirectory(Stage.tree, mode: 0o700)
      return try stage.directory.openDirectory(Stage.tree)
    }
    let unpacked = try unpack(archive, into: tree, request, configuration)
    let linked = try SharedLinks(configuration: configuration).make(in: tree, unpacked.tree.entries)
    let unpackedAt = Clock.monotonicSeconds()
    let settled = try settle(stage, tree, linked.entries, configuration)
    let flushedAt = Clock.monotonicSeconds()
    var transaction = try Transaction.begin(self, environment, waitingUpTo: request.wait)
    let recovered = transaction.recovered
    let entry: CatalogEntry
    do throws(ReleasesError) {
      entry = try transaction.publish(
        stage, request, settled, archiveDigest: unpacked.digest,
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
      recovered: recovered, layers: unpacked.layers)
  }

  private func unpack(
    _ archive: borrowing Descriptor, into tree: borrowing Descriptor, _ request: PublishRequest,
    _ configuration: Configuration
  ) throws(ReleasesError) -> UnpackResult {
    let unpacker = ContainedUnpacker(
      options: UnpackOptions(
        stripComponents: request.stripComponents ?? configuration.unpack.stripComponents,
        allowedLinkTargets: configuration.unpack.allowedLinks,
        readOnlyFiles: configuration.unpack.share == .hardlink,
        limits: configuration.unpack.limits))
    do throws(ArchiveError) {
      let result = try unpacker.unpack(from: archive, into: tree)
      try request.expected.check(result)
      return result
    } catch {
      throw ReleasesError(error)
    }
  }
}

extension Store {
  /// The id asked for, if it is free, or the next one.
  fileprivate func freeID(
    _ request: PublishRequest, _ snapshot: Snapshot, _ environment: Environment
  ) throws(ReleasesError) -> ReleaseID {
    if let id = request.id {
      try refuseTaken(id, snapshot)
      return id
    }
    let taken = snapshot.directories.union(snapshot.catalog.entries.keys)
      .union(snapshot.catalog.damaged).union(snapshot.strays.compactMap { ReleaseID($0) })
    return .next(after: taken, unixSeconds: Int64(environment.now().timeIntervalSince1970))
  }
}

extension Transaction {
  /// Gives a finished stage its name. Everything the name implies is durable before it appears.
  fileprivate mutating func publish(
    _ stage: borrowing Stage, _ request: PublishRequest, _ settled: SettledTree,
    archiveDigest: Digest, state: ReleaseState
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
      manifestDigest: settled.manifestDigest.hex)
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
