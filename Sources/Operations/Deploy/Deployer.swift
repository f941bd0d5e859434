package import Linux
package import ReleaseModel
package import ReleaseStore
internal import Text

/// How a deployment ended.
package struct DeployResult: Sendable {
  package let published: PublishResult
  package let switched: SwitchResult
  /// What retention removed afterwards, in addition to what was removed to make space.
  package let pruned: [ReleaseID]
  /// What could not be removed of them.
  package let remains: [ReleaseRemains]
  package let warnings: [Notice]
  /// The step that pruned.
  package let pruning: Step
  /// The step that let old instances drain; nil for none.
  package let draining: Step?

  package var steps: [Step] {
    published.steps + switched.steps + [pruning] + [draining].compactMap { $0 }
  }
}

/// Deploys an archive: `deploy`.
package struct Deployer {
  let store: Store
  let environment: Environment

  package init(_ store: Store, _ environment: Environment) {
    self.store = store
    self.environment = environment
  }

  /// Unpacks an archive into a new release, prepares it, switches to it, waits until it is healthy,
  /// and prunes; rolls back when it fails. A failure to prune causes only a warning, since the release
  /// is live.
  ///
  /// - Throws: ``OperationFailure`` with the reason.
  package func deploy(
    _ archive: borrowing Descriptor, _ request: PublishRequest, _ options: SwitchOptions
  ) throws(OperationFailure) -> DeployResult {
    try withOperationFailure { () throws(ReleasesError) in try check(options) }
    let programs = ReleasePrograms(store: store, environment: environment)
    do throws(OperationFailure) {
      let published = try Publisher(store, environment).publish(archive, request)
      let switched = try activate(published, options, wait: request.wait)
      let start = Clock.monotonicSeconds()
      let prune = prune(waitingUpTo: request.wait)
      let pruning = Step("prune", seconds: Clock.monotonicSeconds() - start)
      programs.reportSuccess(of: published.entry.id, previous: switched.plan.from)
      return DeployResult(
        published: published, switched: switched, pruned: prune.removed,
        remains: prune.remains,
        warnings: published.warnings + switched.plan.warnings + prune.warnings, pruning: pruning,
        draining: switched.draining?.run())
    } catch {
      if let id = error.trace.id { programs.reportFailure(of: id) }
      throw error
    }
  }

  /// Refuses a deployment whose switch would fail whatever the archive contains. Changes nothing.
  ///
  /// - Parameters:
  ///   - options: the options of the switch.
  ///   - known: the facts of the store, such as those after a recovery; nil to read them.
  /// - Throws: the reason for the refusal.
  package func check(
    _ options: SwitchOptions, from known: Snapshot? = nil
  ) throws(ReleasesError) {
    let snapshot = if let known { known } else { try store.snapshot() }
    try Preflight(store: store).checkBeforeDeploying(
      snapshot, try store.configuration(), options,
      ReleasePrograms(store: store, environment: environment))
  }

  private func activate(
    _ published: PublishResult, _ options: SwitchOptions, wait: Double
  ) throws(OperationFailure) -> SwitchResult {
    let request = SwitchRequest(
      .activate(published.entry.id.text), options: options, wait: wait)
    do throws(OperationFailure) {
      return try Switcher(store, environment).runUnreported(request)
    } catch {
      // What the archive contains may be the reason.
      for warning in published.warnings { environment.observer.warn(warning) }
      throw error.after(published)
    }
  }

  /// Applies the retention policy. A failure is only a warning, since the release is live.
  private func prune(waitingUpTo seconds: Double) -> PruneResult {
    do throws(ReleasesError) {
      return try Pruner(store, environment).run(PruneOptions(), waitingUpTo: seconds)
    } catch {
      var result = PruneResult(decisions: [], unknown: [])
      result.warnings = ["can't prune: \(error.line)"]
      return result
    }
  }
}

extension OperationFailure {
  /// Makes a failure of the switch one of the whole deployment.
  fileprivate func after(_ published: PublishResult) -> OperationFailure {
    let id = published.entry.id
    var failure = self
    // The switch was refused or could not begin: the release can be activated later.
    if !error.isFailedRelease, error.code != .interrupted {
      // A program is missing from the release when the archive begins one directory too high.
      let shape = error.code == .configuration ? published.withoutDirectory : nil
      failure.error = ReleasesError(
        error.code, error.message,
        hint: shape.map {
          Hint("the archive has a single directory at the top; \($0.text)", $0.command)
        }
          ?? error.hint(afterPublishing: id), cause: error.cause, isLostWrite: error.isLostWrite)
    }
    failure.trace.id = id
    failure.trace.steps = published.steps + trace.steps
    failure.trace.pruned = published.pruned.map(\.id)
    failure.trace.recovered = published.recovered + trace.recovered
    return failure
  }
}

extension ReleasesError {
  /// Returns the hint for a published release that the switch has refused: what removes the cause, or
  /// else the switch itself.
  fileprivate func hint(afterPublishing id: ReleaseID) -> Hint {
    let ready = "release \(id) is ready"
    return switch hint?.command {
    case .releases(let arguments):
      Hint("\(ready) to be activated; first \(hint?.text ?? "")", command: arguments)
    case .shell(let line): Hint("\(ready) to be activated; first \(hint?.text ?? "")", shell: line)
    case nil: Hint("\(ready); fix the cause, then", command: ["activate", id.text])
    }
  }
}
