extension Command {
  static let history = Command(
    name: "history",
    summary: "list what was done to the store, by whom and how it ended",
    group: .look,
    details: [
      """
      One line for every transaction, newest first, also for those that failed and for links that \
      were moved by hand. It reads without a lock.
      """
    ],
    options: [
      Option(.limit, Value("N", .number), help: "print no more than this many, the newest")
    ],
    examples: [
      ("releases history --limit 10", "the last ten transactions")
    ],
    run: decline)
}
