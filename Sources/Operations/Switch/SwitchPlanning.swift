internal import Configuration
package import ReleaseModel
internal import ReleaseStore
internal import Text

// What a switch would do, and why it would be refused.

extension Switcher {
  /// Plans a switch for a dry run: from the state that the recovery of an interrupted transaction will
  /// leave.
  ///
  /// - Returns: the plan, and what is recovered first; nil for nothing.
  /// - Throws: what ``plan(_:)`` throws, `liveChanged` when the recovery changes what is live before a
  ///   rollback by one step.
  package func planAfterRecovery(
    _ request: SwitchRequest
  ) throws(ReleasesError) -> (plan: SwitchPlan, recovery: PendingRecovery?) {
    guard let recovery = PendingRecovery(in: store, environment) else {
      return (try plan(request, nil), nil)
    }
    let before = try store.snapshot()
    let after = recovery.applied(to: before)
    let named = request.target.name.map { NamedRelease($0, before) }
    if case .rollback(to: nil) = request.target {
      try refuseIfMoved(since: before.current, to: after.current)
    }
    return (try plan(request, named, from: after), recovery)
  }

  /// Plans a switch, and refuses it if it would fail. Changes nothing.
  ///
  /// - Parameters:
  ///   - request: what was requested.
  ///   - named: what its words meant when the command began; nil to look them up now.
  ///   - known: the facts of the store, such as those after a recovery; nil to read them.
  /// - Returns: the plan.
  /// - Throws: `noSuchRelease`, `nothingToRollBackTo`, `liveChanged` when a word no longer means the same
  ///   release, or the error of the preflight checks.
  func plan(
    _ request: SwitchRequest, _ named: NamedRelease?, from known: Snapshot? = nil
  ) throws(ReleasesError) -> SwitchPlan {
    func release(_ name: String, _ snapshot: Snapshot) throws(ReleasesError) -> ReleaseID {
      if let named { return try named.id(in: snapshot) }
      return try snapshot.release(named: name)
    }
    let snapshot: Snapshot
    var plan: SwitchPlan
    switch request.target {
    case .activate(let name):
      let partial = if let known { known } else { try store.snapshot(toActivate: name) }
      snapshot = if let partial { partial } else { try store.snapshot() }
      plan = .make(.activate, to: try release(name, snapshot), snapshot)
    case .rollback(let name):
      snapshot = if let known { known } else { try store.snapshot() }
      try Preflight(store: store).refuseUnlessLinks(snapshot)
      let target =
        if let name { try release(name, snapshot) } else { try rollbackTarget(snapshot) }
      if name != nil, request.options.onlyToFormerlyLive {
        try refuseUnlessFormerlyLive(target, snapshot)
      }
      plan = .make(.rollback, to: target, snapshot)
    }
    let (configuration, problem) = try configuration(for: request)
    plan.warnings = try Preflight(store: store).check(
      plan, snapshot, configuration, request.options,
      ReleasePrograms(store: store, environment: environment))
    if let problem {
      plan.configurationProblem = problem.line
      plan.warnings.append(
        Notice(
          "no hook and no health check can run, because the configuration is unusable:"
            + " \(problem.line)",
          hint: Hint("correct it, then restart the service", command: ["restart"])))
    }
    return plan
  }

  /// Reads the configuration. A forced rollback does without one that is unusable: it moves the links
  /// and runs nothing, since a person must be able to return to a release that works.
  ///
  /// - Returns: the configuration, and why it could not be used; nil when it was.
  /// - Throws: an error when the configuration is unusable and this is no forced rollback.
  func configuration(
    for request: SwitchRequest
  ) throws(ReleasesError) -> (Configuration, problem: ReleasesError?) {
    do throws(ReleasesError) {
      return (try store.configuration(), nil)
    } catch {
      guard case .rollback = request.target else { throw error }
      if request.options.force { return (Configuration(), error) }
      // A hint with a command comes first: it takes one step to make the configuration usable.
      if error.hint?.command != nil { throw error }
      let first = error.hint.map { "\($0.text); " } ?? ""
      throw error.with(
        Hint(
          "\(first)in an emergency, move the links without running any hook",
          command: request.target.rollbackArguments + ["--force"]))
    }
  }

  /// Refuses a release that is not ready, or was neither live nor adopted.
  ///
  /// - Throws: `notAllowed` for such a release.
  private func refuseUnlessFormerlyLive(
    _ id: ReleaseID, _ snapshot: Snapshot
  ) throws(ReleasesError) {
    if let entry = snapshot.catalog[id], entry.state == .ready,
      entry.activated != nil || entry.adopted == true
    {
      return
    }
    throw ReleasesError(
      .notAllowed,
      """
      this key may roll back only to a release that is ready, and was live before or was adopted: \
      \(id)
      """,
      hint: Hint("roll back to the rollback target", command: ["rollback"]))
  }

  private func rollbackTarget(_ snapshot: Snapshot) throws(ReleasesError) -> ReleaseID {
    guard let target = snapshot.rollbackTarget else { throw snapshot.nothingToRollBackTo() }
    return target
  }

  /// Returns a warning when the next rollback would refuse the rollback target that a switch leaves,
  /// because its files differ from its manifest.
  package func warningsAboutRollback(_ plan: SwitchPlan) -> [Notice] {
    guard !plan.isUnchanged, let target = plan.rollbackTarget,
      let configuration = try? store.configuration()
    else { return [] }
    let check = WholenessCheck(
      store, configuration, ReleasePrograms(store: store, environment: environment)
    ).checks(of: [target]).first
    guard let check, case .notWhole(let reason) = check.result else { return [] }
    return [
      Notice(
        "a rollback to \(target) would be refused: \(reason)",
        hint: check.detailHint)
    ]
  }

  /// Refuses a rollback when another release is live than when it was requested, because an
  /// interrupted switch was undone or another command has ended. One step back would be two.
  ///
  /// - Throws: `liveChanged` when another release is live, another error when the link can't be read.
  func refuseIfMoved(since before: ReleaseLink) throws(ReleasesError) {
    try refuseIfMoved(since: before, to: try store.links.link(Layout.current))
  }

  private func refuseIfMoved(
    since before: ReleaseLink, to now: ReleaseLink
  ) throws(ReleasesError) {
    guard before.text != now.text else { return }
    let (old, new) = (before.release?.text ?? "nothing", now.release?.text ?? "nothing")
    throw ReleasesError(
      .liveChanged,
      "nothing was rolled back: \(new) is live now, and \(old) was when the rollback was requested",
      hint: now.release == nil
        ? Hint("list the releases", command: ["list"])
        : Hint("see what is live; if \(new) must be left too, roll back again", command: ["list"]))
  }
}
