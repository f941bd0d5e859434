internal import CommandLineKit
internal import ReleaseModel
internal import ReleaseStore

extension Command {
  static let history = Command(
    name: "history",
    summary: "List past transactions and their outcomes",
    group: .inspect,
    roles: [.monitor],
    details: [
      """
      Prints one entry for each transaction, newest first, with its user and its outcome. This \
      includes failed transactions, and links that were moved by hand. Times are in the time zone of \
      the caller (TZ); JSON has them in UTC. The command takes no lock.
      """
    ],
    options: [
      Option(
        .limit, Value("N", .number), remote: true,
        help: "Maximum number of entries to print (default: all)")
    ],
    examples: [
      ("releases history --limit 10", "List the last ten transactions")
    ],
    synonyms: ["audit", "events"],
    run: { (invocation, context) throws(ReleasesError) in
      let store = try context.openStore()
      let history = try store.history.read()
      if let line = history.corruptLines.first {
        context.notices.warn(
          """
          skipped \(counted(history.corruptLines.count, "corrupt line")) of the history, first at \
          line \(line)
          """)
      }
      let limit = try invocation.positive(.limit) ?? Int.max
      let report = HistoryReport(
        store: store.path, entries: history.entries.reversed().prefix(limit).map { $0 },
        corruptLines: history.corruptLines)
      return CommandResult(report) { report.text($0) }
    })
}
