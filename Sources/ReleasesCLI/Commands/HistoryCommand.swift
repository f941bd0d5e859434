internal import CommandLineKit
internal import ReleaseModel
internal import ReleaseStore
internal import Text

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
      Prints one entry for each transaction, newest first, with its user and its outcome. A deploy has \
      two entries: 'publish', when its archive became a release, and 'activate', when that release \
      went live. With --verbose, each entry has the command line that was typed, for which a narrow \
      terminal leaves out the notes; JSON has it in 'asked'. The list includes failed \
      transactions, and links that were moved by hand. Times are in the time zone of the caller \
      (TZ); JSON has them in UTC. The command takes no lock.
      """,
      """
      Without --limit, the text ends after the newest 1000 transactions; with --json, all are printed.
      """,
    ],
    options: [
      Option(
        .limit, Value("N", .number), remote: true,
        help: "Maximum number of entries to print (default: 1000; with --json, all)"),
      Option(
        .verbose, short: "v", remote: true, help: "Print the command line of each transaction, too"),
    ],
    examples: [
      ("releases history --limit 10", "List the last ten transactions"),
      ("releases history --verbose", "See which command made each change"),
    ],
    synonyms: ["audit", "events"],
    run: { (invocation, context) throws(ReleasesError) in
      let store = try context.openStore()
      let limit = try invocation.positive(.limit)
      if invocation.format == .json { return try document(of: store, limit, context.notices) }
      // One more entry shows whether some are left out.
      let shown = limit ?? textLimit
      var history = try store.history.newest(shown < .max ? shown + 1 : shown)
      let hasOlder = history.entries.count > shown
      history.entries = history.entries.suffix(shown)
      warn(of: history.corrupt, context.notices)
      let report = HistoryReport(store: store.path, history, hasOlder: hasOlder)
      let isVerbose = invocation.flag(.verbose)
      return CommandResult(report) { report.text($0, isVerbose: isVerbose) }
    })
}

/// Returns the result that writes the JSON document.
private func document(
  of store: Store, _ limit: Int?, _ notices: Notices
) throws(ReleasesError) -> CommandResult {
  // What can't be read is reported before the document begins.
  _ = try store.history.newest(1)
  var result = CommandResult(HistoryReport(store: store.path, History())) { _ in "" }
  result.document = { write throws(ReleasesError) in
    warn(of: try HistoryDocument(store: store, limit: limit).write(write), notices)
  }
  return result
}

private func warn(of corrupt: CorruptLines, _ notices: Notices) {
  guard let first = corrupt.oldest else { return }
  notices.warn(
    """
    skipped \(counted(corrupt.count, "corrupt line")) of the history, first at line \(first.line) \
    of \(first.file)
    """)
}
