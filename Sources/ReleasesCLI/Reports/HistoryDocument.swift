private import FoundationEssentials
internal import ReleaseModel
internal import ReleaseStore
internal import TerminalUI
internal import Text

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
      piece += Self.withoutSecretsInLinks(entry)
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

  /// Returns an entry as it may be shown. The texts of links to places that are no releases are in the
  /// history as they are, since recovery needs them.
  private static func withoutSecretsInLinks(_ entry: [UInt8]) -> [UInt8] {
    let names = [Layout.current, Layout.previous].map { Array("\"\($0)\":\"".utf8) }
    let ownTarget = Array("\(Layout.releases)/".utf8)
    let mayBeForeign = entry.indices.contains { index in
      entry[index] == UInt8(ascii: "\"")
        && names.contains {
          entry[index...].starts(with: $0) && !entry[(index + $0.count)...].starts(with: ownTarget)
        }
    }
    guard mayBeForeign,
      case .object(var members)? = try? StoreJSON.decoder().decode(
        JSONValue.self, from: Data(entry))
    else { return entry }
    for key in ["before", "after"] {
      guard case .object(let links)? = members[key] else { continue }
      members[key] = .object(
        links.mapValues { link in link.text.map { .text(Message("\(path: $0)").text) } ?? link })
    }
    return (try? StoreJSON.encoder().encode(JSONValue.object(members))).map { Array($0) } ?? entry
  }
}
