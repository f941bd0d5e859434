internal import Archive
internal import FoundationEssentials
internal import Linux

extension Transaction {
  /// Takes over the directories in `releases/` that nothing, or nothing legible, is known of.
  mutating func adopt(_ result: inout InitializeResult) throws(ReleasesError) {
    try straighten()
    let snapshot = try store.snapshot()
    let plan = AdoptionPlan(
      snapshot: snapshot, found: try foundReleases(snapshot), history: try store.history())
    result.warnings += plan.warnings
    let decided = plan.releases(firstSequence: nextSequence + 1)
    guard !decided.isEmpty else { return }
    var adopted: [CatalogEntry] = []
    let links = try store.linkTexts()
    try perform(Intent(operation: .initialize, before: links, after: links)) {
      (_, transaction) throws(ReleasesError) in
      for release in decided {
        if let entry = try transaction.takeOver(release, &result.warnings) {
          adopted.append(entry)
        }
      }
      return .done(last: decided.map { max($0.sequence, $0.activation ?? 0) }.max())
    }
    result.adopted = adopted
  }

  private func foundReleases(
    _ snapshot: Snapshot
  ) throws(ReleasesError) -> [AdoptionPlan.Found] {
    var found: [AdoptionPlan.Found] = []
    let unclear =
      snapshot.unknown
      + snapshot.catalog.damaged.filter {
        snapshot.directories.contains($0)
      }
    for id in unclear {
      let (modified, isEmpty) = try attempting("can't look at \(id)") { () throws(SystemError) in
        let directory = try store.releases.openDirectory(id.text)
        return (try directory.status().modified, try directory.entries().isEmpty)
      }
      found.append(
        AdoptionPlan.Found(
          id: id, created: Date(timeIntervalSince1970: Double(id.unixSeconds ?? modified.seconds)),
          isEmpty: isEmpty, isDamaged: snapshot.catalog.damaged.contains(id)))
    }
    return found
  }

  /// Writes down what the tree holds now, and the catalog entry.
  ///
  /// - Returns: nil for a tree that can't be read: one is no reason to leave out the others.
  private func takeOver(
    _ release: AdoptionPlan.Release, _ warnings: inout [String]
  ) throws(ReleasesError) -> CatalogEntry? {
    let (manifest, passedOver): (Manifest, [String])
    do throws(ReleasesError) {
      (manifest, passedOver) = try store.scan(release.id)
    } catch {
      let cause = error.cause.map { ": \($0)" } ?? ""
      warnings.append(
        "\(release.id) was not taken over: \(error.message)\(cause);"
          + " once that is put right: releases --store \(store.path) init")
      return nil
    }
    warnings += passedOver
    let encoded = manifest.encoded()
    let entry = CatalogEntry(
      id: release.id, sequence: release.sequence, state: release.state, reason: release.reason,
      created: release.created, activated: release.activation == nil ? nil : release.created,
      activation: release.activation, files: manifest.fileCount, bytes: manifest.byteCount,
      pin: release.pin,
      manifestDigest: SHA256.digest(of: encoded).hex, adopted: true)
    let manifests = try store.controlDirectory(Layout.manifests)
    try attempting("can't write the manifest of \(release.id)") { () throws(SystemError) in
      try manifests.replaceFile(
        Layout.manifestFile(release.id), with: encoded, suffix: environment.uniqueSuffix())
      try manifests.sync()
    }
    try store.write([entry], environment)
    return entry
  }
}
