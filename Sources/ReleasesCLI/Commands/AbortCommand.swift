internal import ReleaseStore

extension Command {
  static let abort = Command(
    name: "abort",
    summary: "stop the switch that waits for its confirmation, and let it go back",
    group: .change,
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
      let environment = try context.environment()
      if invocation.flag(.dryRun) {
        let entry = try store.switchThatWaits(environment)
        return outcome(entry, "would stop", dryRun: true)
      }
      let entry = try store.requestAbort(reason: invocation.value(.reason), environment)
      let end = try store.waitForEnd(of: entry, upTo: try invocation.waitSeconds())
      guard let end else {
        return outcome(entry, "asked to stop", further: "; see how it ends: releases status")
      }
      guard end.linksLeft == end.before else {
        throw ReleasesError(
          .tooLate,
          "\(end.id.map(\.text) ?? "the release") was confirmed before it could be stopped",
          hint: "back to what was live before: releases rollback")
      }
      return outcome(entry, "stopped", further: end.note.map { ": \($0)" } ?? "")
    })
}

private func outcome(
  _ entry: JournalEntry, _ verb: String, further: String = "", dryRun: Bool = false
) -> Outcome {
  let report = ChangeReport(
    command: "abort", id: entry.id?.text, outcome: "done", dryRun: dryRun)
  let what = "the \(entry.operation.rawValue) of \(entry.id.map(\.text) ?? "a release")"
  return Outcome(report) { style in
    style.sentence("\(verb) \(what) by \(entry.user)\(further)")
  }
}
