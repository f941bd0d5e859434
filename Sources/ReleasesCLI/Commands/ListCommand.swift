internal import Linux
internal import ReleaseModel
internal import ReleaseStore

extension Command {
  static let list = Command(
    name: "list",
    summary: "list the releases, newest first",
    group: .look,
    roles: [.monitor],
    details: [
      """
      Shows what is live, what a rollback would choose, what is broken and why, and what is \
      pinned or not ready. Age counts from the publication. On a narrow terminal some columns are \
      left out; a pipe gets them all. Where releases share files, OWN is about what removing one \
      would free. It reads without a lock: it never waits, and it never changes anything.
      """,
      "With --quiet it prints the ids alone, one to a line.",
    ],
    examples: [
      ("releases list", "what is there, for people"),
      ("releases list --json", "the same for a script"),
    ],
    run: { (invocation, context) throws(ReleasesError) in
      let store = try context.openStore()
      let report = ListReport(store, try store.snapshot())
      let now = try context.actor().now()
      let ids = report.releases.map { $0.id + "\n" }.joined()
      return CommandResult(report, quietText: ids) { report.text($0, now: now) }
    })
}
