internal import FoundationEssentials
internal import Linux

/// What an operator insists on, or wants looked at more closely.
package struct SwitchOptions: Sendable {
  /// Switch to a release that is bad or not whole; roll back while frozen.
  package var force: Bool
  /// Compare every file's content with the manifest first, not only its size.
  package var verify: Bool
  /// Leave a release live that its hook or its health check does not confirm.
  package var keepsFailed: Bool

  package init(force: Bool = false, verify: Bool = false, keepsFailed: Bool = false) {
    self.force = force
    self.verify = verify
    self.keepsFailed = keepsFailed
  }
}

extension Store {
  /// Refuses a switch that would go wrong; changes nothing.
  ///
  /// - Returns: what a person should know of it all the same.
  func preflight(
    _ plan: SwitchPlan, _ snapshot: Snapshot, _ configuration: Configuration,
    _ options: SwitchOptions
  ) throws(ReleasesError) -> [String] {
    try refuseRealDirectories(snapshot)
    if plan.kind == .activate || !options.force { try refuseWhileFrozen(plan.kind, snapshot) }
    try refuseUnlessReady(plan, snapshot, options)
    if !plan.isUnchanged { try refusePrograms(activate: configuration) }
    try refuseMissingSharedFiles(configuration)
    let further = plan.kind == .rollback ? snapshot.fallback(without: [plan.to, plan.from]) : nil
    return try refuseUnlessWhole(plan.to, configuration, options, else: further)
  }

  /// Refuses what goes wrong with any activation.
  func refuseBeforeSwitching(
    _ snapshot: Snapshot, _ configuration: Configuration, _ options: SwitchOptions
  ) throws(ReleasesError) {
    try refuseRealDirectories(snapshot)
    try refuseWhileFrozen(.activate, snapshot)
    try refusePrograms(activate: configuration, prepare: configuration)
    try refuseMissingSharedFiles(configuration)
  }

  /// See ``notALink(_:_:in:)``.
  package func refuseRealDirectories(_ snapshot: Snapshot) throws(ReleasesError) {
    for (name, link) in [
      (Layout.current, snapshot.current), (Layout.previous, snapshot.previous),
    ] where link.state == .notALink {
      let kind = try attempting("can't look at \(path(name))") { () throws(SystemError) in
        try root.statusIfPresent(of: name)?.kind
      }
      throw Store.notALink(name, kind ?? .other, in: path)
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
        .noSuchRelease, "release \(id) has no directory \(path(Layout.releases, id.text))",
        hint: "forget it: releases remove \(id)")
    }
    guard let entry = snapshot.catalog[id] else {
      let damaged = snapshot.catalog.damaged.contains(id)
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

  /// A program that can't be run would leave the switch unconfirmed for sure.
  ///
  /// - Parameters:
  ///   - activation: whose activate hook and health check are going to run; nil for none.
  ///   - preparation: whose prepare hook is going to run; nil for none.
  func refusePrograms(
    activate activation: Configuration? = nil, prepare preparation: Configuration? = nil
  ) throws(ReleasesError) {
    var configuration = Configuration()
    configuration.hooks.activate = activation?.hooks.activate
    configuration.health = activation?.health
    configuration.hooks.prepare = preparation?.hooks.prepare
    if let problem = hookProblems(configuration).first { throw problem }
  }

  private func refuseUnlessWhole(
    _ id: ReleaseID, _ configuration: Configuration, _ options: SwitchOptions,
    else other: ReleaseID?
  ) throws(ReleasesError) -> [String] {
    if options.force && !options.verify { return [] }
    let differences: [String]
    if options.verify {
      differences = try verify(id, configuration).summary
    } else {
      differences = try quickCheck(id, configuration)
    }
    guard let first = differences.first else { return [] }
    let more = differences.count > 1 ? " and \(differences.count - 1) more" : ""
    if !options.verify, try isAdopted(id) {
      return [
        "release \(id) has changed since the store took it over: \(first)\(more);"
          + " see: releases verify \(id)"
      ]
    }
    throw ReleasesError(
      .notWhole, "release \(id) is not as it was published: \(first)\(more)",
      hint: "see all: releases verify \(id);"
        + (other.map { " further back: releases rollback --to \($0);" } ?? "")
        + " all the same: --force")
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
      let kind = try root.targetStatus(of: shared).kind
      return kind == .file ? nil : "the shared file \(path(shared)) is a \(kind.word)"
    } catch let error where [.noEntry, .notADirectory, .tooManyLinks].contains(error.errno) {
      let isLink = (try? root.status(of: shared))?.kind == .symbolicLink
      return isLink
        ? "the shared file \(path(shared)) is a link that leads nowhere"
        : "the shared file \(path(shared)) is missing"
    } catch {
      throw ReleasesError("can't look at \(path(shared))", error)
    }
  }
}
