/// What the lines of the history add up to.
package struct HistoryTally: Codable, Equatable, Sendable {
  /// The number of valid lines.
  package private(set) var entries = 0
  /// The number of entries by operation and outcome.
  package private(set) var outcomes: [String: [String: Int]] = [:]
  /// The last entry of each operation.
  package var last: [String: JournalEntry] = [:]
  /// The number of corrupt lines.
  package private(set) var corruptLines = 0
  /// The first corrupt line.
  package private(set) var firstCorrupt: HistoryPosition?

  package init() {}

  /// Counts an entry.
  package mutating func count(
    _ operation: JournalEntry.Operation, _ outcome: JournalEntry.Outcome?
  ) {
    entries += 1
    outcomes[operation.rawValue, default: [:]][outcome?.rawValue ?? "", default: 0] += 1
  }

  /// Counts a corrupt line.
  package mutating func countCorrupt(_ position: @autoclosure () -> HistoryPosition) {
    corruptLines += 1
    if firstCorrupt == nil { firstCorrupt = position() }
  }
}
