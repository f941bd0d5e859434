internal import Linux
package import ReleaseModel
internal import StoreSupport
internal import Text

/// The history in `.releases/history.jsonl`: one line per transaction. Older lines are in the files
/// that ``rotate()`` makes.
package struct HistoryFile: Sendable {
  let store: Store
}

extension Store {
  /// The history.
  package var history: HistoryFile { HistoryFile(store: self) }
}

extension HistoryFile {
  /// The end of the history.
  package struct End: Sendable {
    /// The sequence of the last complete line; nil when there is none.
    package var sequence: UInt64?
    /// The offset of the end of that line in bytes. The journal still contains the entry of a torn
    /// line after it.
    package var completeBytes: Int64 = 0
    /// Whether a torn line follows.
    package var isTorn = false
  }

  /// Reads the end of the history.
  ///
  /// - Throws: an error when the file can't be read.
  package func end() throws(ReleasesError) -> End {
    try withErrorMessage("can't read the history") { () throws(SystemError) in
      do throws(SystemError) {
        let file = try store.control.openStoreFile(Layout.history, .history)
        return try end(of: file, size: file.status().size)
      } catch let error where error.errno == .noEntry {
        return End()
      }
    }
  }

  /// Finds the last complete line before an offset.
  ///
  /// - Throws: `SystemError` when the file can't be read.
  private func end(of file: borrowing Descriptor, size: Int64) throws(SystemError) -> End {
    let start = max(0, size - Int64(JournalSlots.slotSize * 2))
    let tail = try file.read(count: Int(size - start), at: start)
    let newline = UInt8(ascii: "\n")
    func lastLine(before end: Int) -> ArraySlice<UInt8>? {
      guard let last = tail[..<end].lastIndex(where: { $0 != newline }) else { return nil }
      let before = tail[..<last].lastIndex(of: newline)
      return tail[(before.map { $0 + 1 } ?? 0)...last]
    }
    var complete = (tail.lastIndex(of: newline) ?? -1) + 1
    var line = lastLine(before: complete)
    // A line that contains a NUL was lost in a crash, even though the end of the file was written.
    while let torn = line, torn.contains(0) {
      complete = torn.startIndex
      line = lastLine(before: complete)
    }
    return End(
      sequence: line.flatMap { SealedLine.open(JournalEntry.self, $0)?.sequence },
      completeBytes: start + Int64(complete), isTorn: complete < tail.count)
  }

  /// Removes a torn last line.
  ///
  /// - Throws: an error when the file can't be read or truncated.
  package func cutTornLine() throws(ReleasesError) {
    guard try end().isTorn else { return }
    try withErrorMessage("can't repair the history") { () throws(SystemError) in
      let file = try store.control.openStoreFile(Layout.history, .history, .readWrite)
      var end = try end(of: file, size: file.status().size)
      // After a crash, the torn part may be longer than what one read of the end covers.
      var length = end.completeBytes
      while end.isTorn {
        length = end.completeBytes
        end = try self.end(of: file, size: length)
      }
      try file.truncate(to: length)
    }
  }

  /// Makes the appended lines durable. An absent history is durable.
  ///
  /// - Throws: an error with ``ReleasesError/isLostWrite`` when the flush fails.
  package func flush() throws(ReleasesError) {
    try withErrorMessage("can't flush the history") { () throws(SystemError) in
      do throws(SystemError) {
        try store.control.openStoreFile(Layout.history, .history, [.writeOnly, .append])
          .syncData()
      } catch let error where error.errno == .noEntry {
        return
      }
    }
  }

  /// Appends a line. The journal contains the entry too until the next change, which flushes the
  /// history.
  ///
  /// - Throws: an error when it can't be written.
  package func append(_ entry: JournalEntry) throws(ReleasesError) {
    let line = try SealedLine.seal(entry) + [UInt8(ascii: "\n")]
    try withErrorMessage("can't append to the history") { () throws(SystemError) in
      let file = try store.control.openStoreFile(
        Layout.history, .history, [.writeOnly, .append, .create])
      try file.write(line)
      try file.close()
    }
  }
}
