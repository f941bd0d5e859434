/// What `history.jsonl` says.
package struct History: Sendable {
  /// Oldest first.
  package var entries: [JournalEntry] = []
  /// Lines that do not check out, numbered from 1.
  package var corruptLines: [Int] = []

  package init(entries: [JournalEntry] = [], corruptLines: [Int] = []) {
    self.entries = entries
    self.corruptLines = corruptLines
  }
}
