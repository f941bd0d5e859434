internal import CommandLineKit
internal import Configuration
internal import Linux
internal import Operations
internal import ReleaseModel
internal import ReleaseStore
internal import TerminalUI
internal import Text

// The request and the result that `activate` and `rollback` share.

extension Invocation {
  /// The options of a switch.
  var switchOptions: SwitchOptions {
    SwitchOptions(force: flag(.force), verify: flag(.verify), rollsBack: !flag(.noRollback))
  }
}

/// Switches to a release, or plans the switch for a dry run.
///
/// - Throws: an error when the store can't be opened, or when a dry run would be refused. The failure
///   of a switch is a result.
func runSwitch(
  _ target: SwitchRequest.Target, _ invocation: Invocation, _ context: Context
) throws(ReleasesError) -> CommandResult {
  let store = try context.openStore()
  var options = invocation.switchOptions
  options.onlyToFormerlyLive = context.session.map { !$0.mayOverride } ?? false
  let request = SwitchRequest(target, options: options, wait: try invocation.waitSeconds())
  let environment = try context.environment()
  let switcher = Switcher(store, environment)
  if invocation.flag(.dryRun) {
    var (plan, recovery) = try switcher.planAfterRecovery(request)
    plan.warnings += switcher.warningsAboutRollback(plan)
    var report = OperationReport(plan, invocation, context, dryRun: true)
    report.recovered = recovery?.sentences ?? []
    let first = recovery.map { [recoveryLine($0)] } ?? []
    let further = try furtherLines(plan, store, context)
    return result(plan, report, first: first, further, context)
  }
  return try recordingAttempt(
    try invocation.requestToken(), ref: nil, of: invocation.command.name, in: store, environment
  ) {
    resultOfSwitch(request, switcher, invocation, context, store)
  }
}

private func resultOfSwitch(
  _ request: SwitchRequest, _ switcher: Switcher, _ invocation: Invocation, _ context: Context,
  _ store: Store
) -> CommandResult {
  resultOfOperation(id: request.target.name, invocation, context, store) {
    () throws(OperationFailure) in
    let switched = try switcher.run(request)
    var plan = switched.plan
    plan.warnings += switcher.warningsAboutRollback(plan)
    var report = OperationReport(plan, invocation, context)
    report.steps = switched.steps.map { .init($0) }
    report.recovered = switched.recovered
    let further =
      switched.isUnchanged
      ? (try? furtherLines(plan, store, context)) : unconfirmedLines(switched.steps, plan)
    return result(plan, report, further ?? [], context)
  }
}

/// Returns what a switch would run, or how to run it for a release that is live already, one line
/// each.
///
/// - Throws: `configuration` when the configuration is invalid.
private func furtherLines(
  _ plan: SwitchPlan, _ store: Store, _ context: Context
) throws(ReleasesError) -> [Message] {
  if plan.configurationProblem != nil {
    return ["would restart and check nothing, because releases.yaml is unusable"]
  }
  let configuration = try store.configuration()
  let environment = try context.environment()
  if !plan.isUnchanged {
    let layout = store.runningLayout(of: plan.from, configuration, environment)
    return confirmationLines(configuration, .switches(to: plan.to, from: plan.from, in: layout))
  }
  if configuration.instances != nil {
    let overview = InstanceOverview(in: store, environment)
    let hint =
      overview?.isOutdated == true
      ? ReleasesError.outdatedInstance(of: plan.to).hint
      : overview?.serves(plan.to) == false
        ? Hint(
          "its instance does not serve; start it, and point service.live to it",
          command: ["recover"])
        : Hint("restart its instance", command: ["restart"])
    return hint.map { [$0.line(for: context.reader)] } ?? []
  }
  if configuration.hooks.activate == nil { return [] }
  return [
    Hint("restart the service with it", command: ["restart"]).line(for: context.reader)
  ]
}

private func result(
  _ plan: SwitchPlan, _ report: OperationReport, first: [Message] = [], _ further: [Message],
  _ context: Context
) -> CommandResult {
  let reader = context.reader
  return CommandResult(report, quietText: plan.to.text + "\n") { style in
    (first + switchLines(plan, dryRun: report.dryRun, for: reader) + further)
      .map { style.sentence($0) }.joined()
  }
}

extension OperationReport {
  /// Makes the report of a switch, and prints its warnings.
  fileprivate init(
    _ plan: SwitchPlan, _ invocation: Invocation, _ context: Context, dryRun: Bool = false
  ) {
    let done: Ending = plan.kind == .activate ? .activated : .rolledBack
    self.init(
      command: invocation.command.name, id: plan.to.text,
      outcome: plan.isUnchanged ? .unchanged : done, current: plan.to,
      previous: plan.rollbackTarget, markedBad: plan.marksBad, rollbackTarget: plan.rollbackTarget,
      dryRun: dryRun)
    add(plan.warnings, context)
  }
}

/// Returns what a switch did or would do, and the rollback target afterwards, one line each.
///
/// - Parameters:
///   - plan: the switch.
///   - dryRun: whether the switch was only planned.
///   - reader: who reads the hints.
/// - Returns: the lines, without newlines.
func switchLines(_ plan: SwitchPlan, dryRun: Bool, for reader: HintReader) -> [Message] {
  if plan.isUnchanged { return ["\(plan.to) is already live; nothing to do"] }
  let verb = plan.kind == .activate ? "activate" : "roll back to"
  let past = plan.kind == .activate ? "activated" : "rolled back to"
  let from: Message = plan.from.map { "; \($0) was live" } ?? ""
  let target = plan.rollbackTarget?.text ?? "none"
  if dryRun {
    return ["would \(verb) \(plan.to)\(from)"]
      + (plan.marksBad.map { ["would mark \($0) as bad"] } ?? [])
      + ["rollback target afterwards: \(verbatim: target)"]
  }
  let marked = plan.marksBad.map { markLine($0, for: reader) }
  return ["\(past) \(plan.to)\(from)"] + (marked.map { [$0] } ?? [])
    + ["rollback target: \(verbatim: target)"]
}

/// Returns a line that says what was not done, for a switch that ran no hook and no health check.
func unconfirmedLines(_ steps: [Operations.Step], _ plan: SwitchPlan) -> [Message] {
  if plan.isUnchanged || steps.contains(where: { ["activate", "health"].contains($0.name) }) {
    return []
  }
  if plan.configurationProblem != nil {
    return ["nothing was restarted or checked, because releases.yaml is unusable"]
  }
  return [
    """
    nothing was restarted or checked: releases.yaml has neither hooks.activate nor health; \
    see: man releases.yaml
    """
  ]
}
