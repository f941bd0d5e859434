internal import ReleaseModel
internal import Text

/// Describes a switch that was rolled back.
struct SwitchFailure: Sendable {
  let plan: SwitchPlan
  let confirmation: Confirmation
  let problem: Message
  /// The confirmation of the old release, or of the place that was live without being one; nil when
  /// nothing was live before.
  let restored: Confirmation?
  /// Why the release was not marked bad; nil when it was.
  let reasonToKeep: Message?

  /// The note for the history.
  var note: Message {
    "\(problem); \(stateNow)"
      + (reasonToKeep.map { "; \(plan.to) was not marked bad: \($0)" } ?? "")
  }

  private var stateNow: Message {
    let again: Message? =
      plan.from.map { JournalText.liveAgain($0) }
      ?? plan.foreignPlace.map { "\(Layout.current) points to \(path: $0) again" }
    guard let again else { return "no release was live before, and none is now" }
    guard let restored else { return again }
    if let problem = restored.problem { return "\(again), but \(problem)" }
    guard hasHealth(restored) else { return again }
    return plan.from == nil ? "\(again), which is healthy" : "\(again) and healthy"
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
        return Hint("\(stateNow); see the output of the hook", shell: "less \(log.shellWord)")
      }
      // A record of the release would only repeat this message.
      return confirmation.steps.contains { $0.log != nil }
        ? Hint(
          "\(stateNow); see the output of the hooks of \(plan.to)", command: ["logs", plan.to.text])
        : Hint("\(stateNow); see the failed release", command: ["show", plan.to.text])
    }
    if case .another(let id, let pid, nil)? = restored?.serving ?? confirmation.serving {
      return .endLeftover(
        "\(stateNow); if process \(pid) is a leftover of \(id), end it, then activate a release",
        pid)
    }
    if plan.from == nil, restored != nil {
      return Hint("\(stateNow); repair the service, then see whether it works", command: ["status"])
    }
    guard plan.from != nil else {
      return Hint(
        "\(stateNow); fix the cause, then", command: ["activate", plan.to.text, "--force"])
    }
    let steps = confirmation.steps + (restored?.steps ?? [])
    guard steps.contains(where: { $0.log != nil && $0.name.hasSuffix("activate") }) else {
      return Hint("\(stateNow); repair the service, then see whether it works", command: ["status"])
    }
    return Hint(
      """
      \(stateNow); 'logs \(plan.to)' shows what the hooks of the new release printed: correct the \
      cause, then restart the service
      """, command: ["restart"])
  }
}
