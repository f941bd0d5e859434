internal import CommandLineKit
internal import Linux
internal import Operations
internal import ReleaseModel
internal import ReleaseStore
internal import TerminalUI
internal import Text

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
      changes nothing. 'releases rollback' and 'releases activate' record their outcome with \
      --request.
      """,
      """
      A ref selects the newest deployment of that ref. If there is no record, the exit status is \
      4: the deployment never started on this host, or at least 100 others have started since, and \
      its record was deleted. If its process ended without a report, for example because it was \
      killed, 'releases wait' finds out from the journal, the history and the catalog what \
      happened to its release, and prints that. If a signal ended it, the exit status is 128 plus \
      the signal number.
      """,
    ],
    operands: [
      Operand(
        Value("TOKEN|REF"), .optional,
        help: "The --request of the command, or the --ref of its archive")
    ],
    options: [
      Option(.ref, Value("REF"), remote: true, help: "The same as the operand REF"),
      Option(.request, Value("TOKEN"), remote: true, help: "The same as the operand TOKEN"),
      Option(
        .timeout, Value("DURATION"), remote: true,
        help: "Maximum wait; then the exit status is 5 (default: no limit)"),
    ],
    examples: [
      ("releases wait 4711-1 --json", "Ask for the outcome of 'releases deploy --request 4711-1'"),
      ("releases wait v1.4.2 --timeout 10m", "Wait for the newest deployment of v1.4.2"),
    ],
    synonyms: ["await", "follow", "outcome"],
    run: { (invocation, context) throws(ReleasesError) in
      let name = try invocation.nameOfAttempt()
      let store = try context.openStore()
      let limit = try invocation.duration(.timeout).map { Double($0.seconds) }
      let ending = try AttemptWaiter(store).wait(for: name, upTo: limit)
      switch ending {
      case .reported(let report, let status): return result(report, status)
      case .interrupted(let outcome, let attempt):
        return result(outcome, of: attempt, store, context)
      }
    })
}

extension Invocation {
  /// Returns the token or the ref of the deployment that is meant.
  ///
  /// - Throws: `usage` unless exactly one is given.
  fileprivate func nameOfAttempt() throws(ReleasesError) -> AttemptWaiter.Name {
    let names =
      operands.map { AttemptWaiter.Name.either($0) }
      + [value(.ref).map { .ref($0) }, value(.request).map { .token($0) }].compactMap { $0 }
    if names.count == 1 { return names[0] }
    throw ReleasesError(
      .usage,
      names.isEmpty
        ? "\(command.name) needs TOKEN|REF"
        : "\(command.name) takes only one of TOKEN|REF, --ref and --request",
      hint: Hint("see the help", command: helpCommand))
  }
}

/// Returns the result that a deployment has recorded.
private func result(_ report: JSONValue, _ status: Int32) -> CommandResult {
  guard let error = ReleasesError(reportedIn: report) else {
    let id = report["id"]?.text ?? ""
    var result = CommandResult(
      report, quietText: Style.plain.printable(Message(verbatim: id)) + "\n"
    ) { style in
      let outcome = text(ofOutcome: report["outcome"]?.text)
      let target = report["previous"]?.text ?? "none"
      return style.sentence("\(outcome) \(verbatim: id)")
        + style.sentence("rollback target: \(verbatim: target)")
    }
    result.reportedStatus = status
    return result
  }
  var result = CommandResult(failed: report, error)
  result.reportedStatus = status
  return result
}

private func text(ofOutcome outcome: String?) -> String {
  switch outcome {
  case "rolledBack": "rolled back to"
  case "unchanged": "already live:"
  default: outcome ?? "ended"
  }
}

/// Returns the result of an attempt whose process ended without a report.
private func result(
  _ outcome: InterruptedAttempt, of attempt: Attempt, _ store: Store, _ context: Context
) -> CommandResult {
  let snapshot = try? store.snapshot()
  let error = outcome.error(of: attempt)
  let report = OperationReport(
    command: attempt.commandName, id: outcome.id?.text,
    outcome: error == nil ? .activated : .failed, current: snapshot?.live,
    previous: snapshot?.previous.release,
    error: error.map { ErrorReport.Failure($0, for: context.reader) })
  let id = outcome.id?.text ?? ""
  var result =
    error.map { CommandResult(failed: report, $0) }
    ?? CommandResult(report, quietText: "\(id)\n") { style in
      style.sentence("activated \(verbatim: id); the command ended before it could report that")
    }
  result.reportedStatus = attempt.exitStatus
  return result
}
