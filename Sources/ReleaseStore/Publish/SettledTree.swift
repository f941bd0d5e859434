internal import Archive
internal import Linux

/// A staged tree that is on the disk as it will stay, and what there is to say of it.
struct SettledTree {
  let manifest: Manifest
  let manifestDigest: Digest
  /// How many bytes it got from which releases; nil for none.
  let shared: [String: Int64]?
  let warnings: [String]
  /// How long that took.
  let sharingSeconds: Double
}

extension Store {
  /// Shares what other releases have already, writes the manifest, and makes it all durable.
  ///
  /// Hard links come before the flush, which then has less to write. Blocks are shared after it:
  /// the kernel would otherwise flush each file by itself. Only that needs a second flush.
  func settle(
    _ stage: borrowing Stage, _ tree: borrowing Descriptor, _ entries: [TreeEntry],
    _ configuration: Configuration
  ) throws(ReleasesError) -> SettledTree {
    let share = configuration.unpack.share
    let start = Clock.monotonicSeconds()
    var sharing = Sharing(self, try snapshot(), entries)
    var entries = entries
    if share == .hardlink, !sharing.isPointless {
      let links = try attempting("can't share files") { () throws(SystemError) in
        try HardLinks(stage: stage.directory)
      }
      try sharing.share(tree, by: links.link)
      entries = links.applied(to: entries)
    }
    let linkedAt = Clock.monotonicSeconds()
    let manifest = Manifest(entries)
    let encoded = manifest.encoded()
    try attempting("can't flush the new release") { () throws(SystemError) in
      let file = try stage.directory.open(Stage.manifest, [.writeOnly, .create, .exclusive])
      try file.write(encoded)
      try file.close()
      try stage.directory.syncFileSystem()
    }
    let flushedAt = Clock.monotonicSeconds()
    if share != .never, !sharing.isPointless { try shareBlocks(&sharing, stage, tree) }
    let shared = sharing.bytes.map { ($0.key.text, $0.value) }
    return SettledTree(
      manifest: manifest, manifestDigest: SHA256.digest(of: encoded),
      shared: shared.isEmpty ? nil : Dictionary(uniqueKeysWithValues: shared),
      warnings: sharing.warnings,
      sharingSeconds: linkedAt - start + Clock.monotonicSeconds() - flushedAt)
  }

  private func shareBlocks(
    _ sharing: inout Sharing, _ stage: borrowing Stage, _ tree: borrowing Descriptor
  ) throws(ReleasesError) {
    let canShare = try attempting("can't look at the file system") { () throws(SystemError) in
      try stage.directory.canShareContent()
    }
    guard canShare else { return }
    let before = sharing.bytes
    try sharing.share(tree, by: Sharing.blocks)
    if sharing.bytes == before { return }
    try attempting("can't flush the new release") { () throws(SystemError) in
      try stage.directory.syncFileSystem()
    }
  }
}
