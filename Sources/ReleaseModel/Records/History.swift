/// The history of the store, or a part of it: the content of `history.jsonl` and of the files that
/// were rotated.
package struct History: Sendable {
  /// The entries, oldest first.
  package var entries: [JournalEntry] = []
  /// The corrupt lines that were found.
  package var corrupt = CorruptLines()

  package init(entries: [JournalEntry] = [], corrupt: CorruptLines = CorruptLines()) {
    self.entries = entries
    self.corrupt = corrupt
  }
}

/// The corrupt lines of the history, oldest first. All of them are counted and the first thousand that
/// were found are kept, because a file may consist of nothing else.
package struct CorruptLines: Equatable, Sendable {
  /// The maximum number of positions that are kept.
  package static let limit = 1000

  /// How many lines are corrupt.
  package private(set) var count = 0
  /// The oldest corrupt line; nil when there is none.
  package private(set) var oldest: HistoryPosition?
  /// The positions that are kept.
  package private(set) var positions: [HistoryPosition] = []
  private var newest: HistoryPosition?

  /// - Parameter positions: the lines, oldest first.
  package init(_ positions: [HistoryPosition] = []) {
    for position in positions { append(position) }
  }

  /// Adds a line that is newer than those before.
  package mutating func append(_ position: HistoryPosition) {
    count += 1
    oldest = oldest ?? position
    newest = position
    if positions.count < Self.limit { positions.append(position) }
  }

  /// Returns the lines in the order from the oldest to the newest, when they were added from the newest
  /// to the oldest.
  package func reversed() -> CorruptLines {
    var lines = self
    (lines.oldest, lines.newest) = (newest, oldest)
    lines.positions.reverse()
    return lines
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
