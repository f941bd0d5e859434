internal import CommandLineKit
internal import Configuration
internal import Linux
internal import Operations
internal import ReleaseModel
internal import ReleaseStore
internal import TerminalUI
internal import Text

extension Command {
  static let deploy = Command(
    name: "deploy",
    summary: "Deploy an archive, check health, roll back on failure",
    group: .switching,
    roles: [.ci],
    details: [
      """
      Combines 'unpack', 'activate' and 'prune', with the same guarantees: the archive becomes a \
      new release, the prepare hook of releases.yaml makes it ready, 'current' is switched to it, \
      the activate hook makes the service use it, and the health check decides whether it works.
      """,
      """
      If it does not work, the command restores both links, runs the activate hook and the health \
      check for the old release, and marks the new one bad. The exit status is 10 if the old \
      release works again. It is 11 if the old release does not work either, or if no release was \
      live before. A release whose prepare hook fails never goes live; the exit status is then 1.
      """,
      """
      With instances (service.socket), the new release starts beside the old one and goes live only \
      when it is healthy. If it does not become healthy, it was never live, the old instance \
      was not touched, and the exit status is 10.
      """,
      """
      Once the archive has arrived, a dropped connection or a closed terminal does not stop the \
      deployment. On SIGTERM, SIGINT or 'releases abort', the command restores the old release and \
      then exits. In all cases, 'releases status' and 'releases history' show the outcome. A \
      caller that lost its connection gets the report and the exit status from 'releases wait \
      TOKEN' if it gave --request TOKEN, or from 'releases wait REF' if it gave --ref REF. The \
      same --request can be given again if the earlier deployment ended before it published its \
      release.
      """,
      """
      Pruning comes last. If it fails, the command prints a warning, because the new release is \
      already live.
      """,
    ],
    operands: [.archive],
    options: Option.publishing + [.request, .noRollback] + Option.changing,
    examples: [
      ("releases deploy app.tar.gz --ref v1.4.2", "Deploy a file"),
      (
        "ssh host releases deploy - --size 48211934 --wait 5m --json < app.tar.gz",
        "Deploy from CI; wait up to five minutes while another transaction runs"
      ),
    ],
    synonyms: ["publish", "upload", "install", "ship", "release"],
    failureReport: .operation { $0.value(.id) },
    run: { (invocation, context) throws(ReleasesError) in
      let archive = try recordingRefusal(invocation, context) { () throws(ReleasesError) in
        try openArchive(invocation.operands[0])
      }
      let request = try recordingRefusal(invocation, context) { () throws(ReleasesError) in
        try publishRequest(invocation, context)
      }
      let store = try context.openStore()
      let environment = try context.environment()
      let token = try invocation.requestToken()
      let id = invocation.value(.id)
      if invocation.flag(.dryRun) {
        let configuration = try store.configuration()
        try Deployer(store, environment).check(
          invocation.switchOptions, from: try RecoveryOutlook(store, environment).snapshot)
        return resultOfOperation(id: id, invocation, context, store) {
          () throws(OperationFailure) in
          let plan = try Publisher(store, environment).plan(archive, request)
          let layout = store.runningLayout(
            of: plan.outlook.snapshot.live, configuration, environment)
          return planResult(plan, configuration, in: layout)
        }
      }
      return try recordingAttempt(
        token, ref: request.ref, of: invocation.command.name, in: store, environment
      ) {
        resultOfOperation(id: id, invocation, context, store) { () throws(OperationFailure) in
          let result = try showingProgress(request, environment, invocation, context) {
            request, environment throws(OperationFailure) in
            try Deployer(store, environment).deploy(archive, request, invocation.switchOptions)
          }
          return deployResult(
            result, Switcher(store, environment).warningsAboutRollback(result.switched.plan),
            context)
        }
      }
    })
}

/// Reads an argument of a deployment before the store is opened. If that fails, it is recorded, so that
/// `wait` reports it. The error counts, whether it can be recorded or not.
///
/// - Throws: the error of `body`.
private func recordingRefusal<Value: ~Copyable>(
  _ invocation: Invocation, _ context: Context, _ body: () throws(ReleasesError) -> Value
) throws(ReleasesError) -> Value {
  do throws(ReleasesError) {
    return try body()
  } catch {
    if !invocation.flag(.dryRun), let token = try? invocation.requestToken(),
      let store = try? context.openStore(), let environment = try? context.environment()
    {
      let ref = invocation.value(.ref).flatMap { Outgoing.isSecret($0) ? nil : $0 }
      _ = try? recordingAttempt(
        token, ref: ref, of: invocation.command.name, in: store, environment
      ) {
        let report = OperationReport(
          error, id: invocation.value(.id), invocation, context, store)
        return CommandResult(failed: report, error)
      }
    }
    throw error
  }
}

private func planResult(
  _ plan: PublicationPlan, _ configuration: Configuration, in layout: InstanceLayout?
) -> CommandResult {
  let live = plan.outlook.snapshot.live
  var report = OperationReport(
    command: "deploy", id: plan.id.text, outcome: .activated, current: plan.id,
    previous: live, dryRun: true)
  report.pruned = plan.pruned.map(\.id.text)
  report.recovered = plan.outlook.recovery?.sentences ?? []
  let from: Message = live.map { "; \($0) is live" } ?? ""
  return CommandResult(report, quietText: "\(plan.id)\n") { style in
    (publicationLines(plan, configuration) + ["would activate \(plan.id)\(from)"]
      + confirmationLines(configuration, .switches(to: plan.id, from: live, in: layout))).map {
        style.sentence($0)
      }.joined()
  }
}

private func deployResult(
  _ result: DeployResult, _ rollbackWarnings: [Notice], _ context: Context
) -> CommandResult {
  let reader = context.reader
  let published = result.published
  var report = OperationReport(
    command: "deploy", id: published.entry.id.text, outcome: .activated,
    current: result.switched.current, previous: result.switched.previous,
    rollbackTarget: result.switched.plan.rollbackTarget)
  report.add(result.warnings + rollbackWarnings, context)
  report.steps = result.steps.map { .init($0) }
  report.pruned = (published.pruned.map(\.id) + result.pruned).map(\.text)
  report.remains = RemainsReport.all(result.remains, for: reader)
  report.recovered = published.recovered + result.switched.recovered
  report.containment = published.layers.map(\.rawValue)
  return CommandResult(report, quietText: "\(published.entry.id)\n") { style in
    (switchLines(result.switched.plan, dryRun: false, for: reader)
      + unconfirmedLines(result.switched.steps, result.switched.plan)
      + result.pruned.map { "removed \($0)" })
      .map { style.sentence($0) }.joined()
  }
}
