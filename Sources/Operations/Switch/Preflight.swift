internal import Configuration
internal import Linux
internal import Manifest
internal import ReleaseModel
internal import ReleaseStore
internal import StoreSupport

/// The checks before a switch. They change nothing.
struct Preflight {
  let store: Store

  /// Refuses a switch that would fail.
  ///
  /// - Returns: warnings.
  /// - Throws: the reason for the refusal.
  func check(
    _ plan: SwitchPlan, _ snapshot: Snapshot, _ configuration: Configuration,
    _ options: SwitchOptions, _ programs: ReleasePrograms
  ) throws(ReleasesError) -> [Notice] {
    try refuseRealDirectories(snapshot)
    if plan.kind == .activate || !options.force { try refuseWhileFrozen(plan.kind, snapshot) }
    try refuseUnlessReady(plan, snapshot, options)
    if !plan.isUnchanged { try programs.refuseUnusable(activate: configuration) }
    try refuseMissingSharedFiles(configuration)
    let other = plan.kind == .rollback ? snapshot.lastLive(except: [plan.to, plan.from]) : nil
    return try refuseUnlessWhole(plan.to, configuration, options, else: other)
  }

  /// Refuses a deployment whose switch would fail whatever the archive contains.
  ///
  /// - Throws: the reason for the refusal.
  func checkBeforeDeploying(
    _ snapshot: Snapshot, _ configuration: Configuration, _ programs: ReleasePrograms
  ) throws(ReleasesError) {
    try refuseRealDirectories(snapshot)
    try refuseWhileFrozen(.activate, snapshot)
    try programs.refuseUnusable(activate: configuration, prepare: configuration)
    try refuseMissingSharedFiles(configuration)
  }

  /// Refuses a store where something else than a link is in the place of `current` or `previous`.
  ///
  /// - Throws: `notALink` for such a store, another error when it can't be read.
  func refuseRealDirectories(_ snapshot: Snapshot) throws(ReleasesError) {
    for (name, link) in [
      (Layout.current, snapshot.current), (Layout.previous, snapshot.previous),
    ] where link.state == .notALink {
      let kind = try attempting("can't read the status of \(store.path(name))") {
        () throws(SystemError) in try store.root.statusIfPresent(of: name)?.kind
      }
      throw ReleasesError(notALink: name, kind ?? .other, in: store.path)
    }
  }

  private func refuseWhileFrozen(
    _ kind: SwitchPlan.Kind, _ snapshot: Snapshot
  ) throws(ReleasesError) {
    guard let freeze = snapshot.freeze else { return }
    throw ReleasesError(
      .frozen,
      "the store is frozen since \(freeze.since.rfc3339) by \(freeze.user):"
        + " \(freeze.reason)",
      hint: kind == .rollback
        ? "in an emergency: releases rollback --force" : "when that is over: releases thaw")
  }

  private func refuseUnlessReady(
    _ plan: SwitchPlan, _ snapshot: Snapshot, _ options: SwitchOptions
  ) throws(ReleasesError) {
    let id = plan.to
    guard snapshot.directories.contains(id) else {
      throw ReleasesError(
        .noSuchRelease, "release \(id) has no directory \(store.path(Layout.releases, id.text))",
        hint: "forget it: releases remove \(id)")
    }
    guard let entry = snapshot.catalog[id] else {
      let damaged = snapshot.catalog.corrupt.contains(id)
      throw ReleasesError(
        damaged ? .damaged : .notReady,
        damaged
          ? "what was known of release \(id) is damaged" : "nothing is known of release \(id)",
        hint: "take it over: releases init")
    }
    let why = entry.reason.map { ": \($0)" } ?? ""
    switch entry.state {
    case .ready: return
    case .bad:
      if options.force { return }
      throw ReleasesError(
        .bad, "release \(id) is bad\(why)",
        hint: "when it is good after all: releases mark \(id) good --reason TEXT, or --force")
    case .unpacked, .preparing, .failed:
      throw ReleasesError(
        .notReady, "release \(id) is not ready, it is \(entry.state.rawValue)\(why)",
        hint: "when you know it is whole: releases mark \(id) good --reason TEXT")
    }
  }

  private func refuseUnlessWhole(
    _ id: ReleaseID, _ configuration: Configuration, _ options: SwitchOptions,
    else other: ReleaseID?
  ) throws(ReleasesError) -> [Notice] {
    if options.force && !options.verify { return [] }
    let differences: [String]
    if options.verify {
      differences = try store.manifests.verify(id, ignoring: configuration.verify.ignore).summary
    } else {
      differences = try store.manifests.quickCheck(id, ignoring: configuration.verify.ignore)
    }
    guard let first = differences.first else { return [] }
    let more = differences.count > 1 ? " and \(differences.count - 1) more" : ""
    if !options.verify, try store.catalog.isAdopted(id) {
      return [
        Notice(
          "release \(id) was modified since it was adopted: \(first)\(more)",
          hint: Hint("see every difference", command: ["verify", id.text]))
      ]
    }
    throw ReleasesError(
      .notWhole, "release \(id) is not as it was published: \(first)\(more)",
      hint: other.map {
        Hint("roll back further", command: ["rollback", "--to", $0.text])
      } ?? Hint("see every difference", command: ["verify", id.text]))
  }

  private func refuseMissingSharedFiles(_ configuration: Configuration) throws(ReleasesError) {
    for file in configuration.shared.files {
      guard let problem = try problem(ofSharedFile: file) else { continue }
      throw ReleasesError(
        .sharedFileMissing, problem, hint: "put it there; every release links to it")
    }
  }

  /// Why a release's link to a shared file would lead to none; nil when it leads to one.
  func problem(ofSharedFile file: String) throws(ReleasesError) -> String? {
    let shared = "\(Layout.shared)/\(file)"
    do throws(SystemError) {
      // Shared files may well be links to somewhere else, as long as that is there.
      let kind = try store.root.targetStatus(of: shared).kind
      return kind == .file ? nil : "the shared file \(store.path(shared)) is a \(kind.noun)"
    } catch let error where [.noEntry, .notADirectory, .tooManyLinks].contains(error.errno) {
      let isLink = (try? store.root.status(of: shared))?.kind == .symbolicLink
      return isLink
        ? "the shared file \(store.path(shared)) is a link that leads nowhere"
        : "the shared file \(store.path(shared)) is missing"
    } catch {
      throw ReleasesError("can't look at \(store.path(shared))", error)
    }
  }
}
