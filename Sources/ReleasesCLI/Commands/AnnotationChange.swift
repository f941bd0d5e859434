internal import CommandLineKit
internal import Operations
internal import ReleaseModel
internal import ReleaseStore

/// A change of an annotation, such as a pin, a mark or a freeze, in one transaction.
struct AnnotationChange: Sendable {
  /// The release that it is about, as it was typed; nil for the whole store.
  var id: String?
  /// Refuses a change of a release that would fail. Changes nothing.
  var refuse:
    @Sendable (_ store: Store, _ id: ReleaseID, _ snapshot: Snapshot) throws(ReleasesError) -> Void =
      {
        (store, id, snapshot) throws(ReleasesError) in
        try Annotator(store).refuseUnlessRecorded(id, snapshot)
      }
  /// Returns what a dry run would do, from the facts of the store as recovery will leave them.
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
  /// - Throws: `noSuchRelease` for an unknown release, `liveChanged` for a word that means another one
  ///   once the lock is held; an error when the store can't be read or locked, and the errors of the
  ///   change.
  func run(
    _ invocation: Invocation, _ context: Context
  ) throws(ReleasesError) -> CommandResult {
    let store = try context.openStore()
    let environment = try context.environment()
    if invocation.flag(.dryRun) {
      return try plan(invocation, context, store, try RecoveryOutlook(store, environment))
    }
    let snapshot = try store.snapshot()
    var release: ReleaseID?
    if let id { release = try snapshot.release(named: id) }
    let name = release?.text ?? ""
    var report = ChangeReport(
      command: invocation.command.name, id: release?.text, outcome: "done")
    let named = id.map { NamedRelease($0, snapshot) }
    let (recovered, isChanged) = try withTransaction(
      on: store, environment, waitingUpTo: try invocation.waitSeconds()
    ) { transaction throws(ReleasesError) in
      let release = try named?.id(in: store)
      return (transaction.recovered, try body(store, release, &transaction))
    }
    report.outcome = isChanged ? "done" : "unchanged"
    report.recovered = recovered
    let further = (try? store.snapshot()).flatMap { note(snapshot, $0) } ?? ""
    let text = text
    return CommandResult(report) { _ in text(name, isChanged) + further }
  }

  /// Returns what the change would do to the store as recovery will leave it.
  ///
  /// - Throws: the error of the change.
  private func plan(
    _ invocation: Invocation, _ context: Context, _ store: Store, _ outlook: RecoveryOutlook
  ) throws(ReleasesError) -> CommandResult {
    var release: ReleaseID?
    if let id {
      let named = try outlook.release(named: id)
      try refuse(store, named, outlook.snapshot)
      release = named
    }
    context.notices.printPending(outlook.recovery)
    let report = ChangeReport(
      command: invocation.command.name, id: release?.text, outcome: "done", dryRun: true,
      recovered: outlook.recovery?.sentences ?? [])
    let text = dryRunText(release?.text ?? "", outlook.snapshot)
    return CommandResult(report) { _ in text }
  }
}
