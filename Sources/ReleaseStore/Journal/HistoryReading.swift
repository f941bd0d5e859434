internal import Linux
package import ReleaseModel
internal import StoreSupport
internal import Text

// The readers of the history. None of them needs memory for more than what it returns.

extension HistoryFile {
  /// Reads the whole history; an absent file is an empty history.
  ///
  /// - Throws: an error when a file can't be read.
  package func read() throws(ReleasesError) -> History {
    var history = History()
    try reading { files throws(SystemError) in
      try files.forEachLine { line, position in
        if let entry = line?.entry {
          history.entries.append(entry)
        } else {
          history.corrupt.append(position())
        }
      }
    }
    return history
  }

  /// Reads the newest entries.
  ///
  /// - Parameter limit: the maximum number of entries.
  /// - Returns: the entries, and the corrupt lines among them.
  /// - Throws: an error when a file can't be read.
  package func newest(_ limit: Int) throws(ReleasesError) -> History {
    var history = History()
    history.corrupt = try visitNewestFirst { entry in
      history.entries.append(entry)
      return history.entries.count < limit
    }
    history.entries.reverse()
    return history
  }

  /// Visits the entries, newest first, until `visit` returns false.
  ///
  /// - Returns: the corrupt lines among them, oldest first.
  /// - Throws: an error when a file can't be read.
  @discardableResult
  package func visitNewestFirst(
    _ visit: (JournalEntry) -> Bool
  ) throws(ReleasesError) -> CorruptLines {
    var corrupt = CorruptLines()
    try reading { files throws(SystemError) in
      try files.forEachLineFromEnd { line, position in
        if let entry = line?.entry { return visit(entry) }
        position().map { corrupt.append($0) }
        return true
      }
    }
    return corrupt.reversed()
  }

  /// Reads the entries about some releases.
  ///
  /// - Returns: the entries, oldest first.
  /// - Throws: an error when a file can't be read.
  package func entries(about ids: Set<ReleaseID>) throws(ReleasesError) -> History {
    var history = History()
    if ids.isEmpty { return history }
    try reading { files throws(SystemError) in
      try files.forEachLine(
        where: { line in
          HistoryLine.text("id", in: line).flatMap { ReleaseID($0) }.map(ids.contains) ?? false
        }
      ) { line, _ in
        if let entry = line?.entry { history.entries.append(entry) }
      }
    }
    return history
  }

  /// Reads the entries that the process of an attempt began.
  ///
  /// - Returns: the entries, oldest first.
  /// - Throws: an error when a file can't be read.
  package func entries(begunBy attempt: Attempt) throws(ReleasesError) -> [JournalEntry] {
    var entries: [JournalEntry] = []
    let start = Array("\"processStart\":\(attempt.processStart)".utf8)
    try reading { files throws(SystemError) in
      try files.forEachLine(
        where: { line in start.withUnsafeBytes { line.firstOffset(of: $0) != nil } }
      ) { line, _ in
        if let entry = line?.entry, attempt.began(entry) { entries.append(entry) }
      }
    }
    return entries
  }

  /// Visits the entries as JSON, newest first, until `visit` returns false. It is as if each had been
  /// decoded and encoded again, which takes much longer.
  ///
  /// - Returns: the corrupt lines among them, oldest first.
  /// - Throws: an error when a file can't be read.
  package func visitDocuments(
    _ visit: ([UInt8]) -> Bool
  ) throws(ReleasesError) -> CorruptLines {
    var corrupt = CorruptLines()
    try reading { files throws(SystemError) in
      try files.forEachLineFromEnd { line, position in
        if let document = line?.document { return visit(document) }
        position().map { corrupt.append($0) }
        return true
      }
    }
    return corrupt.reversed()
  }

  /// Counts the entries. What the rotated files contain was counted when they were rotated.
  ///
  /// - Throws: an error when a file can't be read.
  package func tally() throws(ReleasesError) -> HistoryTally {
    try reading { files throws(SystemError) in
      let rotated = RotatedTally.read(store)
      var tally = rotated?.tally ?? HistoryTally()
      try tally.add(files, files.numbers(after: rotated?.file, isRotatedOnly: false))
      return tally
    }
  }

  /// Counts the lines of the rotated files that `history.json` lacks, because it was removed or its
  /// writing failed.
  ///
  /// - Returns: the tally; nil when none is missing.
  /// - Throws: an error when a file can't be read.
  func missingTally() throws(ReleasesError) -> RotatedTally? {
    try reading { files throws(SystemError) in
      guard let newest = files.rotated.last else { return nil }
      let rotated = RotatedTally.read(store)
      if let rotated, !rotated.file.comesBefore(newest) { return nil }
      var tally = rotated?.tally ?? HistoryTally()
      try tally.add(files, files.numbers(after: rotated?.file, isRotatedOnly: true))
      return RotatedTally(file: newest, tally: tally)
    }
  }

  private func reading<Result>(
    _ body: (HistoryFiles) throws(SystemError) -> Result
  ) throws(ReleasesError) -> Result {
    try withErrorMessage("can't read the history") { () throws(SystemError) in
      try body(try HistoryFiles(store))
    }
  }
}
