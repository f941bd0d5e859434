internal import Linux

/// The two slots of `.releases/lock`.
///
/// They are allocated once and written in turn, in place, so that a full disk can't stop a commit
/// and a torn write leaves the slot before it. The highest sequence that checks out counts.
enum Journal {
  /// In bytes.
  static let slotSize = 4096
  static let size = Int64(slotSize * 2)
  /// More than an intent can grow by when it ends, in bytes: by a note, and by short members.
  private static let roomForAnEnd = JournalText.note + 512

  /// What the two slots say.
  enum Content: Equatable, Sendable {
    case entry(JournalEntry, slot: Int)
    /// No slot checks out.
    case invalid
    /// Some newer binary wrote this.
    case newer(format: Int)
  }

  /// One line of JSON, padded with spaces to the slot's size, so that `cat` shows it.
  ///
  /// Refuses an intent unless its end, however that comes, would fit too: what was begun could else
  /// never be closed, by recovery neither.
  static func slot(_ entry: JournalEntry) throws(ReleasesError) -> [UInt8] {
    let line = try SealedLine.seal(entry)
    var longest = line.count
    if entry.phase == .intent, longest > slotSize - roomForAnEnd {
      longest = try SealedLine.seal(longestEnd(of: entry)).count
    }
    guard longest < slotSize else {
      throw ReleasesError(
        .failed, "the journal's entry would have \(longest) bytes; its slot has \(slotSize)",
        hint: "the texts of the links \(Layout.current) and \(Layout.previous) are too long for it;"
          + " make them shorter: ln -sfn \(Layout.releases)/ID \(Layout.current)")
    }
    let padding = [UInt8](repeating: UInt8(ascii: " "), count: slotSize - 1 - line.count)
    return line + padding + [UInt8(ascii: "\n")]
  }

  private static func longestEnd(of intent: JournalEntry) -> JournalEntry {
    intent.ended(
      .finished, sequence: .max, at: intent.started,
      note: String(repeating: "x", count: JournalText.note))
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n")
  }

  /// Reads both slots out of the file's bytes; pure.
  static func parse(_ bytes: [UInt8]) -> Content {
    var best: (entry: JournalEntry, slot: Int)?
    var newest = Layout.format
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
    if newest > Layout.format { return .newer(format: newest) }
    guard let best else { return .invalid }
    return .entry(best.entry, slot: best.slot)
  }
}

extension Store {
  /// The journal's last entry, read without a lock; nil when it can't be read or does not check
  /// out, which the next command that changes something will settle.
  package func lastJournalEntry() throws(ReleasesError) -> JournalEntry? {
    guard let file = try? control.open(Layout.lock, [.noFollow, .nonBlocking]),
      let bytes = try? file.read(count: Int(Journal.size), at: 0)
    else { return nil }
    switch Journal.parse(bytes) {
    case .entry(let entry, _): return entry
    case .newer(let format): throw newerStore(format: format)
    case .invalid: return nil
    }
  }
}

extension Store {
  /// Whether this user may read the journal, which is for the owner of the store and its group.
  package var journalIsOurs: Bool {
    do throws(SystemError) {
      _ = try control.open(Layout.lock, [.noFollow, .nonBlocking])
      return true
    } catch {
      return !error.errno.isRefusal
    }
  }

  /// Nobody should be told that a journal is missing which they only may not read.
  func refuseUnlessJournalIsOurs() throws(ReleasesError) {
    guard !journalIsOurs else { return }
    throw ReleasesError(
      .permission, "the journal \(path(Layout.control, Layout.lock)) is only for its owner to read",
      hint: "run it as the owner of the store, or with sudo")
  }
}

extension JournalEntry {
  /// Whether the process that wrote the entry still runs, as far as this user can see.
  package func writerIsAlive(bootID: String) -> Bool {
    guard bootID == self.bootID else { return false }
    guard let start = ProcessFacts.startTime(of: pid) else { return ProcessFacts.isHidden(pid) }
    return start == processStart
  }
}
