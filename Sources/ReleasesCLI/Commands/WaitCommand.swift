internal import CommandLineKit
internal import Linux
internal import Operations
internal import ReleaseModel
internal import ReleaseStore
internal import TerminalUI

extension Command {
  static let wait = Command(
    name: "wait",
    summary: "Wait for the end of a deployment, and print its outcome",
    group: .switching,
    roles: [.ci],
    details: [
      """
      Use this command in CI after a dropped connection. 'releases deploy' with --request or --ref \
      records how it ended, even if the archive was rejected. This command waits for that record, \
      prints the report of the deployment, and exits with its exit status. It takes no lock and \
      changes nothing.
      """,
      """
      A ref means the newest deployment of that ref. If nothing is recorded, the exit status is 4: \
      the deployment never began on this host, or 100 others have begun since. If the process of the \
      deployment was killed, the command says what became of its release.
      """,
    ],
    operands: [
      Operand(
        Value("TOKEN|REF"), help: "The --request of the deployment, or the --ref of its archive")
    ],
    options: [
      Option(
        .timeout, Value("DURATION"), remote: true,
        help: "Maximum wait; then the exit status is 5 (default: no limit)")
    ],
    examples: [
      ("releases wait 4711-1 --json", "Ask for the outcome of 'releases deploy --request 4711-1'"),
      ("releases wait v1.4.2 --timeout 10m", "Wait for the newest deployment of v1.4.2"),
    ],
    synonyms: ["await", "follow", "outcome"],
    run: { (invocation, context) throws(ReleasesError) in
      let store = try context.openStore()
      let limit = try invocation.duration(.timeout).map { Double($0.seconds) }
      let ending = try AttemptWaiter(store).wait(for: invocation.operands[0], upTo: limit)
      switch ending {
      case .reported(let report, let status): return result(report, status)
      case .interrupted(let attempt): return result(attempt, store, context)
      }
    })
}

/// Returns the result that a deployment has recorded.
private func result(_ report: JSONValue, _ status: Int32) -> CommandResult {
  guard let error = ReleasesError(reportedIn: report) else {
    let id = report["id"]?.text ?? ""
    var result = CommandResult(report, quietText: "\(id)\n") { style in
      let outcome = report["outcome"]?.text ?? "ended"
      let target = report["previous"]?.text ?? "none"
      return style.sentence("\(outcome) \(id)") + style.sentence("rollback target: \(target)")
    }
    result.reportedStatus = status
    return result
  }
  var result = CommandResult(failed: report, error)
  result.reportedStatus = status
  return result
}

/// Returns the result of a deployment whose process was killed.
private func result(
  _ attempt: InterruptedAttempt, _ store: Store, _ context: Context
) -> CommandResult {
  let snapshot = try? store.snapshot()
  let error = attempt.error
  let report = OperationReport(
    command: "deploy", id: attempt.id?.text, outcome: error == nil ? .activated : .failed,
    current: snapshot?.live, previous: snapshot?.previous.release,
    error: error.map { ErrorReport.Failure($0, store: context.storeArgument) })
  if let error { return CommandResult(failed: report, error) }
  let id = attempt.id?.text ?? ""
  return CommandResult(report, quietText: "\(id)\n") { style in
    style.sentence("activated \(id); the command was killed before it could report that")
  }
}
