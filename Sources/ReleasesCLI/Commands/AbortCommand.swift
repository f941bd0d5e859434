internal import CommandLineKit
internal import Operations
internal import ReleaseModel
internal import TerminalUI
internal import Text

extension Command {
  static let abort = Command(
    name: "abort",
    summary: "Abort the switch that is waiting for confirmation",
    group: .switching,
    roles: [.ci],
    details: [
      """
      While 'releases deploy', 'activate' or 'rollback' waits for its hook or health check, it \
      holds the lock of the store. This command asks it to stop waiting. The switching command \
      then restores both links, runs the activate hook for the old release, and marks the new \
      release bad. This command waits for that and prints the outcome.
      """,
      """
      Aborting takes no lock. A switch that has been confirmed can't be aborted; use \
      'releases rollback' instead.
      """,
    ],
    options: [
      Option(
        .reason, Value("TEXT"), remote: true, help: "Reason to show to the user who deployed"),
      Option(
        .wait, Value("DURATION"),
        help: "Maximum wait until the old release is restored (default: 30s)"),
      .dryRun,
    ],
    examples: [
      (
        "releases abort --reason 'the wrong branch was deployed'",
        "Stop a deployment that waits for its health check"
      )
    ],
    synonyms: ["cancel", "stop", "kill", "undo"],
    run: { (invocation, context) throws(ReleasesError) in
      let store = try context.openStore()
      let aborter = Aborter(store, try context.actor())
      if invocation.flag(.dryRun) {
        return result(try aborter.unconfirmedSwitch(), "would abort", dryRun: true)
      }
      let entry = try aborter.request(reason: invocation.value(.reason).map { Message($0) })
      let end = try aborter.waitForEnd(of: entry, upTo: try invocation.waitSeconds())
      guard let end else {
        context.notices.warn(
          Notice(
            "the release that was live before is not restored yet; 'status' and 'history' show the end",
            hint: Hint("follow it", command: ["status", "--watch"])))
        return result(entry, "asked to abort")
      }
      guard end.linksLeft == end.before else {
        throw ReleasesError(
          .tooLate,
          "\(end.id.map(\.text) ?? "the release") was confirmed before it could be aborted",
          hint: Hint("return to the release that was live before", command: ["rollback"]))
      }
      return result(entry, "aborted", note: end.note)
    })
}

private func result(
  _ entry: JournalEntry, _ verb: String, note: String? = nil, dryRun: Bool = false
) -> CommandResult {
  let report = ChangeReport(
    command: "abort", id: entry.id?.text, outcome: "done", dryRun: dryRun)
  let target = entry.id.map(\.text) ?? "a release"
  let outcome: Message = note.map { ": \(verbatim: $0)" } ?? ""
  return CommandResult(report) { style in
    style.sentence("\(verb) the switch to \(verbatim: target) by \(verbatim: entry.user)\(outcome)")
  }
}
