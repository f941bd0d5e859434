internal import CommandLineKit
internal import Configuration
internal import Linux
internal import Operations
internal import ReleaseModel
internal import ReleaseStore
internal import TerminalUI

extension Command {
  static let deploy = Command(
    name: "deploy",
    summary: "unpack, prepare, switch, wait until it works, prune; go back by itself",
    group: .change,
    roles: [.ci],
    details: [
      """
      Does what 'unpack', 'activate' and 'prune' do, one after the other, and is as safe: the \
      archive becomes a new release, the prepare hook of releases.yaml makes it ready, 'current' \
      is switched to it, the activate hook lets the service use it, and the health check says \
      whether it works.
      """,
      """
      When it does not work, both links go back, the activate hook and the health check run for \
      the old release, and the new one is marked bad. The exit status is 10 when the old one works \
      again, and 11 when a person is needed: also where nothing was live before. A release that \
      its prepare hook fails for never goes live; the exit status is then 1.
      """,
      """
      A dropped connection or a closed terminal does not stop it once the archive is there; TERM, \
      INT and 'releases abort' do, and what was begun is put back first. 'releases status' and \
      'releases history' tell the outcome in any case.
      """,
      """
      Pruning comes last. When it fails that is a warning, since the release is live.
      """,
    ],
    operands: [
      Operand(
        Value("ARCHIVE|-", .file, remote: .stream),
        help: "the archive, or - for standard input")
    ],
    options: Option.publishing + [.noRollback] + Option.changing,
    examples: [
      ("releases deploy app.tar.gz --ref v1.4.2", "from a file"),
      (
        "ssh host releases deploy - --size 48211934 --wait 5m --json < app.tar.gz",
        "from CI; waits while somebody else's switch is under way"
      ),
    ],
    failureReport: .operation { $0.value(.id) },
    run: { (invocation, context) throws(ReleasesError) in
      let archive = try openArchive(invocation.operands[0])
      let request = try publishRequest(invocation)
      let store = try context.openStore()
      let environment = try context.environment()
      let configuration = try store.configuration()
      if invocation.flag(.dryRun) { try Deployer(store, environment).check() }
      return resultOfOperation(id: invocation.value(.id), invocation, context) {
        () throws(OperationFailure) in
        if invocation.flag(.dryRun) {
          let plan = try Publisher(store, environment).plan(archive, request)
          return planResult(plan, store, configuration)
        }
        let result = try showingProgress(request, environment, invocation, context) {
          request, environment throws(OperationFailure) in
          try Deployer(store, environment).deploy(archive, request, invocation.switchOptions)
        }
        return deployResult(result, context)
      }
    })
}

private func planResult(
  _ plan: PublicationPlan, _ store: Store, _ configuration: Configuration
) -> CommandResult {
  let live = (try? store.snapshot())?.live
  var report = OperationReport(
    command: "deploy", id: plan.id.text, outcome: .activated, current: plan.id,
    previous: live, dryRun: true)
  report.pruned = plan.pruned.map(\.id.text)
  let from = live.map { "; \($0) is live" } ?? ""
  return CommandResult(report, quietText: "\(plan.id)\n") { style in
    (publicationLines(plan, configuration) + ["would activate \(plan.id)\(from)"]
      + confirmationLines(configuration)).map { style.sentence($0) }.joined()
  }
}

private func deployResult(_ result: DeployResult, _ context: Context) -> CommandResult {
  let published = result.published
  var report = OperationReport(
    command: "deploy", id: published.entry.id.text, outcome: .activated,
    current: result.switched.current, previous: result.switched.previous)
  report.take(result.warnings, context)
  report.steps = result.steps.map { .init($0) }
  report.pruned = (published.pruned.map(\.id) + result.pruned).map(\.text)
  report.recovered = published.recovered + result.switched.recovered
  report.containment = published.layers.map(\.rawValue)
  return CommandResult(report, quietText: "\(published.entry.id)\n") { style in
    (switchLines(result.switched.plan, dryRun: false) + result.pruned.map { "removed \($0)" })
      .map { style.sentence($0) }.joined()
  }
}
