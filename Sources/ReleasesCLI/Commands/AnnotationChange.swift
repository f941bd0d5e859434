internal import CommandLineKit
internal import Operations
internal import ReleaseModel
internal import ReleaseStore

/// A change of an annotation, such as a pin, a mark or a freeze, in one transaction.
struct AnnotationChange: Sendable {
  /// The release that it is about, as it was typed; nil for the whole store.
  var id: String?
  /// Returns what a dry run would do.
  let dryRunText: @Sendable (_ id: String, _ snapshot: Snapshot) -> String
  /// Returns what was done.
  let text: @Sendable (_ id: String, _ isChanged: Bool) -> String
  /// Returns a further line about what the change led to; nil for none.
  var note: @Sendable (_ before: Snapshot, _ after: Snapshot) -> String? = { _, _ in nil }
  /// Makes the change, and returns whether anything had to be changed.
  let body:
    @Sendable (_ store: Store, _ id: ReleaseID?, _ transaction: inout Transaction)
      throws(ReleasesError) -> Bool

  /// Makes the change, or returns what it would do for a dry run.
  ///
  /// - Throws: `noSuchRelease` for an unknown release; an error when the store can't be read or
  ///   locked, and the errors of the change.
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
    let (recovered, isChanged) = try withTransaction(
      on: store, try context.environment(), waitingUpTo: try invocation.waitSeconds()
    ) { transaction throws(ReleasesError) in
      (transaction.recovered, try body(store, release, &transaction))
    }
    report.outcome = isChanged ? "done" : "unchanged"
    report.recovered = recovered
    let further = (try? store.snapshot()).flatMap { note(snapshot, $0) } ?? ""
    let text = text
    return CommandResult(report) { _ in text(name, isChanged) + further }
  }
}
