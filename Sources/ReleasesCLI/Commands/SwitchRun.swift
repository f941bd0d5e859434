internal import Linux
internal import ReleaseStore

extension Invocation {
  var switchOptions: SwitchOptions {
    SwitchOptions(
      force: flag(.force), verify: flag(.verify), keepsFailed: flag(.noRollback))
  }
}

/// What `activate` and `rollback` have in common: plan, carry out under the lock, tell.
func runSwitch(
  _ invocation: Invocation, _ context: Context,
  plan: (Store, SwitchOptions) throws(ReleasesError) -> SwitchPlan
) throws(ReleasesError) -> Outcome {
  let store = try context.openStore()
  let options = invocation.switchOptions
  if invocation.flag(.dryRun) {
    let would = try plan(store, options)
    return switchOutcome(
      would, invocation, context, dryRun: true,
      further: confirmationLines(try store.configuration(), would))
  }
  let result = try store.performSwitch(
    options, try context.environment(), waitingUpTo: try invocation.waitSeconds()
  ) { store throws(ReleasesError) in try plan(store, options) }
  return switchOutcome(
    result.plan, invocation, context, recovered: result.recovered, steps: result.steps)
}

private func switchOutcome(
  _ plan: SwitchPlan, _ invocation: Invocation, _ context: Context, dryRun: Bool = false,
  recovered: [String] = [], steps: [Step] = [], further: [String] = []
) -> Outcome {
  for warning in plan.warnings { context.warn(warning) }
  let done: OperationReport.Outcome = plan.kind == .activate ? .activated : .rolledBack
  var report = OperationReport(
    command: invocation.command.name, id: plan.to.text,
    outcome: plan.isUnchanged ? .unchanged : done, current: plan.to, previous: plan.fallback,
    dryRun: dryRun)
  report.recovered = recovered
  report.steps = steps.map { .init($0) }
  report.warnings = plan.warnings
  return Outcome(report, bare: plan.to.text + "\n") { style in
    (switchLines(plan, dryRun: dryRun) + further).map { style.sentence($0) }.joined()
  }
}

/// What was done, and what a rollback would do next.
func switchLines(_ plan: SwitchPlan, dryRun: Bool) -> [String] {
  if plan.isUnchanged { return ["\(plan.to) is live already; nothing to do"] }
  let verb = plan.kind == .activate ? "activate" : "roll back to"
  let past = plan.kind == .activate ? "activated" : "rolled back to"
  let from = plan.from.map { "; \($0) was live" } ?? ""
  let next =
    plan.fallback.map { "a rollback would go to \($0)" } ?? "there is nothing to roll back to"
  if dryRun {
    return ["would \(verb) \(plan.to)\(from)", "afterwards \(next)"]
  }
  return ["\(past) \(plan.to)\(from)", next]
}

/// What a switch runs and waits for, for a dry run.
func confirmationLines(_ configuration: Configuration, _ plan: SwitchPlan? = nil) -> [String] {
  if plan?.isUnchanged == true { return [] }
  var lines: [String] = []
  if let hook = configuration.hooks.activate {
    lines.append("would run, for up to \(hook.timeout): \(hook.run.text)")
  }
  if let health = configuration.health {
    lines.append("would wait for up to \(health.timeout) until it works: \(health.probe.text)")
  }
  return lines
}

extension Configuration.Health.Probe {
  /// What is asked.
  var text: String {
    switch self {
    case .http(let probe): probe.url
    case .command(let command): command.text
    }
  }
}
