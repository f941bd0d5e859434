internal import Archive
internal import Linux

/// A staged tree that is on the disk as it will stay, and what there is to say of it.
struct SettledTree {
  let manifest: Manifest
  let manifestDigest: Digest
  /// How many bytes it got from which releases; nil for none.
  let shared: [String: Int64]?
  let warnings: [String]
  /// How long sharing took; nil where nothing could be shared.
  let sharingSeconds: Double?
}

extension Store {
  /// Shares what other releases have already, writes the manifest, and makes it all durable.
  ///
  /// Hard links come before the flush, which then has less to write. Blocks are shared after it:
  /// the kernel would otherwise flush each file by itself. Only that needs a second flush.
  func settle(
    _ stage: borrowing Stage, _ tree: borrowing Descriptor, _ entries: TreeEntries,
    _ configuration: Configuration
  ) throws(ReleasesError) -> SettledTree {
    let start = Clock.monotonicSeconds()
    let share = configuration.unpack.share
    let canShareBlocks = share == .never ? false : try self.canShareBlocks(stage)
    guard canShareBlocks || share == .hardlink else { return try flush(stage, entries) }
    var sharing = Sharing(self, try snapshot(), entries)
    var entries = entries
    if share == .hardlink {
      let links = try attempting("can't share files") { () throws(SystemError) in
        try HardLinks(stage: stage.directory)
      }
      try sharing.share(tree, by: links.link)
      entries = links.applied(to: entries)
    }
    let linkedAt = Clock.monotonicSeconds()
    let flushed = try flush(stage, entries)
    let flushedAt = Clock.monotonicSeconds()
    if canShareBlocks {
      let before = sharing.bytes
      try sharing.share(tree, by: Sharing.blocks)
      if sharing.bytes != before { try sync(stage) }
    }
    let seconds = linkedAt - start + Clock.monotonicSeconds() - flushedAt
    return SettledTree(flushed, sharing, seconds: seconds)
  }

  private func canShareBlocks(_ stage: borrowing Stage) throws(ReleasesError) -> Bool {
    try attempting("can't look at the file system") { () throws(SystemError) in
      try stage.directory.canShareContent()
    }
  }

  private func flush(
    _ stage: borrowing Stage, _ entries: TreeEntries
  ) throws(ReleasesError) -> SettledTree {
    let manifest = Manifest(entries)
    let digest = try attempting("can't write the new release's manifest") {
      () throws(SystemError) in
      var hash = SHA256()
      let file = try stage.directory.open(Stage.manifest, [.writeOnly, .create, .exclusive])
      try manifest.encode { piece throws(SystemError) in
        piece.withUnsafeBytes { hash.update($0) }
        try file.write(piece)
      }
      try file.close()
      return hash.finish()
    }
    try sync(stage)
    return SettledTree(manifest, digest: digest)
  }

  private func sync(_ stage: borrowing Stage) throws(ReleasesError) {
    try attempting("can't flush the new release") { () throws(SystemError) in
      try stage.directory.syncFileSystem()
    }
  }
}

extension SettledTree {
  /// One that shares nothing.
  fileprivate init(_ manifest: Manifest, digest: Digest) {
    self.init(
      manifest: manifest, manifestDigest: digest, shared: nil, warnings: [], sharingSeconds: nil)
  }

  fileprivate init(_ flushed: SettledTree, _ sharing: Sharing, seconds: Double) {
    let shared = sharing.bytes.map { ($0.key.text, $0.value) }
    self.init(
      manifest: flushed.manifest, manifestDigest: flushed.manifestDigest,
      shared: shared.isEmpty ? nil : Dictionary(uniqueKeysWithValues: shared),
      warnings: sharing.warnings, sharingSeconds: seconds)
  }
}
