internal import FoundationEssentials
internal import Linux
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
    options: [
      Option(
        .watch, remote: true,
        help: "show it again whenever it changes, until it is interrupted or nobody reads on")
    ],
    examples: [
      ("releases status", "the first thing to type when something is wrong"),
      ("releases status --json", "the same for a monitor"),
      ("releases status --watch", "beside a deployment that is under way"),
    ],
    run: { (invocation, context) throws(ReleasesError) in
      let store = try context.openStore()
      let environment = try context.environment()
      if invocation.flag(.watch) {
        var watch = StatusWatch(store, environment, context)
        try watch.run(invocation.format)
        return Outcome(text: "")
      }
      let moment = try StoreMoment(store, environment)
      let report = StatusReport(
        moment, storeArgument: context.storeArgument, store.liveState(at: moment, environment))
      let live = report.current.map { $0 + "\n" } ?? ""
      return Outcome(report, bare: live, status: report.problems.isEmpty ? .done : .differences) {
        report.text($0, now: environment.now())
      }
    })
}

/// What the store's own files say at one moment.
struct StoreMoment: Sendable {
  let store: Store
  let snapshot: Snapshot
  /// Nil when it can't be read.
  let journal: JournalEntry?
  let space: FileSystemFacts
  /// A transaction is under way, and whoever began it lives.
  let isRunning: Bool

  /// The journal first: links that a switch moves meanwhile are then at worst newer than it.
  init(_ store: Store, _ environment: Environment) throws(ReleasesError) {
    self.store = store
    journal = try store.lastJournalEntry()
    snapshot = try store.snapshot()
    space = try store.space()
    isRunning =
      journal.map { $0.phase == .intent && $0.writerIsAlive(bootID: environment.bootID) } ?? false
  }

  /// A switch waits for its hook and its health check.
  var isSwitching: Bool { isRunning && journal?.awaitsConfirmation == true }
}

extension Store {
  /// What systemd and the health check say of what is live.
  func liveState(at moment: StoreMoment, _ environment: Environment) -> LiveState {
    liveState(moment.snapshot.live, isSwitching: moment.isSwitching, environment)
  }
}
