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

  /// Counts entries.
  ///
  /// - Parameters:
  ///   - operation: what they did.
  ///   - outcome: how they ended; nil when that is not known.
  ///   - count: how many there are.
  package mutating func count(
    _ operation: JournalEntry.Operation, _ outcome: JournalEntry.Outcome?, times count: Int = 1
  ) {
    entries += count
    outcomes[operation.rawValue, default: [:]][outcome?.rawValue ?? "", default: 0] += count
  }

  /// Adds the tally of newer lines.
  package mutating func add(_ newer: HistoryTally) {
    entries += newer.entries
    outcomes.merge(newer.outcomes) { $0.merging($1, uniquingKeysWith: +) }
    last.merge(newer.last) { $1 }
    corruptLines += newer.corruptLines
    firstCorrupt = firstCorrupt ?? newer.firstCorrupt
  }

  /// Counts a corrupt line.
  package mutating func countCorrupt(_ position: @autoclosure () -> HistoryPosition) {
    corruptLines += 1
    if firstCorrupt == nil { firstCorrupt = position() }
  }
}
