internal import Archive
internal import Configuration
internal import HostPrograms
internal import Linux
internal import Manifest
package import ReleaseModel
package import ReleaseStore
internal import StoreSupport
package import Text

/// How a preparation ended.
package struct PrepareResult: Sendable {
  package let entry: CatalogEntry
  package var steps: [Step]
  package var warnings: [Notice]
  /// What the recovery of interrupted commands did.
  package var recovered: [Message]
}

/// Runs the prepare hook in a release that is not live: `prepare`, and a part of `unpack` and
/// `deploy`.
package struct Preparer {
  let store: Store
  let environment: Environment

  package init(_ store: Store, _ environment: Environment) {
    self.store = store
    self.environment = environment
  }

  /// Refuses a release that can't be prepared. Changes nothing.
  ///
  /// - Parameters:
  ///   - id: the release.
  ///   - snapshot: the facts of the store, such as those after a recovery.
  /// - Throws: `notReady`, `live` or `unsupported` for such a release.
  package func plan(_ id: ReleaseID, from snapshot: Snapshot) throws(ReleasesError) {
    try Preparation(id: id, store: store).refuseUnlessPossible(from: snapshot)
  }

  /// Runs the prepare hook again for a release whose preparation failed, or that has never been
  /// prepared.
  ///
  /// - Parameters:
  ///   - id: the release.
  ///   - seconds: how long to wait for the lock.
  /// - Returns: the release that is ready, and the steps.
  /// - Throws: ``OperationFailure`` with the reason.
  package func prepare(
    _ id: ReleaseID, waitingUpTo seconds: Double
  ) throws(OperationFailure) -> PrepareResult {
    let hook = try withOperationFailure { () throws(ReleasesError) in try configuredHook(id) }
    let stage = try withOperationFailure { () throws(ReleasesError) in
      try Stage.make(store, bootID: environment.actor.bootID)
    }
    defer { store.stages.discard(stage, warning: environment.observer) }
    let recovered = try withOperationFailure { () throws(ReleasesError) in
      try withTransaction(on: store, environment, waitingUpTo: seconds) {
        transaction throws(ReleasesError) in
        try Preparation(id: id, store: store).begin(in: stage, &transaction)
        return transaction.recovered
      }
    }
    var result = try run(hook, for: id, in: stage, waitingUpTo: seconds)
    result.recovered = recovered + result.recovered
    return result
  }

  private func configuredHook(_ id: ReleaseID) throws(ReleasesError) -> Configuration.Hook {
    if let hook = try store.configuration().hooks.prepare { return hook }
    throw ReleasesError(
      .configuration, "\(path: store.path(Layout.configuration)) has no prepare hook",
      hint: Hint(
        "if the release is complete, mark it good",
        command: ["mark", id.text, "good"]))
  }

  /// Runs the prepare hook in the final directory of a release, since virtual environments can't be
  /// moved, and then writes the manifest of its content. After that, the release is ready; a failure
  /// leaves it `failed`.
  ///
  /// - Parameters:
  ///   - hook: the prepare hook.
  ///   - id: the release.
  ///   - stage: the stage whose lock is held during the preparation; the catalog names it.
  ///   - seconds: how long to wait for the lock.
  /// - Returns: the release that is ready, and the steps.
  /// - Throws: ``OperationFailure`` with the reason.
  func run(
    _ hook: Configuration.Hook, for id: ReleaseID, in stage: borrowing Stage,
    waitingUpTo seconds: Double
  ) throws(OperationFailure) -> PrepareResult {
    // A signal stops the hook, and ends this process when that has been recorded.
    let signals = Signals.holdTermination()
    defer { signals.release() }
    let live = try withOperationFailure { () throws(ReleasesError) in
      try store.links.link(Layout.current).release
    }
    let call = HookCall(
      .prepare, hook, id: id, previous: live, ref: store.catalog.ref(of: id), event: "prepare")
    let report = ReleasePrograms(store: store, environment: environment).run(call) {
      Signals.pendingTermination().map { .signal($0) }
    }
    var trace = OperationTrace()
    trace.id = id
    trace.steps = [Step(report, named: "prepare")]
    do throws(ReleasesError) {
      if let problem = report.problem { throw failure(of: id, report, problem) }
      var result = try seal(id, in: stage, waitingUpTo: seconds)
      result.steps = trace.steps + result.steps
      return result
    } catch {
      if case .stopped(.signal(let number)) = report.ending {
        trace.signal = number
        Signals.holdTerminationForGood()
      }
      let reason = report.problem ?? error.message
      try withOperationFailure(trace) { () throws(ReleasesError) in
        try recordFailure(of: id, in: stage, because: reason, error, waitingUpTo: seconds)
      }
      throw OperationFailure(error, trace)
    }
  }

  /// Writes the manifest of what the release contains now, and makes the release ready.
  ///
  /// - Throws: an error when the release can't be read, the manifest can't be written or the
  ///   transaction fails.
  private func seal(
    _ id: ReleaseID, in stage: borrowing Stage, waitingUpTo seconds: Double
  ) throws(ReleasesError) -> PrepareResult {
    let start = Clock.monotonicSeconds()
    let preparation = Preparation(id: id, store: store)
    try preparation.refuseIfOvertaken(stage.name)
    let tree = try withErrorMessage("can't read release \(id)") { () throws(SystemError) in
      try ScannedTree(try store.releases.openDirectory(id.text))
    }
    let encoded = tree.manifest.encoded()
    try withErrorMessage("can't write the manifest of release \(id)") { () throws(SystemError) in
      try stage.directory.writeNewFile(Stage.manifest, encoded)
      // The descriptor was opened before the hook wrote anything.
      try stage.directory.syncFileSystem()
    }
    let digest = SHA256.digest(of: encoded).hex
    var result = try withTransaction(on: store, environment, waitingUpTo: seconds) {
      transaction throws(ReleasesError) in
      PrepareResult(
        entry: try preparation.finish(in: stage, tree.manifest, digest: digest, &transaction),
        steps: [], warnings: tree.warnings(of: id), recovered: transaction.recovered)
    }
    result.steps = [Step("seal", seconds: Clock.monotonicSeconds() - start)]
    return result
  }

  private func failure(
    of id: ReleaseID, _ report: HookReport, _ problem: Message
  ) -> ReleasesError {
    ReleasesError(
      .prepareFailed, "release \(id) is not ready: \(problem)",
      hint: Hint(
        (report.log.map { "its output is in \(path: $0); " } ?? "") + "try again",
        command: ["prepare", id.text]),
      cause: report.mostRelevantLine.map { Message($0) })
  }

  private func recordFailure(
    of id: ReleaseID, in stage: borrowing Stage, because reason: Message, _ error: ReleasesError,
    waitingUpTo seconds: Double
  ) throws(ReleasesError) {
    // Recovery finds the intent, and marks the release as failed.
    if error.code == .interrupted { return }
    do throws(ReleasesError) {
      try withTransaction(on: store, environment, waitingUpTo: seconds) {
        transaction throws(ReleasesError) in
        try Preparation(id: id, store: store).fail(in: stage, because: reason, &transaction)
      }
    } catch let second where second.code != .interrupted {
      environment.observer.warn(
        "\(id) counts as being prepared until the next command: \(second.line)")
    }
  }
}

extension StageFiles {
  /// Removes a stage that is no longer needed. A failure only causes a warning.
  func discard(_ stage: borrowing Stage, warning observer: Observer) {
    do throws(ReleasesError) {
      try discard(stage)
    } catch {
      observer.warn(Notice("\(error.line); the next command that changes the store removes it"))
    }
  }
}

extension ScannedTree {
  /// Returns a warning for each path that the manifest can't hold.
  func warnings(of id: ReleaseID) -> [Notice] {
    unsupportedPaths.map {
      "\(id): the name or the target of \($0) is not UTF-8, so it is not in the manifest"
    }
  }
}
