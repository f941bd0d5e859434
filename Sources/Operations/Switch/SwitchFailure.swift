internal import Linux
internal import ReleaseModel

/// A switch that was rolled back, in words.
struct SwitchFailure: Sendable {
  let plan: SwitchPlan
  let confirmation: Confirmation
  let problem: String
  /// Whether the old release works again; nil where none was live before.
  let restored: Confirmation?

  /// The note for the history.
  var note: String { "\(problem); \(stateNow)" }

  private var stateNow: String {
    guard let from = plan.from, let restored else {
      return plan.before.current.map { "\(Layout.current) points to \($0) again" }
        ?? "no release was live before, and none is now"
    }
    if let problem = restored.problem { return "\(from) is live again, but \(problem)" }
    return "\(from) is live again\(hasHealth(restored) ? " and healthy" : "")"
  }

  private func hasHealth(_ confirmation: Confirmation) -> Bool {
    confirmation.steps.contains { $0.name.hasSuffix("health") }
  }

  private var isRestored: Bool { restored.map { $0.problem == nil } ?? false }

  /// The error for the caller.
  var error: ReleasesError {
    ReleasesError(
      isRestored ? .rolledBack : .needsPerson,
      confirmation.stopped.map { "the switch to \(plan.to) was stopped \($0)" }
        ?? "release \(plan.to) failed: \(problem)",
      hint: hint, cause: confirmation.lastOutput)
  }

  private var hint: Hint {
    if isRestored {
      if let log = confirmation.log {
        return Hint("\(stateNow); see the output of the hook", shell: "less \(log)")
      }
      return Hint("\(stateNow); see", command: ["show", plan.to.text])
    }
    guard plan.from != nil else {
      return Hint(
        "\(stateNow); find out why, then", command: ["activate", plan.to.text, "--force"])
    }
    return Hint("\(stateNow); look at the service, then", command: ["activate", "ID"])
  }
}
