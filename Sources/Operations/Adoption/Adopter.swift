internal import Archive
internal import FoundationEssentials
internal import Linux
internal import Manifest
internal import ReleaseModel
internal import ReleaseStore
internal import StoreSupport
internal import Text

/// Adopts the releases that have no valid catalog entry.
struct Adopter {
  let store: Store
  /// The directories that the operator has named.
  let named: [String]

  /// What an adoption finds.
  struct Findings {
    var candidates: [AdoptionPlan.Candidate] = []
    /// The directories that are not adopted, because nothing says that they are releases.
    var leftOut: [ReleaseID] = []
    var warnings: [Notice] = []
  }

  /// Adopts all of them in one transaction.
  ///
  /// - Throws: `noSuchRelease` or `unsupported` for a named directory that can't be adopted, an error
  ///   when the store can't be read, or what ``Transaction/perform(_:_:)`` throws.
  func adopt(
    into result: inout InitializeResult, _ transaction: inout Transaction
  ) throws(ReleasesError) {
    try LinkCorrections.pointDirectly(in: &transaction)
    let snapshot = try store.snapshot()
    let history = try store.history.entries(about: snapshot.unrecorded)
    let found = try find(snapshot, history)
    let isForeign = store.links.foreignTarget(of: snapshot.current) == .directory
    let plan = AdoptionPlan(
      snapshot: snapshot, candidates: found.candidates, history: history, leftOut: found.leftOut,
      currentHint: isForeign ? .makeReleaseOfCurrent(in: store.path) : nil)
    result.warnings += plan.warnings + found.warnings
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

  /// Finds the directories to adopt. Changes nothing.
  ///
  /// - Parameters:
  ///   - snapshot: the facts of the store.
  ///   - history: the history of the directories without a readable catalog entry.
  /// - Returns: the directories to adopt, and those to leave as they are.
  /// - Throws: `noSuchRelease` or `unsupported` for a named directory that can't be adopted, another
  ///   error when the manifests can't be listed.
  func find(_ snapshot: Snapshot, _ history: History) throws(ReleasesError) -> Findings {
    let scope = try AdoptionScope(
      of: store, snapshot, history,
      named: try NamedDirectories(of: store.path, snapshot).ids(named))
    var findings = Findings()
    let corrupt = snapshot.catalog.corrupt.filter { snapshot.directories.contains($0) }
    for id in snapshot.unknown + corrupt {
      guard scope.includes(id) else {
        findings.leftOut.append(id)
        continue
      }
      do throws(SystemError) {
        findings.candidates.append(
          try AdoptionPlan.Candidate(
            id, in: store.releases, isCorrupt: snapshot.catalog.corrupt.contains(id)))
      } catch {
        findings.warnings.append(
          notAdopted(id, ReleasesError("can't read release \(id)", error)))
      }
    }
    return findings
  }

  private func notAdopted(_ id: ReleaseID, _ error: ReleasesError) -> Notice {
    let command = ["init"] + (named.contains(id.text) ? ["--adopt", id.text] : [])
    return Notice(
      "\(id) was not adopted: \(error.line)",
      hint: error.hint ?? Hint("remove the cause, then", command: command))
  }

  /// Writes the manifest of what the tree contains now, and the catalog entry.
  ///
  /// - Returns: nil for a tree that can't be read, so that the others are still adopted.
  /// - Throws: an error when the manifest or the catalog entry can't be written.
  private func adopt(
    _ release: AdoptionPlan.Release, _ warnings: inout [Notice]
  ) throws(ReleasesError) -> CatalogEntry? {
    let tree: ScannedTree
    do throws(ReleasesError) {
      tree = try withErrorMessage("can't read release \(release.id)") { () throws(SystemError) in
        try ScannedTree(try store.releases.openDirectory(release.id.text))
      }
    } catch {
      warnings.append(notAdopted(release.id, error))
      return nil
    }
    warnings += tree.warnings(of: release.id)
    let encoded = tree.manifest.encoded()
    let entry = CatalogEntry(
      id: release.id, sequence: release.sequence, state: release.state,
      reason: release.reason?.text,
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
