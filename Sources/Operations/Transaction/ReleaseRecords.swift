internal import Archive
internal import Linux
internal import Manifest
internal import ReleaseModel
internal import ReleaseStore
internal import StoreSupport
internal import Text

/// Changes to what the store records about one release, which commands and recovery share.
struct ReleaseRecords {
  let store: Store

  /// Removes the manifest and the catalog entry of a release.
  ///
  /// - Throws: an error when a file can't be removed.
  func forget(_ id: ReleaseID) throws(ReleasesError) {
    for (directory, file) in [
      (Layout.manifests, Layout.manifestFile(id)), (Layout.catalog, Layout.catalogFile(id)),
    ] {
      let parent = try store.controlDirectory(directory)
      try withErrorMessage("can't remove the manifest and the catalog entry of \(id)") {
        () throws(SystemError) in
        guard try parent.statusIfPresent(of: file) != nil else { return }
        // A directory with that name must not block the removal forever.
        try parent.removeTree(file)
        try parent.sync()
      }
    }
  }

  /// Makes the names of the releases durable.
  ///
  /// - Throws: an error with ``ReleasesError/isLostWrite`` when the flush fails.
  func flushNames() throws(ReleasesError) {
    try withErrorMessage("can't flush \(path: store.path(Layout.releases))") {
      () throws(SystemError) in
      try store.releases.sync()
    }
  }

  /// Records that a preparation was interrupted or failed. The manifest may be the one from before
  /// or from after the preparation: each is complete, and the catalog records the one that is there.
  ///
  /// - Throws: an error when the records can't be read or written.
  func markUnprepared(_ id: ReleaseID, reason: Message) throws(ReleasesError) {
    guard case .found(var release) = try store.catalog.entry(id) else { return }
    release.state = .failed
    release.reason = reason.text
    release.stage = nil
    if let bytes = try store.manifests.uncheckedBytes(of: id),
      let manifest = Manifest(decoding: bytes)
    {
      release.files = manifest.fileCount
      release.bytes = manifest.byteCount
      release.manifestDigest = SHA256.digest(of: bytes).hex
    }
    try store.catalog.write([release])
  }

  /// Removes the temporary files in `.releases/` that a dead writer left, and makes durable what it
  /// changed there: once the journal is complete, recovery no longer looks for a name that comes
  /// back.
  ///
  /// - Throws: an error when a directory can't be read, cleaned or flushed.
  func sweepTemporaryFiles() throws(ReleasesError) {
    for name in [".", Layout.catalog, Layout.manifests] {
      let directory = try store.controlDirectory(name)
      try withErrorMessage("can't clean \(Layout.control)/\(name)") { () throws(SystemError) in
        let left = try directory.entries().map(\.name)
          .filter { Layout.finalName(ofTemporary: $0) != nil }
        for name in left { try directory.unlinkIfPresent(name) }
        try directory.sync()
      }
    }
  }
}
