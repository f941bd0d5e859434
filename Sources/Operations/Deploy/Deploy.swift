internal import FoundationEssentials
package import Linux

/// How a deployment went.
package struct DeployResult: Sendable {
  package let published: PublishResult
  package let switched: SwitchResult
  /// What retention gave up afterwards, beside what had to make room before.
  package let pruned: [ReleaseID]
  package let warnings: [String]

  package var steps: [Step] { published.steps + switched.steps + [pruning] }
  package let pruning: Step
}

extension Store {
  /// Makes a new release from an archive and switches to it: unpack, prepare, activate, confirm,
  /// prune. Rolls back by itself. Trouble with the pruning is a warning: the release is live.
  package func deploy(
    _ archive: borrowing Descriptor, _ request: PublishRequest, _ options: SwitchOptions,
    _ environment: Environment
  ) throws(ReleasesError) -> DeployResult {
    try refuseDeployment(options)
    do throws(ReleasesError) {
      let (published, switched) = try publishAndSwitch(archive, request, options, environment)
      let start = Clock.monotonicSeconds()
      let (pruned, warnings) = pruneAfterwards(environment, waitingUpTo: request.wait)
      let pruning = Step("prune", seconds: Clock.monotonicSeconds() - start)
      followUpSuccess(of: published.entry.id, previous: switched.plan.from, environment)
      return DeployResult(
        published: published, switched: switched, pruned: pruned,
        warnings: published.warnings + switched.plan.warnings + warnings, pruning: pruning)
    } catch {
      if let id = error.trace.id { followUpFailure(of: id, environment) }
      throw error
    }
  }

  private func publishAndSwitch(
    _ archive: borrowing Descriptor, _ request: PublishRequest, _ options: SwitchOptions,
    _ environment: Environment
  ) throws(ReleasesError) -> (PublishResult, SwitchResult) {
    let published = try publish(archive, request, environment)
    let id = published.entry.id.text
    do throws(ReleasesError) {
      let switched = try switchUnderLock(options, environment, waitingUpTo: request.wait) {
        store throws(ReleasesError) in try store.planActivation(of: id, options)
      }
      return (published, switched)
    } catch {
      throw error.after(published)
    }
  }

  /// What would stop the switch at the end stops the deployment at its beginning.
  package func refuseDeployment(_ options: SwitchOptions) throws(ReleasesError) {
    try refuseBeforeSwitching(try snapshot(), try configuration(), options)
  }

  private func pruneAfterwards(
    _ environment: Environment, waitingUpTo seconds: Double
  ) -> (pruned: [ReleaseID], warnings: [String]) {
    do throws(ReleasesError) {
      var transaction = try Transaction.begin(self, environment, waitingUpTo: seconds)
      do throws(ReleasesError) {
        let result = try transaction.prune(try planPrune(PruneOptions(), environment))
        transaction.end()
        return (result.removed, result.warnings)
      } catch {
        transaction.end()
        throw error
      }
    } catch {
      let cause = error.cause.map { ": \($0)" } ?? ""
      return ([], ["nothing was pruned: \(error.message)\(cause)"])
    }
  }
}

extension ReleasesError {
  /// A failure of the switch, told as one of the whole deployment.
  fileprivate func after(_ published: PublishResult) -> ReleasesError {
    let id = published.entry.id
    var failure = self
    // Refused or not to be had: the release waits for another try.
    if !isFailedTrial, code != .interrupted {
      failure = ReleasesError(
        code, message,
        hint: "release \(id) is ready; when the cause is gone: releases activate \(id)",
        cause: cause ?? hint, isLostWrite: isLostWrite)
      failure.trace = trace
    }
    failure.trace.id = id
    failure.trace.steps = published.steps + trace.steps
    failure.trace.pruned = published.pruned.map(\.id)
    failure.trace.recovered = published.recovered + trace.recovered
    return failure
  }
}
