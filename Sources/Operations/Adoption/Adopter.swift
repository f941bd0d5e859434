internal import Archive
internal import FoundationEssentials
internal import Linux
internal import Manifest
internal import ReleaseModel
internal import ReleaseStore
internal import StoreSupport

/// Adopts the releases that have no valid catalog entry.
struct Adopter {
  let store: Store

  /// Adopts all of them in one transaction.
  ///
  /// - Throws: an error when the store can't be read, or what ``Transaction/perform(_:_:)`` throws.
  func adopt(
    into result: inout InitializeResult, _ transaction: inout Transaction
  ) throws(ReleasesError) {
    try LinkCorrections.pointDirectly(in: &transaction)
    let snapshot = try store.snapshot()
    let candidates = try find(snapshot)
    let plan = AdoptionPlan(
      snapshot: snapshot, candidates: candidates,
      history: try store.history.entries(about: Set(candidates.map(\.id))))
    result.warnings += plan.warnings
    let decided = plan.releases(firstSequence: transaction.nextSequence + 1)
    guard !decided.isEmpty else { return }
    var adopted: [CatalogEntry] = []
    let links = try store.links.texts()
    try transaction.perform(Intent(operation: .initialize, before: links, after: links)) {
      (_, _) throws(ReleasesError) in
      for release in decided {
        if let entry = try adopt(release, &result.warnings) { adopted.append(entry) }
      }
      return .done(last: decided.map { max($0.sequence, $0.activation ?? 0) }.max())
    }
    result.adopted = adopted
  }

  private func find(_ snapshot: Snapshot) throws(ReleasesError) -> [AdoptionPlan.Candidate] {
    var found: [AdoptionPlan.Candidate] = []
    let corrupt = snapshot.catalog.corrupt.filter { snapshot.directories.contains($0) }
    for id in snapshot.unknown + corrupt {
      let (modified, isEmpty) = try withErrorMessage("can't read \(id)") { () throws(SystemError) in
        let directory = try store.releases.openDirectory(id.text)
        return (try directory.status().modified, try directory.entries().isEmpty)
      }
      found.append(
        AdoptionPlan.Candidate(
          id: id, created: Date(timeIntervalSince1970: Double(id.unixSeconds ?? modified.seconds)),
          isEmpty: isEmpty, isCorrupt: snapshot.catalog.corrupt.contains(id)))
    }
    return found
  }

  /// Writes the manifest of what the tree contains now, and the catalog entry.
  ///
  /// - Returns: nil for a tree that can't be read, so that the others are still adopted.
  private func adopt(
    _ release: AdoptionPlan.Release, _ warnings: inout [Notice]
  ) throws(ReleasesError) -> CatalogEntry? {
    let tree: ScannedTree
    do throws(ReleasesError) {
      tree = try withErrorMessage("can't read release \(release.id)") { () throws(SystemError) in
        try ScannedTree(try store.releases.openDirectory(release.id.text))
      }
    } catch {
      warnings.append(
        Notice(
          "\(release.id) was not adopted: \(error.line)",
          hint: Hint("remove the cause, then", command: ["init"])))
      return nil
    }
    warnings += tree.warnings(of: release.id)
    let encoded = tree.manifest.encoded()
    let entry = CatalogEntry(
      id: release.id, sequence: release.sequence, state: release.state, reason: release.reason,
      created: release.created, activated: release.activation == nil ? nil : release.created,
      activation: release.activation, files: tree.manifest.fileCount,
      bytes: tree.manifest.byteCount, pin: release.pin,
      manifestDigest: SHA256.digest(of: encoded).hex, adopted: true)
    let manifests = try store.controlDirectory(Layout.manifests)
    try withErrorMessage("can't write the manifest of \(release.id)") { () throws(SystemError) in
      try manifests.replaceFile(
        Layout.manifestFile(release.id), with: encoded, suffix: uniqueSuffix())
      try manifests.sync()
    }
    try store.catalog.write([entry])
    return entry
  }
}
