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
      """
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
      let report = StatusReport(
        store, try store.snapshot(), journal, try store.space(), bootID: environment.bootID,
        storeArgument: context.storeArgument)
      let live = report.current.map { $0 + "\n" } ?? ""
      return Outcome(report, bare: live) { report.text($0, now: environment.now()) }
    })
}
