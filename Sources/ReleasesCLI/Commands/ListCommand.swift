extension Command {
  static let list = Command(
    name: "list",
    summary: "list the releases, newest first",
    group: .look,
    details: [
      """
      Shows what is live, what was live before, what a rollback would choose, and what is broken, \
      pinned or half prepared. It reads without a lock: it never waits, and it never changes \
      anything.
      """,
      "With --quiet it prints the ids alone, one to a line.",
    ],
    examples: [
      ("releases list", "what is there, for people"),
      ("releases list --json", "the same for a script"),
    ],
    run: decline)
}
