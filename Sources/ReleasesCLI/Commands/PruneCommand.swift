internal import CommandLineKit
internal import Linux
internal import Operations
internal import ReleaseModel

extension Command {
  static let prune = Command(
    name: "prune",
    summary: "remove the releases that retention gives up",
    group: .maintain,
    roles: [.cron],
    details: [
      """
      Applies the policy of releases.yaml: the newest that were ready stay, and the others while \
      they are young. Of broken releases the newest stays for a day, to be looked at. Never removed \
      are the live release, the fallback, what is pinned or in preparation, what some process \
      still uses, and what it does not know. With --dry-run it says of each release why it stays \
      or goes.
      """,
      """
      A release leaves in one step and its files are deleted after that. Interrupted, what was \
      moved out is deleted by the next prune, and nothing that is kept is harmed. When there is \
      nothing to do it prints nothing.
      """,
      """
      Like every command that changes the store, prune first recovers an interrupted switch, which \
      may run the activate hook. In a sandbox, such as a systemd unit with NoNewPrivileges, a hook \
      that uses sudo fails; --no-hooks then changes nothing and says what to run instead.
      """,
    ],
    options: [
      Option(
        .keep, Value("N", .number), help: "keep the newest N that were ready, whatever their age"),
      Option(
        .keepWithin, Value("DURATION"),
        help: "keep also those younger than this; 0d keeps none for its age"),
      Option(
        .noHooks,
        help: "exit with 11 instead of running the activate hook for an interrupted switch"),
    ] + Option.changing,
    examples: [
      ("releases prune --dry-run", "what would go, and why"),
      ("releases prune --keep 2 --keep-within 0d", "make room: the newest two and what is in use"),
    ],
    run: { (invocation, context) throws(ReleasesError) in
      let store = try context.openStore()
      let pruner = Pruner(store, try context.environment())
      let options = PruneOptions(
        count: try invocation.positive(.keep), age: try invocation.duration(.keepWithin)?.seconds)
      if invocation.flag(.dryRun) {
        return pruneResult(try pruner.plan(options), context, dryRun: true)
      }
      let (result, recovered) = try withTransaction(
        on: store, try context.environment(), waitingUpTo: try invocation.waitSeconds(),
        hooks: invocation.flag(.noHooks) ? .refuse : .run
      ) { transaction throws(ReleasesError) in
        (try pruner.prune(try pruner.plan(options), in: &transaction), transaction.recovered)
      }
      return pruneResult(result, context, dryRun: false, recovered: recovered)
    })
}

private func pruneResult(
  _ result: PruneResult, _ context: Context, dryRun: Bool, recovered: [String] = []
) -> CommandResult {
  for warning in result.warnings { context.notices.warn(warning) }
  let report = PruneReport(
    result, dryRun: dryRun, recovered: recovered, store: context.storeArgument)
  let ids = result.removed.map { "\($0)\n" }.joined()
  return CommandResult(report, quietText: ids) { report.text($0) }
}
