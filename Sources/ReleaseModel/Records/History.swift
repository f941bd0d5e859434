/// The history of the store, or a part of it: the content of `history.jsonl` and of the files that
/// were rotated.
package struct History: Sendable {
  /// The entries, oldest first.
  package var entries: [JournalEntry] = []
  /// The corrupt lines that were found.
  package var corrupt: [HistoryPosition] = []

  package init(entries: [JournalEntry] = [], corrupt: [HistoryPosition] = []) {
    self.entries = entries
    self.corrupt = corrupt
  }
}

/// A line in a file of the history.
package struct HistoryPosition: Codable, Equatable, Sendable {
  /// The name of the file in `.releases`.
  package let file: String
  /// The number of the line, from 1.
  package let line: Int

  package init(file: String, line: Int) {
    self.file = file
    self.line = line
  }
}
