internal import Archive
internal import Configuration
internal import Linux
internal import Manifest
internal import ReleaseModel
internal import ReleaseStore
internal import StoreSupport
internal import Text

/// A staged tree that is durable, with its manifest.
struct FinalizedTree {
  let manifest: Manifest
  let manifestDigest: Digest
  /// How many bytes it shares with each release; nil when it shares none.
  let shared: [String: Int64]?
  let warnings: [Notice]
  /// How long sharing took; nil if nothing could be shared.
  let sharingSeconds: Double?
}

/// Finalizes a stage: shares equal files with other releases, writes the manifest, and makes everything
/// durable.
struct StageFinalizer {
  let store: Store

  /// Finalizes a stage. Hard links are made before the flush, which then has less to write. Blocks are
  /// shared after it, since the kernel would otherwise flush each file separately; only that needs a
  /// second flush.
  ///
  /// - Parameters:
  ///   - stage: the stage.
  ///   - tree: the tree in the stage.
  ///   - entries: what the tree contains.
  ///   - share: which files may be shared, and how.
  /// - Returns: the durable tree with its manifest.
  /// - Throws: an error when a file can't be written or flushed.
  func finalize(
    _ stage: borrowing Stage, _ tree: borrowing Descriptor, _ entries: TreeEntries,
    _ share: Configuration.Unpack.Share
  ) throws(ReleasesError) -> FinalizedTree {
    let start = Clock.monotonicSeconds()
    let canShareBlocks = share == .never ? false : try self.canShareBlocks(stage)
    guard canShareBlocks || share == .hardlink else {
      let (manifest, digest) = try writeManifest(stage, entries)
      return FinalizedTree(
        manifest: manifest, manifestDigest: digest, shared: nil, warnings: [],
        sharingSeconds: nil)
    }
    var sharing = Sharing(store, try store.snapshot(), entries)
    var entries = entries
    if share == .hardlink {
      let links = try withErrorMessage("can't share files") { () throws(SystemError) in
        try HardLinks(stage: stage.directory)
      }
      try sharing.share(tree, by: links.link)
      entries = links.applied(to: entries)
    }
    let linkedAt = Clock.monotonicSeconds()
    let (manifest, digest) = try writeManifest(stage, entries)
    let flushedAt = Clock.monotonicSeconds()
    if canShareBlocks {
      let before = sharing.bytes
      try sharing.share(tree, by: Sharing.blocks)
      if sharing.bytes != before { try flush(stage) }
    }
    let shared = sharing.bytes.map { ($0.key.text, $0.value) }
    return FinalizedTree(
      manifest: manifest, manifestDigest: digest,
      shared: shared.isEmpty ? nil : Dictionary(uniqueKeysWithValues: shared),
      warnings: sharing.warnings,
      sharingSeconds: linkedAt - start + Clock.monotonicSeconds() - flushedAt)
  }

  private func canShareBlocks(_ stage: borrowing Stage) throws(ReleasesError) -> Bool {
    try withErrorMessage("can't query the file system") { () throws(SystemError) in
      try stage.directory.canShareContent()
    }
  }

  /// Writes the manifest, and flushes everything in the stage.
  ///
  /// - Throws: an error when the manifest can't be written or the stage can't be flushed.
  private func writeManifest(
    _ stage: borrowing Stage, _ entries: TreeEntries
  ) throws(ReleasesError) -> (Manifest, Digest) {
    let manifest = Manifest(entries)
    let digest = try withErrorMessage("can't write the manifest of the new release") {
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
    try flush(stage)
    return (manifest, digest)
  }

  private func flush(_ stage: borrowing Stage) throws(ReleasesError) {
    try withErrorMessage("can't flush the new release") { () throws(SystemError) in
      try stage.directory.syncFileSystem()
    }
  }
}
