internal import ReleaseModel
internal import ReleaseStore
internal import TerminalUI

/// The JSON document of `history`. It is written while the history is read, so that a long one takes
/// no memory, and a reader such as head(1) need not wait for its end.
struct HistoryDocument {
  let store: Store
  /// The maximum number of entries; nil for all.
  let limit: Int?

  /// The size in bytes from which a piece is written.
  private static let pieceSize = 1 << 16

  /// Writes the document.
  ///
  /// - Parameter write: writes a piece and returns whether to go on.
  /// - Returns: the corrupt lines among the entries, oldest first.
  /// - Throws: an error when the history can't be read.
  func write(_ write: (String) -> Bool) throws(ReleasesError) -> CorruptLines {
    var piece = Array(#"{"entries":["#.utf8)
    var (count, hasOlder, goesOn) = (0, false, true)
    let corrupt = try store.history.visitDocuments { entry in
      if count == limit {
        hasOlder = true
        return false
      }
      if count > 0 { piece.append(UInt8(ascii: ",")) }
      count += 1
      piece += entry
      if piece.count >= Self.pieceSize {
        goesOn = write(printableJSON(String(decoding: piece, as: UTF8.self)))
        piece.removeAll(keepingCapacity: true)
      }
      return goesOn
    }
    guard goesOn else { return CorruptLines() }
    let rest = HistoryReport(
      store: store.path, History(corrupt: corrupt), hasOlder: hasOlder)
    // The other members follow the entries.
    let text = try json(rest).dropFirst()
    _ = write(printableJSON(String(decoding: piece, as: UTF8.self)) + "]," + text)
    return corrupt
  }
}
