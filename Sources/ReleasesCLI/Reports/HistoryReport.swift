internal import ReleaseModel
internal import TerminalUI
internal import Text

/// The report of `history`: past transactions. ``HistoryDocument`` writes the entries of the JSON
/// document.
struct HistoryReport: Encodable, Sendable {
  var schema = 1
  let store: String
  /// The transactions, newest first.
  let entries: [JournalEntry]
  /// The line numbers of the corrupt lines in `history.jsonl` that are in `corrupt`.
  let corruptLines: [Int]
  /// The corrupt lines in all files of the history, of which at most 1000 are listed.
  let corrupt: [HistoryPosition]
  /// How many lines are corrupt.
  let corruptCount: Int
  /// Whether older transactions are left out.
  let hasOlder: Bool

  private enum CodingKeys: String, CodingKey {
    case schema, store
    case hasOlder = "older"
    case corruptLines = "damagedLines"
    case corrupt = "damaged"
    case corruptCount = "damagedCount"
  }

  init(store: String, _ history: History, hasOlder: Bool = false) {
    self.store = store
    entries = history.entries.reversed()
    corrupt = history.corrupt.positions
    corruptCount = history.corrupt.count
    corruptLines = corrupt.filter { $0.file == Layout.history }.map(\.line)
    self.hasOlder = hasOlder
  }

  /// Returns the report for people.
  ///
  /// - Parameters:
  ///   - style: how to print it.
  ///   - isVerbose: whether to print the command lines.
  /// - Returns: its lines.
  func text(_ style: Style, isVerbose: Bool = false) -> String {
    if entries.isEmpty { return "no transactions yet\n" }
    var columns: [Table.Column] = [
      .init(title: "WHEN"), .init(title: "WHAT"), .init(title: "RELEASE"),
      .init(title: "OUTCOME"), .init(title: "WHO", expendable: 1, widest: 20),
      .init(title: "NOTE", expendable: 2),
    ]
    if isVerbose { columns.append(.init(title: "COMMAND")) }
    var table = Table(columns: columns)
    for entry in entries {
      let isTrouble = !entry.isSuccess && entry.outcome != nil
      let cells: [Table.Cell] = [
        .init(verbatim: localTime(entry.finished ?? entry.started)),
        .init(verbatim: entry.operation.rawValue), .init(verbatim: entry.id?.text ?? ""),
        .init(verbatim: entry.outcomeText ?? "", emphasis: isTrouble ? .caution : .none),
        .init(verbatim: entry.user),
        .init(verbatim: entry.explanation),
      ]
      table.rows.append(cells + (isVerbose ? [.init(verbatim: entry.commandLine)] : []))
    }
    let rest =
      hasOlder
      ? style.sentence("older transactions are left out; a higher --limit prints more") : ""
    return table.rendered(style) + rest
  }
}

extension JournalEntry {
  /// How the operation ended, for people; nil when it has not ended. The transaction of a switch that
  /// failed and leaves its release live is done, but a reader must not take that for success.
  var outcomeText: String? {
    outcome == .done && !isSuccess ? "failed, still live" : outcome?.rawValue
  }

  /// The state that the release got; nil when the operation did not set it.
  var stateText: String? {
    switch (operation, newState) {
    case (_, nil): nil
    case (.mark, .ready?): "good"
    case (.activate, .ready?), (.rollback, .ready?): "no longer bad"
    case (_, let state?): state.rawValue
    }
  }

  /// The text beside the outcome: which release was live before, and the reasons.
  var explanation: String {
    let before = operation.isSwitch ? from.map { "\($0) was live" } : nil
    let reasons = [stateText, reason].compactMap { $0 }.joined(separator: ": ")
    // The note of a failed operation may be its reason.
    return [before, reasons.isEmpty ? nil : reasons, note == reason ? nil : note].compactMap { $0 }
      .joined(separator: "; ")
  }
}
