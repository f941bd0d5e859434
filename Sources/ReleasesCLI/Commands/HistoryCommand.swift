internal import CommandLineKit
internal import Linux
internal import ReleaseModel
internal import ReleaseStore

extension Command {
  static let history = Command(
    name: "history",
    summary: "list what was done to the store, by whom and how it ended",
    group: .look,
    roles: [.monitor],
    details: [
      """
      One entry for every transaction, newest first, also for those that failed and for links that \
      were moved by hand. It reads without a lock.
      """
    ],
    options: [
      Option(
        .limit, Value("N", .number), remote: true, help: "print no more than this many, the newest")
    ],
    examples: [
      ("releases history --limit 10", "the last ten transactions")
    ],
    run: { (invocation, context) throws(ReleasesError) in
      let store = try context.openStore()
      let history = try store.history.read()
      if let line = history.corruptLines.first {
        context.notices.warn(
          """
          \(counted(history.corruptLines.count, "corrupt line")) in the history, the first is line \
          \(line); left out
          """)
      }
      let limit = try invocation.positive(.limit) ?? Int.max
      let report = HistoryReport(
        store: store.path, entries: history.entries.reversed().prefix(limit).map { $0 },
        corruptLines: history.corruptLines)
      return CommandResult(report) { report.text($0) }
    })
}
