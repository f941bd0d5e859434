internal import ReleaseModel

/// A line of the history whose members are found without decoding the JSON, which takes much longer.
///
/// The text `,"name":"` can't be inside a string, where its quotation marks would be escaped, and
/// the objects inside an entry have no members with the names that are looked for.
struct HistoryLine {
  /// The line without its newline.
  let bytes: UnsafeRawBufferPointer

  /// - Returns: nil for a line that fails its checksum.
  init?(_ bytes: UnsafeRawBufferPointer?) {
    guard let bytes, SealedLine.isSealed(bytes) else { return nil }
    self.bytes = bytes
  }

  /// The operation; nil when this binary does not know it.
  var operation: JournalEntry.Operation? {
    text("operation").flatMap { JournalEntry.Operation(rawValue: $0) }
  }

  /// The outcome; nil when this binary does not know it, or there is none.
  var outcome: JournalEntry.Outcome? {
    text("outcome").flatMap { JournalEntry.Outcome(rawValue: $0) }
  }

  /// The release that the operation is about.
  var id: ReleaseID? { text("id").flatMap { ReleaseID($0) } }

  /// The whole entry; nil when this binary can't decode it.
  var entry: JournalEntry? { SealedLine.open(JournalEntry.self, bytes) }

  /// Returns the text of a member; nil when there is none.
  private func text(_ name: StaticString) -> String? {
    let name = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
    let quote = UInt8(ascii: "\"")
    var position = 0
    // A quotation mark, the name, and three more characters.
    while position + 1 + name.count + 3 <= bytes.count {
      guard let mark = bytes[position...].firstIndex(of: quote) else { return nil }
      position = mark + 1
      guard mark > 0, bytes[mark - 1] == UInt8(ascii: ",") || bytes[mark - 1] == UInt8(ascii: "{"),
        bytes[position...].starts(with: name)
      else { continue }
      let rest = bytes[(position + name.count)...]
      guard rest.starts(with: #"":""#.utf8) else { continue }
      return String(decoding: rest.dropFirst(3).prefix { $0 != quote }, as: UTF8.self)
    }
    return nil
  }
}
