internal import CommandLineKit
internal import Linux
internal import Operations
internal import ReleaseModel
internal import ReleaseStore

/// A small change of the store that is one transaction: a pin, a mark, a freeze.
struct SmallChange: Sendable {
  /// The release that it is about, as it was typed; nil for the whole store.
  var id: String?
  /// Says what a dry run would do.
  let dryRunText: @Sendable (_ id: String, _ snapshot: Snapshot) -> String
  /// Says what was done.
  let text: @Sendable (_ id: String, _ isChanged: Bool) -> String
  /// Makes the change; returns whether there was anything to do.
  let body:
    @Sendable (_ store: Store, _ id: ReleaseID?, _ transaction: inout Transaction)
      throws(ReleasesError) -> Bool

  /// Makes the change, or says what it would do.
  ///
  /// - Throws: `noSuchRelease`, or what the change throws.
  func run(
    _ invocation: Invocation, _ context: Context
  ) throws(ReleasesError) -> CommandResult {
    let store = try context.openStore()
    let snapshot = try store.snapshot()
    var release: ReleaseID?
    if let id { release = try snapshot.release(named: id) }
    let name = release?.text ?? ""
    var report = ChangeReport(
      command: invocation.command.name, id: release?.text, outcome: "done")
    if invocation.flag(.dryRun) {
      report.dryRun = true
      let dryRunText = dryRunText
      return CommandResult(report) { _ in dryRunText(name, snapshot) }
    }
    let (isChanged, recovered) = try withTransaction(
      on: store, try context.environment(), waitingUpTo: try invocation.waitSeconds()
    ) { transaction throws(ReleasesError) in
      (try body(store, release, &transaction), transaction.recovered)
    }
    report.outcome = isChanged ? "done" : "unchanged"
    report.recovered = recovered
    let text = text
    return CommandResult(report) { _ in text(name, isChanged) }
  }
}
