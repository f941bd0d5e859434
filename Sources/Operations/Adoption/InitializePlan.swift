internal import Configuration
internal import FoundationEssentials
internal import Linux
package import ReleaseModel
internal import ReleaseStore
internal import StoreSupport
package import Text

/// What creating or adopting a store would do.
package struct InitializePlan: Sendable {
  /// The changes, one imperative sentence each.
  package var changes: [Message]
  package var warnings: [Notice] = []
  /// What is recovered first; nil for nothing.
  package var recovery: PendingRecovery?
  /// What the next prune would do to the adopted releases; nil when none would be adopted, and when
  /// the retention policy can't be read.
  package var forecast: RetentionForecast?

  /// Adds the forecast and its warnings.
  fileprivate func adding(_ forecast: RetentionForecast?, path: String) -> InitializePlan {
    var plan = self
    plan.forecast = forecast
    plan.warnings += forecast?.warnings(path: path, isPlan: true) ?? []
    return plan
  }
}

extension Initializer {
  /// Plans what ``run(waitingUpTo:)`` would do. Changes nothing.
  ///
  /// - Throws: the reason why the directory can't become a store, or why a named directory can't be
  ///   adopted.
  package func plan() throws(ReleasesError) -> InitializePlan {
    try refuseNested()
    let creation: Message = "create the store \(path: path)"
    if (try? status(ofPath: path)) == nil { return InitializePlan(changes: [creation]) }
    let root = try openRoot()
    try refuse(root)
    let isStore = try withErrorMessage("can't read \(path: path)") { () throws(SystemError) in
      try root.statusIfPresent(of: Layout.control) != nil
    }
    if isStore { return try planOfStore() }
    let future = try futureReleases(root)
    let named = try NamedDirectories(of: path, future).ids(named)
    let scope = AdoptionScope(linked: future.linked, named: named)
    let found = future.directories.sorted { $0.text < $1.text }
    let adopted = found.filter { scope.includes($0) }
    return InitializePlan(
      changes: [creation] + adopted.map { "adopt \($0)" },
      warnings: AdoptionPlan.warnings(leftOut: found.filter { !scope.includes($0) })
    ).adding(try? forecast(adopted, future, root), path: path)
  }

  private func planOfStore() throws(ReleasesError) -> InitializePlan {
    let store = try Store.open(path)
    let outlook = try RecoveryOutlook(store, environment)
    let snapshot = outlook.snapshot
    let history = try store.history.entries(about: snapshot.unrecorded)
    let found = try Adopter(store: store, named: named).find(snapshot, history)
    let plan = AdoptionPlan(
      snapshot: snapshot, candidates: found.candidates, history: history)
    return InitializePlan(
      changes: found.candidates.map { "adopt \($0.id)" },
      warnings: found.warnings + AdoptionPlan.warnings(leftOut: found.leftOut),
      recovery: outlook.recovery
    ).adding(try? forecast(plan, store.releases, try store.configuration()), path: path)
  }

  /// Reads what is to become the releases of a store.
  ///
  /// - Throws: an error when `releases/` can't be read.
  func futureReleases(_ root: borrowing Descriptor) throws(ReleasesError) -> FutureReleases {
    try withErrorMessage("can't list \(path: path)/\(Layout.releases)") { () throws(SystemError) in
      try FutureReleases(in: root)
    }
  }

  private func forecast(
    _ adopted: [ReleaseID], _ future: FutureReleases, _ root: borrowing Descriptor
  ) throws -> RetentionForecast? {
    if adopted.isEmpty { return nil }
    let releases = try root.openDirectory(Layout.releases)
    let plan = AdoptionPlan(
      snapshot: future.snapshot,
      // What can't be read is not adopted.
      candidates: adopted.compactMap { try? AdoptionPlan.Candidate($0, in: releases) },
      history: History())
    return try forecast(plan, releases, try Configuration.load(directory: root, path: path))
  }

  /// Applies the retention policy to the releases as they would be after an adoption. Their sizes are
  /// not known yet, so free space does not count.
  private func forecast(
    _ plan: AdoptionPlan, _ releases: borrowing Descriptor, _ configuration: Configuration
  ) throws -> RetentionForecast? {
    if plan.candidates.isEmpty { return nil }
    let candidates = plan.snapshotAfterwards.retentionCandidates(
      inUse: try DirectoriesInUse.names(beneath: releases),
      withMounts: try Mounts.names(beneath: releases))
    let policy = RetentionPolicy(
      count: configuration.keep.count, age: configuration.keep.age.seconds)
    let decisions = retentionPlan(
      candidates, policy, RetentionSpace(freeBytes: .max), now: environment.actor.now())
    return RetentionForecast(adopting: Set(plan.candidates.map(\.id)), decisions)
  }
}

extension AdoptionPlan.Candidate {
  /// Reads what an adoption depends on.
  ///
  /// - Parameters:
  ///   - id: the directory in `releases/`.
  ///   - releases: the directory `releases/`.
  ///   - isCorrupt: whether there is a catalog entry that is corrupt.
  /// - Throws: `SystemError` when the directory can't be read.
  init(
    _ id: ReleaseID, in releases: borrowing Descriptor, isCorrupt: Bool = false
  ) throws(SystemError) {
    let directory = try releases.openDirectory(id.text)
    let created =
      if let timestamp = id.timestamp {
        timestamp
      } else {
        try directory.status().modified.seconds
      }
    self.init(
      id: id, created: Date(timeIntervalSince1970: Double(created)),
      isEmpty: try directory.entries().isEmpty, isCorrupt: isCorrupt)
  }
}
