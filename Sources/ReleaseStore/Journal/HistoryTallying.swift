internal import Linux
internal import ReleaseModel
internal import StoreSupport

/// The tally of the rotated files, in `.releases/history.json`. Without it they are read again.
struct RotatedTally: Codable {
  var format = Layout.format
  /// The name of the newest file that was counted.
  let file: String
  let tally: HistoryTally

  init(file: String, tally: HistoryTally) { (self.file, self.tally) = (file, tally) }

  /// Reads the tally of a store; nil when there is no valid one, or it can't be read.
  static func read(_ store: Store) -> RotatedTally? {
    let bytes: [UInt8]
    do throws(SystemError) {
      bytes = try store.control.readStoreFile(Layout.historyTally, .tally)
    } catch {
      // Whatever is in its place, the rotated files can be read again.
      return nil
    }
    let line = bytes.prefix { $0 != UInt8(ascii: "\n") }
    guard let found = SealedLine.open(RotatedTally.self, line), found.format == Layout.format,
      found.tally.isWithinBounds,
      Layout.isRotatedHistory(found.file)
    else { return nil }
    return found
  }
}

extension HistoryTally {
  /// Adds the lines of some files. A million lines take a second of one processor, so several threads
  /// share the files.
  ///
  /// - Parameters:
  ///   - files: the files.
  ///   - numbers: the numbers of the files to count.
  /// - Throws: `SystemError` when a file can't be read.
  mutating func add(_ files: HistoryFiles, _ numbers: Range<Int>) throws(SystemError) {
    let parts = max(1, min(numbers.count, HostFacts.usefulThreads))
    let results = Parallel.map(parts: parts) { part in
      stride(from: numbers.lowerBound + part, to: numbers.upperBound, by: parts).map { number in
        Result { () throws(SystemError) in try FileCounting(files, number).tally }
      }
    }
    for index in 0..<numbers.count { add(try results[index % parts][index / parts].get()) }
  }
}

/// Adds up the lines of one file.
private struct FileCounting {
  private typealias Operation = JournalEntry.Operation
  private typealias Outcome = JournalEntry.Outcome

  private struct Kind: Hashable {
    let operation: Operation
    let outcome: Outcome?
  }

  private(set) var tally = HistoryTally()

  /// - Throws: `SystemError` when the file can't be read.
  init(_ files: HistoryFiles, _ number: Int) throws(SystemError) {
    var tally = tally
    var counts: [Kind: Int] = [:]
    /// The last valid line of each operation.
    var last: [Operation: [UInt8]] = [:]
    try files.forEachLine(ofFile: number) { line, position in
      guard let line, let operation = line.operation else {
        return tally.countCorrupt(position())
      }
      let outcome = line.leftFailedReleaseLive ? .failed : line.outcome
      counts[Kind(operation: operation, outcome: outcome), default: 0] += 1
      last[operation] = Array(line.bytes)
    }
    for (kind, count) in counts { tally.count(kind.operation, kind.outcome, times: count) }
    for (operation, line) in last {
      tally.last[operation.rawValue] = SealedLine.open(JournalEntry.self, line)
    }
    self.tally = tally
  }
}
