/// The history of the store: the content of `history.jsonl`.
package struct History: Sendable {
  /// The entries, oldest first.
  package var entries: [JournalEntry] = []
  /// The numbers of the lines that are corrupt, from 1.
  package var corruptLines: [Int] = []

  package init(entries: [JournalEntry] = [], corruptLines: [Int] = []) {
    self.entries = entries
    self.corruptLines = corruptLines
  }
}
