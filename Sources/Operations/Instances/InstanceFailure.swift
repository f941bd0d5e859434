internal import ReleaseModel
internal import Text

/// Describes a switch between instances that failed before the new release was live.
struct InstanceFailure: FailedSwitch, Sendable {
  let plan: SwitchPlan
  let confirmation: Confirmation
  let problem: Message
  /// The confirmation of the old instance, if it had to be stopped; nil when it was not touched.
  let restored: Confirmation?
  let reasonToKeep: Message?

  var isRestored: Bool { plan.from != nil && restored?.problem == nil }

  var stateNow: Message {
    guard let from = plan.from else { return "no release was live before, and none is now" }
    guard let restored else { return "\(plan.to) was never live, and \(from) was not touched" }
    return restored.problem.map { "\(from) was started again, but \($0)" }
      ?? "\(from) was started again and is healthy"
  }

  var hint: Hint {
    if isRestored {
      return Hint("\(stateNow); see the log of \(plan.to)", command: ["logs", plan.to.text])
    }
    if plan.from != nil {
      return Hint("\(stateNow); correct the cause, then restart the service", command: ["restart"])
    }
    return Hint(
      "\(stateNow); correct the cause, then activate it again",
      command: ["activate", plan.to.text, "--force"])
  }
}
