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
      While 'releases deploy', 'activate' or 'rollback' waits for its activate hook or health \
      check, it holds the lock of the store. This command asks it to stop waiting. The switching \
      command then restores both links, runs the activate hook for the old release, and marks the \
      new release bad. This command waits for that and prints the outcome.
      """,
      """
      With instances (service.socket), the switching command stops the new instance, which was never \
      live.
      """,
      """
      The command takes no lock. A switch that has been confirmed can't be aborted; use 'releases \
      rollback' instead.
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
        let entry = try aborter.unconfirmedSwitch()
        return result(entry, sentence("would abort", entry), dryRun: true)
      }
      let reason = invocation.value(.reason).map { Message($0) }
      let entry = try aborter.request(reason: reason)
      let end = try aborter.waitForEnd(of: entry, upTo: try invocation.waitSeconds())
      guard let end else {
        context.notices.warn(
          Notice(
            "the release that was live before is not restored yet; 'status' and 'history' show the end",
            hint: Hint("follow it", command: ["status", "--watch"])))
        return result(entry, sentence("asked to abort", entry))
      }
      guard end.linksLeft == end.before else {
        throw ReleasesError(
          .tooLate,
          "\(end.id.map(\.text) ?? "the release") was confirmed before it could be aborted",
          hint: Hint("return to the release that was live before", command: ["rollback"]))
      }
      return result(entry, sentence(entry, end, reason))
    })
}

private func result(
  _ entry: JournalEntry, _ sentence: Message, dryRun: Bool = false
) -> CommandResult {
  let report = ChangeReport(
    command: "abort", id: entry.id?.text, outcome: "done", dryRun: dryRun)
  return CommandResult(report) { style in style.sentence(sentence) }
}

private func target(_ entry: JournalEntry) -> String { entry.id.map(\.text) ?? "a release" }

/// Returns the sentence for a switch that has not ended.
private func sentence(_ verb: Message, _ entry: JournalEntry) -> Message {
  "\(verb) the switch to \(verbatim: target(entry)) by \(verbatim: entry.user)"
}

/// Returns the sentence for a switch that has ended. Of the note, it repeats only what is live now,
/// since the rest says who has aborted the switch, and why.
private func sentence(
  _ entry: JournalEntry, _ end: JournalEntry, _ reason: Message?
) -> Message {
  let why: Message = reason.map { " (\($0))" } ?? ""
  let note = end.note ?? ""
  let start = end.from.flatMap { note.ranges(of: JournalText.liveAgain($0).text).last?.lowerBound }
  let outcome = note[(start ?? note.startIndex)...]
  return "aborted the switch to \(verbatim: target(entry))\(why)"
    + (outcome.isEmpty ? "" : "; \(verbatim: String(outcome))")
}
