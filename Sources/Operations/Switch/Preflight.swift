internal import Configuration
internal import HostPrograms
internal import Linux
internal import Manifest
internal import ReleaseModel
internal import ReleaseStore
internal import StoreSupport
internal import Text

/// Checks before a switch whether it would fail. It changes nothing.
struct Preflight {
  let store: Store

  /// Refuses a switch that would fail.
  ///
  /// - Parameters:
  ///   - plan: the switch.
  ///   - snapshot: the facts that the plan was made from.
  ///   - configuration: the configuration of the store.
  ///   - options: the options of the switch.
  ///   - programs: the hooks and the health check of the store.
  /// - Returns: warnings for the operator.
  /// - Throws: the reason for the refusal.
  func check(
    _ plan: SwitchPlan, _ snapshot: Snapshot, _ configuration: Configuration,
    _ options: SwitchOptions, _ programs: ReleasePrograms
  ) throws(ReleasesError) -> [Notice] {
    try refuseUnlessLinks(snapshot)
    if plan.kind == .activate || !options.force { try refuseWhileFrozen(plan.kind, snapshot) }
    try refuseUnlessReady(plan, snapshot, options)
    try refuseIfOthersMayChange(plan.to)
    var warnings = configuration.notices
    warnings += try refuseInstance(plan, configuration, options, programs.environment)
    if !plan.isUnchanged { try programs.refuseUnusable(activate: configuration, in: plan.to) }
    try SharedPaths(store: store).refuseUnusable(
      for: plan.to, configuration, mayLackDirectories: options.force)
    let others =
      plan.kind == .rollback ? snapshot.rollbackCandidates.filter { $0 != plan.to } : []
    warnings += try refuseIfModified(plan, configuration, options, else: others, programs)
    if let kind = store.links.foreignTarget(of: snapshot.current), let text = snapshot.current.text
    {
      if kind == .directory, configuration.hooks.activate != nil {
        try refuseIfOthersMayChange(place: text)
      }
      warnings.append(
        Notice(
          "\(Layout.current) points to \(linkTarget: text), which is not a release: no rollback can return to it",
          hint: kind == .directory ? .makeRelease(of: text, in: store.path) : nil))
    }
    return warnings
  }

  /// Refuses a deployment whose switch would fail whatever the archive contains.
  ///
  /// - Throws: the reason for the refusal.
  func checkBeforeDeploying(
    _ snapshot: Snapshot, _ configuration: Configuration, _ options: SwitchOptions,
    _ programs: ReleasePrograms
  ) throws(ReleasesError) {
    try refuseUnlessLinks(snapshot)
    try refuseWhileFrozen(.activate, snapshot)
    if let instances = configuration.instances {
      try refuseDeployment(
        of: instances, beside: snapshot.live, options, programs.environment)
    }
    try programs.refuseUnusable(activate: configuration, prepare: configuration)
    try SharedPaths(store: store).refuseUnusable(for: nil, configuration)
  }

  /// Refuses a store in which `current` or `previous` exists and is not a link.
  ///
  /// - Throws: `notALink` for such a store, another error when it can't be read.
  func refuseUnlessLinks(_ snapshot: Snapshot) throws(ReleasesError) {
    for (name, link) in [
      (Layout.current, snapshot.current), (Layout.previous, snapshot.previous),
    ] where link.state == .notALink {
      let kind = try withErrorMessage("can't read the status of \(path: store.path(name))") {
        () throws(SystemError) in
        try store.root.statusIfPresent(of: name)?.kind
      }
      throw ReleasesError(notALink: name, kind ?? .other, in: store.path)
    }
  }

  private func refuseWhileFrozen(
    _ kind: SwitchPlan.Kind, _ snapshot: Snapshot
  ) throws(ReleasesError) {
    guard let freeze = snapshot.freeze else { return }
    throw ReleasesError(
      .frozen, freeze.sentence,
      hint: kind == .rollback
        ? Hint("in an emergency, roll back anyway", command: ["rollback", "--force"])
        : .thaw)
  }

  private func refuseUnlessReady(
    _ plan: SwitchPlan, _ snapshot: Snapshot, _ options: SwitchOptions
  ) throws(ReleasesError) {
    let id = plan.to
    guard snapshot.directories.contains(id) else {
      throw ReleasesError(
        .noSuchRelease,
        "release \(id) has no directory \(path: store.path(Layout.releases, id.text))",
        hint: snapshot.current.namedRelease == id
          ? Hint(forMissingLiveIn: store.path(Layout.releases))
          : Hint("remove its catalog entry", command: ["remove", id.text]))
    }
    guard let entry = snapshot.catalog[id] else {
      throw ReleasesError(
        noCatalogEntry: id, isCorrupt: snapshot.catalog.corrupt.contains(id))
    }
    let reason: Message = entry.reason.map { ": \(verbatim: $0)" } ?? ""
    switch entry.state {
    case .ready: return
    case .bad:
      if options.force { return }
      throw ReleasesError(
        .bad, "release \(id) is bad\(reason)",
        hint: Hint("if it works, mark it good first", command: ["mark", id.text, "good"]))
    case .preparing: throw ReleasesError(beingPrepared: id)
    case .unpacked, .failed:
      throw ReleasesError(
        .notReady, "release \(id) is \(entry.state.rawValue), not ready\(reason)",
        hint: Hint("correct the cause, then prepare it again", command: ["prepare", id.text]))
    }
  }

  /// Refuses a release or a store that other users can change, whatever the options: they would decide
  /// what runs.
  ///
  /// - Throws: `unsafeOwner` for such a release or store, another error when a status can't be read.
  func refuseIfOthersMayChange(_ id: ReleaseID) throws(ReleasesError) {
    if let problem = try store.ownershipProblem(of: id) { throw problem }
    if let problem = try store.directoryProblem() { throw problem }
  }

  /// Refuses to leave a place that other users can change: if the release fails, the hook that restores
  /// the place would run what they have put there.
  ///
  /// - Parameter text: the text of `current`.
  /// - Throws: `unsafeOwner` for such a place, `liveChanged` when `current` points to another one by now.
  private func refuseIfOthersMayChange(place text: String) throws(ReleasesError) {
    guard let place = ForeignPlace(behind: text, in: store.directories) else {
      throw ReleasesError(
        .liveChanged, "\(path: store.path(Layout.current)) no longer points to \(path: text)",
        hint: Hint("see what is live", command: ["list"]))
    }
    if let problem = place.ownershipProblem { throw problem }
  }

  private func refuseIfModified(
    _ plan: SwitchPlan, _ configuration: Configuration, _ options: SwitchOptions,
    else others: [ReleaseID], _ programs: ReleasePrograms
  ) throws(ReleasesError) -> [Notice] {
    let id = plan.to
    if options.force && !options.verify { return [] }
    let differences: [Message]
    if options.verify {
      differences = try store.manifests.verify(id, ignoring: configuration.verify.ignore).summary
    } else {
      differences = try store.manifests.quickCheck(id, ignoring: configuration.verify.ignore)
    }
    guard let summary = WholenessCheck.summary(differences) else { return [] }
    if !options.verify, try store.catalog.isAdopted(id) {
      return [
        Notice(
          "release \(id) was modified after it was adopted: \(summary)",
          hint: Hint("see every difference", command: ["verify", id.text]))
      ]
    }
    let other = WholenessCheck(store, configuration, programs).firstWhole(of: others)
    let forced = plan.kind == .rollback ? ["rollback", "--to", id.text] : ["activate", id.text]
    throw ReleasesError(
      .modified, "release \(id) was modified after it was published: \(summary)",
      hint: other.map {
        Hint("roll back further", command: ["rollback", "--to", $0.text])
      }
        ?? Hint(
          """
          deploy a release, or, if the differences that 'verify \(id)' lists do no harm, switch to \
          it in spite of them
          """, command: forced + ["--force"]))
  }
}
