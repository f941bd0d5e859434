internal import Linux
package import ReleaseModel
internal import StoreSupport

extension HistoryFile {
  /// How much is read at once, in bytes.
  private static let pieceSize: Int64 = 64 << 10
  /// How much is searched, in bytes: about 20,000 transactions.
  private static let searchLimit: Int64 = 16 << 20

  /// Finds the last switch of the history, from its end, so that it takes no longer when the history
  /// is long.
  ///
  /// - Returns: the end of the last switch, whatever its outcome; nil when the searched end of the
  ///   history has none, or it can't be read.
  package func lastSwitch() -> JournalEntry? {
    guard let file = try? store.control.open(Layout.history, [.noFollow, .nonBlocking]),
      let size = try? file.status().size
    else { return nil }
    var end = size
    /// The beginning of a line that ends in the piece that was read before.
    var rest: [UInt8] = []
    while end > 0, size - end < Self.searchLimit {
      let start = max(0, end - Self.pieceSize)
      guard let piece = try? file.read(count: Int(end - start), at: start) else { return nil }
      var lines = (piece + rest).split(
        separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      rest = start > 0 ? Array(lines.removeFirst()) : []
      for line in lines.reversed() {
        guard let entry = SealedLine.open(JournalEntry.self, line) else { continue }
        if entry.operation.isSwitch { return entry }
      }
      end = start
    }
    return nil
  }
}
