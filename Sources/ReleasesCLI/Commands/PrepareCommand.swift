internal import CommandLineKit
internal import Linux
internal import Operations
internal import ReleaseModel
internal import ReleaseStore

extension Command {
  static let prepare = Command(
    name: "prepare",
    summary: "run the prepare hook once more for a release that is not ready",
    group: .change,
    roles: [.ci],
    details: [
      """
      For a release that the prepare hook of releases.yaml failed for, or that was unpacked before \
      there was one: runs the hook in the release, writes the manifest over all that is there \
      then, and makes the release ready. What is live or ready already is never prepared again.
      """,
      """
      'releases unpack' and 'releases deploy' do this by themselves. Interrupted, the release \
      counts as failed, and this tries again.
      """,
    ],
    operands: [.release("the release")],
    options: Option.changing,
    examples: [
      ("releases prepare 1762147685", "after the package index was down for a while")
    ],
    failureReport: .operation { $0.operands.first },
    run: { (invocation, context) throws(ReleasesError) in
      let store = try context.openStore()
      let snapshot = try store.snapshot()
      let id = try snapshot.release(named: invocation.operands[0])
      let preparer = Preparer(store, try context.environment())
      let wait = try invocation.waitSeconds()
      var report = OperationReport(
        command: "prepare", id: id.text, outcome: .prepared, current: snapshot.live,
        previous: snapshot.previous.release, dryRun: invocation.flag(.dryRun))
      if invocation.flag(.dryRun) {
        try preparer.plan(id)
        return CommandResult(report, quietText: "\(id)\n") { _ in "would prepare \(id)\n" }
      }
      return resultOfOperation(id: id.text, invocation, context) {
        () throws(OperationFailure) in
        let result = try preparer.prepare(id, waitingUpTo: wait)
        report.take(result.warnings, context)
        report.steps = result.steps.map { .init($0) }
        report.recovered = result.recovered
        return CommandResult(report, quietText: "\(id)\n") { _ in "\(id) is ready\n" }
      }
    })
}
