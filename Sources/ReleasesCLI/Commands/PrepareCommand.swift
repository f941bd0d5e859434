internal import ReleaseStore

extension Command {
  static let prepare = Command(
    name: "prepare",
    summary: "run the prepare hook once more for a release that is not ready",
    group: .change,
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
    run: { (invocation, context) throws(ReleasesError) in
      let store = try context.openStore()
      let snapshot = try store.snapshot()
      let id = try snapshot.release(named: invocation.operands[0])
      var report = OperationReport(
        command: "prepare", id: id.text, outcome: .prepared, current: snapshot.live,
        previous: snapshot.previous.release, dryRun: invocation.flag(.dryRun))
      if invocation.flag(.dryRun) {
        try store.planPreparation(of: id)
        return Outcome(report, bare: "\(id)\n") { _ in "would prepare \(id)\n" }
      }
      let result = try store.prepare(
        id, try context.environment(), waitingUpTo: try invocation.waitSeconds())
      for warning in result.warnings { context.warn(warning) }
      report.steps = result.steps.map { .init($0) }
      report.recovered = result.recovered
      report.warnings = result.warnings
      return Outcome(report, bare: "\(id)\n") { _ in "\(id) is ready\n" }
    })
}
