internal import CommandLineKit
internal import Linux
internal import Operations
internal import ReleaseModel
internal import TerminalUI

extension Command {
  static let abort = Command(
    name: "abort",
    summary: "stop the switch that waits for its confirmation, and let it go back",
    group: .change,
    roles: [.ci],
    details: [
      """
      While 'releases deploy', 'activate' or 'rollback' waits for its hook or its health check, \
      it holds the store's lock. This tells it to stop waiting: it puts both links back, lets the \
      service use the old release, and marks the new one bad. Then it says how that ended.
      """,
      """
      It needs no lock itself. A switch that is confirmed already can't be stopped any more: type \
      'releases rollback'.
      """,
    ],
    options: [
      Option(.reason, Value("TEXT"), remote: true, help: "why, for whoever deployed"),
      Option(
        .wait, Value("DURATION"), help: "wait this long for it to have gone back (default 30s)"),
      .dryRun,
    ],
    examples: [
      (
        "releases abort --reason 'the wrong branch was deployed'",
        "an emergency, while CI waits for health"
      )
    ],
    run: { (invocation, context) throws(ReleasesError) in
      let store = try context.openStore()
      let aborter = Aborter(store, try context.actor())
      if invocation.flag(.dryRun) {
        return result(try aborter.unconfirmedSwitch(), "would abort", dryRun: true)
      }
      let entry = try aborter.request(reason: invocation.value(.reason))
      let end = try aborter.waitForEnd(of: entry, upTo: try invocation.waitSeconds())
      guard let end else {
        return result(entry, "asked to abort", further: "; see how it ends: releases status")
      }
      guard end.linksLeft == end.before else {
        throw ReleasesError(
          .tooLate,
          "\(end.id.map(\.text) ?? "the release") was confirmed before it could be aborted",
          hint: Hint("return to the release that was live before", command: ["rollback"]))
      }
      return result(entry, "aborted", further: end.note.map { ": \($0)" } ?? "")
    })
}

private func result(
  _ entry: JournalEntry, _ verb: String, further: String = "", dryRun: Bool = false
) -> CommandResult {
  let report = ChangeReport(
    command: "abort", id: entry.id?.text, outcome: "done", dryRun: dryRun)
  let what = "the \(entry.operation.rawValue) of \(entry.id.map(\.text) ?? "a release")"
  return CommandResult(report) { style in
    style.sentence("\(verb) \(what) by \(entry.user)\(further)")
  }
}
