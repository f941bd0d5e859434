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
        return try control.open(Layout.history, [.noFollow, .nonBlocking]).readAll()
      } catch let error where error.errno == .noEntry {
        return []
      }
    }
    return History.parse(bytes)
  }

  /// The end of the history: the sequence of its last whole line, and where that line ends.
  struct HistoryEnd: Sendable {
    var sequence: UInt64?
    /// Bytes after this were torn off a line; the journal still has what it said.
    var wholeBytes: Int64 = 0
    var isTorn = false
  }

  func historyEnd() throws(ReleasesError) -> HistoryEnd {
    let (tail, start) = try attempting("can't read the history") {
      () throws(SystemError) -> ([UInt8], Int64) in
      do throws(SystemError) {
        let file = try control.open(Layout.history, [.noFollow, .nonBlocking])
        let size = try file.status().size
        let start = max(0, size - Int64(Journal.slotSize * 2))
        return (try file.read(count: Int(size - start), at: start), start)
      } catch let error where error.errno == .noEntry {
        return ([], 0)
      }
    }
    let newline = UInt8(ascii: "\n")
    func lastLine(before end: Int) -> ArraySlice<UInt8>? {
      guard let last = tail[..<end].lastIndex(where: { $0 != newline }) else { return nil }
      let before = tail[..<last].lastIndex(of: newline)
      return tail[(before.map { $0 + 1 } ?? 0)...last]
    }
    var whole = (tail.lastIndex(of: newline) ?? -1) + 1
    var line = lastLine(before: whole)
    // The file grew and its end arrived, what was before that did not: no line of ours has a NUL.
    while let torn = line, torn.contains(0) {
      whole = torn.startIndex
      line = lastLine(before: whole)
    }
    return HistoryEnd(
      sequence: line.flatMap { SealedLine.open(JournalEntry.self, $0)?.sequence },
      wholeBytes: start + Int64(whole), isTorn: whole < tail.count)
  }

  /// Cuts a torn last line off.
  func cutTornHistory() throws(ReleasesError) {
    // What a file system leaves behind a line after a crash may be more than is looked at at once.
    while case let end = try historyEnd(), end.isTorn {
      try attempting("can't repair the history") { () throws(SystemError) in
        try control.open(Layout.history, [.readWrite, .noFollow, .nonBlocking])
          .truncate(to: end.wholeBytes)
      }
    }
  }

  /// Makes durable what was appended; an absent history is.
  func flushHistory() throws(ReleasesError) {
    try attempting("can't flush the history") { () throws(SystemError) in
      do throws(SystemError) {
        try control.open(Layout.history, [.writeOnly, .append, .noFollow, .nonBlocking]).syncData()
      } catch let error where error.errno == .noEntry {
        return
      }
    }
  }

  /// Appends a line. The journal has it too until the next change, which flushes it.
  func appendHistory(_ entry: JournalEntry) throws(ReleasesError) {
    let line = try SealedLine.seal(entry) + [UInt8(ascii: "\n")]
    try attempting("can't append to the history") { () throws(SystemError) in
      let file = try control.open(
        Layout.history, [.writeOnly, .append, .create, .noFollow, .nonBlocking], mode: 0o644)
      try file.write(line)
      try file.close()
    }
  }
}

extension History {
  static func parse(_ bytes: [UInt8]) -> History {
    var history = History()
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() where !line.isEmpty {
      if let entry = SealedLine.open(JournalEntry.self, line) {
        history.entries.append(entry)
      } else {
        history.damagedLines.append(index + 1)
      }
    }
    return history
  }
}
