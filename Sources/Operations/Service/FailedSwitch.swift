internal import HostPrograms
internal import Linux
internal import ReleaseModel
internal import ReleaseStore
internal import Text

/// A switch that was not confirmed, in either kind of service. It describes itself for the history and
/// for the caller.
protocol FailedSwitch {
  var plan: SwitchPlan { get }
  var confirmation: Confirmation { get }
  var problem: Message { get }
  /// Why the release was not marked bad; nil when it was.
  var reasonToKeep: Message? { get }
  /// What is live now, in one line.
  var stateNow: Message { get }
  /// Whether the release that was live before is live and healthy.
  var isRestored: Bool { get }
  var hint: Hint { get }
}

extension FailedSwitch {
  /// The note for the history.
  var note: Message {
    "\(problem); \(stateNow)"
      + (reasonToKeep.map { "; \(plan.to) was not marked bad: \($0)" } ?? "")
  }

  /// The error for the caller.
  var error: ReleasesError {
    ReleasesError(
      isRestored ? .rolledBack : .needsPerson,
      confirmation.stopped.map { "the switch to \(plan.to) was stopped \($0)" }
        ?? "release \(plan.to) failed: \(problem)",
      hint: hint, cause: confirmation.lastOutput)
  }
}

/// The release of a switch that was not confirmed, for its mark in the catalog.
struct FailedRelease {
  let id: ReleaseID
  let store: Store
  let environment: Environment

  /// Decides whether the failure is the release's own; see ``BadMark``.
  ///
  /// - Parameters:
  ///   - isInterrupted: whether the switch was stopped.
  ///   - restoredFails: whether the release that was restored failed too.
  ///   - denial: what has kept this user from asking the release.
  /// - Returns: the decision.
  func decide(isInterrupted: Bool, restoredFails: Bool, denial: SocketDenial? = nil) -> BadMark {
    if let denial { return .keep(denial.message) }
    var wasGood = false
    if case .found(let release)? = try? store.catalog.entry(id) { wasGood = release.wasGood }
    return .decide(wasGood: wasGood, isInterrupted: isInterrupted, restoredFails: restoredFails)
  }

  /// Marks the release bad. The links are correct already, so a failure only causes a warning.
  func markBad(_ problem: Message, _ trace: inout OperationTrace) {
    do throws(ReleasesError) {
      try store.catalog.markBad(id, reason: problem, since: environment.actor.now())
      trace.markedBad = id
    } catch {
      environment.observer.warn("\(id) could not be marked bad: \(error.line)")
    }
  }
}

extension Store {
  /// Returns the check that stops a switch: for SIGTERM, SIGINT and `releases abort`.
  ///
  /// - Parameter entry: the intent of the switch.
  /// - Returns: the check.
  func stopCheck(for entry: JournalEntry) -> StopCheck {
    let abortFile = abortFile
    return {
      if let number = Signals.pendingTermination() { return .signal(number) }
      return abortFile.request(for: entry).map { .aborted(by: $0.user, reason: $0.reason) }
    }
  }
}
