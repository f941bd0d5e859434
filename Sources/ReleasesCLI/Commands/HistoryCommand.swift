internal import CommandLineKit
internal import ReleaseModel
internal import ReleaseStore

/// How many entries are printed as text, unless the user gives a number.
private let textLimit = 1000

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
      """,
      """
      Without --limit, the text ends after the newest 1000 transactions; with --json, all are printed.
      """,
    ],
    options: [
      Option(
        .limit, Value("N", .number), remote: true,
        help: "Maximum number of entries to print (default: 1000; with --json, all)")
    ],
    examples: [
      ("releases history --limit 10", "List the last ten transactions")
    ],
    synonyms: ["audit", "events"],
    run: { (invocation, context) throws(ReleasesError) in
      let store = try context.openStore()
      var limit = try invocation.positive(.limit)
      if limit == nil, invocation.format != .json { limit = textLimit }
      var history: History
      var hasOlder = false
      if let limit {
        // One more entry shows whether some are left out.
        history = try store.history.newest(limit < .max ? limit + 1 : limit)
        hasOlder = history.entries.count > limit
        history.entries = history.entries.suffix(limit)
      } else {
        history = try store.history.read()
      }
      if let first = history.corrupt.first {
        context.notices.warn(
          """
          skipped \(counted(history.corrupt.count, "corrupt line")) of the history, first at line \
          \(first.line) of \(first.file)
          """)
      }
      let report = HistoryReport(store: store.path, history, hasOlder: hasOlder)
      return CommandResult(report) { report.text($0) }
    })
}
