internal import ReleaseModel
internal import Text

/// Describes a switch that was rolled back.
struct SwitchFailure: FailedSwitch, Sendable {
  let plan: SwitchPlan
  let confirmation: Confirmation
  let problem: Message
  /// The confirmation of the old release, or of the place that was live without being one; nil when
  /// nothing was live before.
  let restored: Confirmation?
  let reasonToKeep: Message?

  /// What is live again; nil when nothing was live before.
  private var again: Message? {
    plan.from.map { JournalText.liveAgain($0) }
      ?? plan.foreignPlace.map { "\(Layout.current) points to \(linkTarget: $0) again" }
  }

  var stateNow: Message {
    guard let again else { return "no release was live before, and none is now" }
    guard let restored else { return again }
    if let problem = restored.problem { return "\(again), but \(problem)" }
    guard hasHealth(restored) else { return again }
    return plan.from == nil ? "\(again), which is healthy" : "\(again) and healthy"
  }

  private func hasHealth(_ confirmation: Confirmation) -> Bool {
    confirmation.steps.contains { $0.name.hasSuffix("health") }
  }

  var isRestored: Bool { restored.map { $0.problem == nil } ?? false }

  var hint: Hint {
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
        "\(failedState); if process \(pid) is a leftover of \(id), end it, then activate a release",
        pid)
    }
    if (restored ?? confirmation).isRefusedBySudo { return sudoHint }
    guard let restored else {
      return Hint(
        "\(failedState); fix the cause, then", command: ["activate", plan.to.text, "--force"])
    }
    let steps = confirmation.steps + restored.steps
    guard plan.from != nil,
      steps.contains(where: { $0.log != nil && $0.name.hasSuffix("activate") })
    else {
      return Hint(
        "\(failedState); repair the service, then see whether it works", command: ["status"])
    }
    return Hint(
      "\(failedState); correct the cause, then restart the service", command: ["restart"])
  }

  /// What is live and does not work, as a clause without a colon of its own.
  private var failedState: Message {
    guard let again, let restored, let problem = restored.problem else { return stateNow }
    guard restored.hookProblem != nil else {
      return "\(again), but it does not work either (\(problem))"
    }
    guard restored.stopped == nil, let output = restored.lastOutput else {
      return "\(again), but \(problem)"
    }
    return "\(again), but its activate hook failed, too (\(output))"
  }

  /// The hint when sudo does not permit the hook: `check` prints the rule, and what it permits then works.
  private var sudoHint: Hint {
    guard let again else {
      return .sudoRule("nothing is live, since sudo does not permit the activate hook")
    }
    return .sudoRule(
      "\(again), but sudo does not permit its activate hook either", then: "restart the service")
  }
}
