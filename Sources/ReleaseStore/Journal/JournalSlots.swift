internal import ReleaseModel
internal import Text

/// The two slots of `.releases/lock`.
///
/// They are allocated once and written alternately, in place, so that a full disk can't stop a
/// commit, and a torn write leaves the previous slot intact. The valid slot with the highest
/// sequence is the last entry.
enum JournalSlots {
  /// The size of a slot in bytes.
  static let slotSize = 4096
  /// The size of the file in bytes.
  static let size = Int64(slotSize * 2)
  /// The bytes that are reserved in an intent's slot for its end: for a note and short members.
  private static let spaceForEnding = JournalText.note + 512

  /// What the two slots contain.
  enum Content: Equatable, Sendable {
    case entry(JournalEntry, slot: Int)
    /// Neither slot is valid.
    case invalid
    /// A newer binary wrote a slot.
    case newer(format: Int)
  }

  /// Encodes an entry as one line of JSON, padded with spaces to the size of a slot, so that `cat`
  /// shows it.
  ///
  /// - Throws: `failed` for an entry that does not fit, or an intent whose end might not fit, so
  ///   that neither the command nor recovery could end the transaction.
  static func slot(
    _ entry: JournalEntry, storePath: String = "."
  ) throws(ReleasesError) -> [UInt8] {
    let line = try SealedLine.seal(entry)
    var longest = line.count
    if entry.phase == .intent, longest > slotSize - spaceForEnding {
      longest = try SealedLine.seal(longestEnd(of: entry)).count
    }
    guard longest < slotSize else {
      throw ReleasesError(
        .failed,
        "the journal entry needs \(longest) bytes, but its slot has only \(slotSize)",
        hint: shorteningHint(entry.before, storePath))
    }
    let padding = [UInt8](repeating: UInt8(ascii: " "), count: slotSize - 1 - line.count)
    return line + padding + [UInt8(ascii: "\n")]
  }

  /// Returns the hint to write the links as this program does, without detours.
  private static func shorteningHint(_ links: LinkPair, _ storePath: String) -> Hint {
    let ends = [(Layout.current, links.current), (Layout.previous, links.previous)]
    let commands = ends.compactMap { name, text in
      text?.nameComponents.last.flatMap { ReleaseID($0) }.map {
        "ln -sfn \(Layout.releases)/\($0) \("\(storePath)/\(name)".shellWord)"
      }
    }
    let text: Message = "shorten the targets of the links \(Layout.current) and \(Layout.previous)"
    return commands.isEmpty ? Hint(text) : Hint(text, shell: commands.joined(separator: " && "))
  }

  private static func longestEnd(of intent: JournalEntry) -> JournalEntry {
    intent.ended(
      .finished, sequence: .max, at: intent.started,
      note: Message(String(repeating: "x", count: JournalText.note)))
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n")
  }

  /// Decodes both slots from the content of the file.
  static func parse(_ bytes: [UInt8]) -> Content {
    var best: (entry: JournalEntry, slot: Int)?
    var newest = Layout.newestFormat
    for slot in 0..<2 where bytes.count >= (slot + 1) * slotSize {
      var end = (slot + 1) * slotSize
      while end > slot * slotSize, isBlank(bytes[end - 1]) { end -= 1 }
      let line = bytes[slot * slotSize..<end]
      guard let entry = SealedLine.open(JournalEntry.self, line) else {
        if let format = SealedLine.format(of: line) { newest = max(newest, format) }
        continue
      }
      newest = max(newest, entry.format)
      if best.map({ $0.entry.sequence < entry.sequence }) ?? true { best = (entry, slot) }
    }
    if newest > Layout.newestFormat { return .newer(format: newest) }
    guard let best else { return .invalid }
    return .entry(best.entry, slot: best.slot)
  }
}
