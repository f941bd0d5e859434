internal import CommandLineKit
internal import Operations
internal import ReleaseModel

extension Command {
  static let prune = Command(
    name: "prune",
    summary: "Remove releases according to the retention policy",
    group: .maintain,
    roles: [.cron],
    details: [
      """
      Applies the retention policy of releases.yaml. It retains the newest keep.count ready \
      releases, the newest keep.count releases that have been live, and every other release until \
      it reaches the maximum age, keep.age. The age of a release that a rollback replaced counts \
      from that rollback. Of the releases that failed, the newest is retained for a day, so that \
      it can be examined. The live release, the rollback target, and releases that are pinned, in \
      preparation, in use by a process, or not in the catalog are never removed. With --dry-run \
      the command prints for each release whether it would be retained or removed, and why.
      """,
      """
      A release is removed in one step, and its files are deleted afterwards. If the command is \
      interrupted, the next prune deletes the remaining files; retained releases are not affected. \
      If there is nothing to remove, the command prints nothing.
      """,
      """
      Like every command that changes the store, prune first recovers an interrupted switch, which \
      may run the activate hook. In a systemd unit with NoNewPrivileges, a hook that uses sudo \
      fails. With --no-hooks, if recovery would run the hook, the command changes nothing, and \
      prints the command to run instead.
      """,
    ],
    options: [
      Option(
        .keep, Value("N", .number),
        help: "Number of newest ready releases to retain (default: keep.count of releases.yaml)"),
      Option(
        .keepWithin, Value("DURATION"),
        help: "Age up to which other releases are retained (default: keep.age of releases.yaml)"),
      Option(
        .noHooks,
        help: "Exit with 11 instead of running the activate hook for an interrupted switch"),
    ] + Option.changing,
    examples: [
      ("releases prune --dry-run", "Show what would be removed, and why"),
      (
        "releases prune --keep 2 --keep-within 0d",
        "Retain only the newest two releases and those that are never removed"
      ),
    ],
    synonyms: ["clean", "cleanup", "gc", "vacuum"],
    run: { (invocation, context) throws(ReleasesError) in
      let store = try context.openStore()
      let pruner = Pruner(store, try context.environment())
      let options = PruneOptions(
        count: try invocation.positive(.keep), age: try invocation.duration(.keepWithin)?.seconds)
      if invocation.flag(.dryRun) {
        let (plan, recovery) = try pruner.planAfterRecovery(options)
        context.notices.printPending(recovery)
        return pruneResult(plan, context, dryRun: true)
      }
      let result = try pruner.run(
        options, waitingUpTo: try invocation.waitSeconds(),
        hooks: invocation.flag(.noHooks) ? .refuse : .run)
      return pruneResult(result, context, dryRun: false)
    })
}

private func pruneResult(
  _ result: PruneResult, _ context: Context, dryRun: Bool
) -> CommandResult {
  for warning in result.warnings { context.notices.warn(warning) }
  let report = PruneReport(result, dryRun: dryRun, for: context.reader)
  let ids = result.removed.map { "\($0)\n" }.joined()
  return CommandResult(report, quietText: ids) { report.text($0) }
}
