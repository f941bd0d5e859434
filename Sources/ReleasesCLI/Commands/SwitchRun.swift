internal import Linux
internal import ReleaseStore

/// What `activate` and `rollback` have in common: plan, carry out under the lock, tell.
func runSwitch(
  _ invocation: Invocation, _ context: Context,
  plan: (Store, SwitchOptions) throws(ReleasesError) -> SwitchPlan
) throws(ReleasesError) -> Outcome {
  let store = try context.openStore()
  let options = SwitchOptions(force: invocation.flag(.force), verify: invocation.flag(.verify))
  if invocation.flag(.dryRun) {
    return switchOutcome(try plan(store, options), invocation, context, dryRun: true)
  }
  let start = Clock.monotonicSeconds()
  var transaction = try context.begin(store, invocation)
  let recovered = transaction.recovered
  do throws(ReleasesError) {
    let locked = Clock.monotonicSeconds()
    let decided = try plan(store, options)
    let planned = Clock.monotonicSeconds()
    let result = try transaction.carryOut(decided)
    let switched = Clock.monotonicSeconds()
    transaction.end()
    return switchOutcome(
      result.plan, invocation, context, recovered: recovered,
      steps: [
        .init("lock", seconds: locked - start), .init("preflight", seconds: planned - locked),
        .init("switch", seconds: switched - planned),
      ])
  } catch {
    transaction.end()
    throw error
  }
}

private func switchOutcome(
  _ plan: SwitchPlan, _ invocation: Invocation, _ context: Context, dryRun: Bool = false,
  recovered: [String] = [], steps: [OperationReport.Step] = []
) -> Outcome {
  for warning in plan.warnings { context.warn(warning) }
  let done: OperationReport.Outcome = plan.kind == .activate ? .activated : .rolledBack
  var report = OperationReport(
    command: invocation.command.name, id: plan.to.text,
    outcome: plan.isUnchanged ? .unchanged : done, current: plan.to, previous: plan.fallback,
    dryRun: dryRun)
  report.recovered = recovered
  report.steps = steps
  report.warnings = plan.warnings
  return Outcome(report, bare: plan.to.text + "\n") { style in
    switchLines(plan, dryRun: dryRun).map { style.sentence($0) }.joined()
  }
}

private func switchLines(_ plan: SwitchPlan, dryRun: Bool) -> [String] {
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
