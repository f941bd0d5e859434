internal import Linux
internal import ReleaseModel

/// A line of the history whose members are found without decoding the JSON, which takes much longer.
///
/// The text `,"name":"` can't be inside a string, where its quotation marks would be escaped, and
/// the objects inside an entry have no members with the names that are looked for.
struct HistoryLine {
  /// The line without its newline.
  let bytes: UnsafeRawBufferPointer

  // Bytes are compared, since making a text of each of a million lines takes longer.
  private static let operations = JournalEntry.Operation.allCases.map {
    (name: Array($0.rawValue.utf8), value: $0)
  }
  private static let outcomes = JournalEntry.Outcome.allCases.map {
    (name: Array($0.rawValue.utf8), value: $0)
  }

  /// - Returns: nil for a line that fails its checksum.
  init?(_ bytes: UnsafeRawBufferPointer?) {
    guard let bytes, SealedLine.isSealed(bytes) else { return nil }
    self.bytes = bytes
  }

  /// The operation; nil when this binary does not know it.
  var operation: JournalEntry.Operation? {
    Self.bytes("operation", in: bytes).flatMap { found in
      Self.operations.first { found.elementsEqual($0.name) }?.value
    }
  }

  /// The outcome; nil when this binary does not know it, or there is none.
  var outcome: JournalEntry.Outcome? {
    Self.bytes("outcome", in: bytes).flatMap { found in
      Self.outcomes.first { found.elementsEqual($0.name) }?.value
    }
  }

  /// Whether it is a switch that left a failed release live, as `--no-rollback` requests.
  var leftFailedReleaseLive: Bool {
    operation?.isSwitch == true && outcome == .done && text("verdict") == ReleaseState.bad.rawValue
  }

  /// The release that the operation is about.
  var id: ReleaseID? { text("id").flatMap { ReleaseID($0) } }

  /// The whole entry; nil when this binary can't decode it.
  var entry: JournalEntry? { SealedLine.open(JournalEntry.self, bytes) }

  /// The entry as JSON, without its checksum; nil when it is no JSON, or this binary does not know the
  /// operation or the outcome. It has the members that ``entry`` would be encoded to.
  var document: [UInt8]? {
    guard operation != nil, text("outcome") == nil || outcome != nil else { return nil }
    let body = SealedLine.body(of: bytes)
    return body.withUnsafeBytes { JSONSyntax.isValid($0) } ? body : nil
  }

  /// Returns the text of a member; nil when there is none.
  private func text(_ name: StaticString) -> String? { Self.text(name, in: bytes) }

  /// Returns the text of a member of a line, whose checksum need not have been verified; nil when
  /// there is none.
  static func text(_ name: StaticString, in bytes: UnsafeRawBufferPointer) -> String? {
    self.bytes(name, in: bytes).map { String(decoding: $0, as: UTF8.self) }
  }

  private static func bytes(
    _ name: StaticString, in bytes: UnsafeRawBufferPointer
  ) -> UnsafeRawBufferPointer? {
    let quote = UInt8(ascii: "\"")
    return withUnsafeTemporaryAllocation(byteCount: name.utf8CodeUnitCount + 4, alignment: 1) {
      opening in
      // A quotation mark, the name, and three more characters.
      opening[0] = quote
      UnsafeMutableRawBufferPointer(rebasing: opening[1...]).copyMemory(
        from: UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
      UnsafeMutableRawBufferPointer(rebasing: opening[(name.utf8CodeUnitCount + 1)...])
        .copyBytes(from: #"":""#.utf8)
      var position = 0
      while let mark = bytes.firstOffset(of: UnsafeRawBufferPointer(opening), from: position) {
        position = mark + opening.count
        guard mark > 0,
          bytes[mark - 1] == UInt8(ascii: ",") || bytes[mark - 1] == UInt8(ascii: "{")
        else { continue }
        guard let end = bytes.firstOffset(of: quote, from: position) else { return nil }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<end])
      }
      return nil
    }
  }
}
