internal import FoundationEssentials
internal import ReleaseStore

extension Command {
  static let status = Command(
    name: "status",
    summary: "say what is live and whether anything needs attention",
    group: .look,
    details: [
      """
      Names the live release and the one a rollback would choose, a transaction that is running or \
      was interrupted, a freeze and its reason, and the space that is left. It reads without a \
      lock, so it answers while a deployment is under way.
      """,
      """
      It compares the links with the journal, with the release that the main process of the \
      configured service runs in, and with what the health check answers. The exit status is 0 only \
      when all of them agree and nothing else needs attention, and 7 otherwise, so that a monitor \
      can use it. While a switch waits for its confirmation, the service and its health are not \
      judged.
      """,
    ],
    examples: [
      ("releases status", "the first thing to type when something is wrong"),
      ("releases status --json", "the same for a monitor"),
    ],
    run: { (invocation, context) throws(ReleasesError) in
      let store = try context.openStore()
      let environment = try context.environment()
      // The journal first: links that a switch moves meanwhile are then at worst newer than it.
      let journal = try store.lastJournalEntry()
      let snapshot = try store.snapshot()
      let isSwitching =
        journal.map { $0.awaitsConfirmation && $0.writerIsAlive(bootID: environment.bootID) }
        ?? false
      let report = StatusReport(
        store, snapshot, journal, try store.space(), bootID: environment.bootID,
        storeArgument: context.storeArgument,
        store.liveState(snapshot.live, isSwitching: isSwitching, environment))
      let live = report.current.map { $0 + "\n" } ?? ""
      return Outcome(report, bare: live, status: report.problems.isEmpty ? .done : .differences) {
        report.text($0, now: environment.now())
      }
    })
}
