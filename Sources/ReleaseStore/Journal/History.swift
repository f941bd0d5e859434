internal import Linux

/// What `history.jsonl` says.
package struct History: Sendable {
  /// Oldest first.
  package var entries: [JournalEntry] = []
  /// Lines that do not check out, numbered from 1.
  package var damagedLines: [Int] = []
}

extension Store {
  /// Reads the whole history; an absent file is an empty one.
  package func history() throws(ReleasesError) -> History {
    let bytes = try attempting("can't read the history") { () throws(SystemError) in
      do throws(SystemError) {
        return try control.open(Layout.history, [.noFollow]).readAll()
      } catch where error.errno == .noEntry {
        return []
      }
    }
    return History.parse(bytes)
  }

  /// The sequence of the last line, under the lock. A last line without its newline was torn: it
  /// is cut off, since the journal still has what it said.
  func lastHistorySequence() throws(ReleasesError) -> UInt64? {
    let tail = try attempting("can't read the history") { () throws(SystemError) -> [UInt8] in
      do throws(SystemError) {
        let file = try control.open(Layout.history, [.readWrite, .noFollow])
        let size = try file.status().size
        let start = max(0, size - Int64(Journal.slotSize * 2))
        let bytes = try file.read(count: Int(size - start), at: start)
        let kept = (bytes.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1
        if kept < bytes.count, kept > 0 || start == 0 { try file.truncate(to: start + Int64(kept)) }
        return Array(bytes[..<kept])
      } catch where error.errno == .noEntry {
        return []
      }
    }
    guard let line = tail.split(separator: UInt8(ascii: "\n")).last else { return nil }
    return SealedLine.open(JournalEntry.self, line)?.sequence
  }

  /// Appends a line and makes it durable.
  func appendHistory(_ entry: JournalEntry) throws(ReleasesError) {
    let line = try SealedLine.seal(entry) + [UInt8(ascii: "\n")]
    try attempting("can't append to the history") { () throws(SystemError) in
      let file = try control.open(
        Layout.history, [.writeOnly, .append, .create, .noFollow], mode: 0o644)
      try file.write(line)
      try file.syncData()
      try file.close()
    }
  }
}

extension History {
  static func parse(_ bytes: [UInt8]) -> History {
    var history = History()
    for (index, line) in bytes.split(separator: UInt8(ascii: "\n")).enumerated() {
      if let entry = SealedLine.open(JournalEntry.self, line) {
        history.entries.append(entry)
      } else {
        history.damagedLines.append(index + 1)
      }
    }
    return history
  }
}
