internal import CommandLineKit
internal import Operations
internal import ReleaseModel
internal import ReleaseStore

extension Command {
  static let list = Command(
    name: "list",
    summary: "List the releases, newest first",
    group: .inspect,
    roles: [.monitor],
    details: [
      """
      Shows which release is live, which one is the rollback target, which ones are bad or failed \
      and why, and which ones are pinned or not ready. With instances, it shows which ones start, \
      drain or are orphaned; see 'releases status'. AGE is the time since publication. If \
      releases share files, OWN is the approximate space that removing the release would free. A \
      narrow terminal shows fewer columns; output to a pipe has all of them. The command takes no \
      lock: it never waits and never changes anything.
      """,
      """
      STATE is 'ready' if the release can go live, 'unpacked' if it is not prepared yet, \
      'preparing' while its prepare hook runs, 'failed' if that hook failed, and 'bad' if its \
      switch failed, if it was rolled back, or if it was marked bad. It also says which release \
      is 'live' and which one is the 'rollback' target.
      """,
      "With --quiet it prints only the IDs, one per line.",
    ],
    options: [
      Option(
        .describe, remote: true,
        help: "With --quiet, print ref, state and age after each ID and a tab, for completions")
    ],
    examples: [
      ("releases list", "Show the releases as a table"),
      ("releases list --json", "Print the releases for a script"),
    ],
    synonyms: ["ls", "releases", "versions"],
    run: { (invocation, context) throws(ReleasesError) in
      let store = try context.openStore()
      let environment = try context.environment()
      let report = ListReport(
        try StoreState(store, environment), reader: context.reader)
      let now = environment.actor.now()
      let isDescribed = invocation.flag(.describe)
      let ids = report.releases.map { release in
        release.id + (isDescribed ? "\t" + release.description(now: now) : "") + "\n"
      }
      return CommandResult(report, quietText: ids.joined()) { report.text($0, now: now) }
    })
}
