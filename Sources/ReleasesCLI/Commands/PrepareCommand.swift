internal import CommandLineKit
internal import Operations
internal import ReleaseModel
internal import ReleaseStore

extension Command {
  static let prepare = Command(
    name: "prepare",
    summary: "Run the prepare hook of a release",
    group: .switching,
    roles: [.ci],
    details: [
      """
      Use this command if the prepare hook of releases.yaml failed, or if the release was unpacked \
      before that hook was configured. It runs the hook in the release, writes a new manifest of \
      all files that are there afterwards, and makes the release ready. It refuses a release that \
      is live or already ready.
      """,
      """
      'releases unpack' and 'releases deploy' run the hook themselves. If the command is \
      interrupted, the release counts as failed and can be prepared again.
      """,
    ],
    operands: [.release("Release to prepare")],
    options: Option.changing,
    examples: [
      ("releases prepare 1762147685", "Retry after the package index was unavailable")
    ],
    synonyms: ["build"],
    failureReport: .operation { $0.operands.first },
    run: { (invocation, context) throws(ReleasesError) in
      let store = try context.openStore()
      let environment = try context.environment()
      let outlook = try RecoveryOutlook(store, environment)
      let snapshot = outlook.snapshot
      let id = try outlook.release(named: invocation.operands[0])
      let preparer = Preparer(store, environment)
      let wait = try invocation.waitSeconds()
      var report = OperationReport(
        command: "prepare", id: id.text, outcome: .prepared, current: snapshot.live,
        previous: snapshot.previous.release, dryRun: invocation.flag(.dryRun))
      if invocation.flag(.dryRun) {
        try preparer.plan(id, from: snapshot)
        context.notices.printPending(outlook.recovery)
        report.recovered = outlook.recovery?.sentences ?? []
        return CommandResult(report, quietText: "\(id)\n") { _ in "would prepare \(id)\n" }
      }
      return resultOfOperation(id: invocation.operands[0], invocation, context, store) {
        () throws(OperationFailure) in
        let result = try preparer.prepare(id, waitingUpTo: wait)
        report.add(result.warnings, context)
        report.steps = result.steps.map { .init($0) }
        report.recovered = result.recovered
        return CommandResult(report, quietText: "\(id)\n") { _ in "\(id) is ready\n" }
      }
    })
}
