/// A record of the store whose numbers are checked when it is read. A record with numbers that this
/// program can't have written is corrupt, so sums and successors of its numbers can't overflow.
package protocol BoundedRecord {
  /// Whether every number is within ``RecordBounds``.
  var isWithinBounds: Bool { get }
}

/// The numbers that a record may contain.
package enum RecordBounds {
  /// The sequences of transactions. The first one is 1.
  package static let sequences: ClosedRange<UInt64> = 1...(1 << 62)
  /// The bytes of one release. The sum of those of 30,000 releases fits 64 bits.
  package static let bytes: ClosedRange<Int64> = 0...(1 << 48)
  /// The files of one release, and the lines of the history.
  package static let counts: ClosedRange<Int> = 0...(1 << 48)
}

extension JournalEntry: BoundedRecord {
  package var isWithinBounds: Bool { RecordBounds.sequences.contains(sequence) }
}

extension CatalogEntry: BoundedRecord {
  package var isWithinBounds: Bool {
    RecordBounds.sequences.contains(sequence)
      && activation.map(RecordBounds.sequences.contains) ?? true
      && RecordBounds.bytes.contains(bytes) && RecordBounds.counts.contains(files)
      && shared?.values.allSatisfy(RecordBounds.bytes.contains) ?? true
  }
}

extension HistoryTally: BoundedRecord {
  package var isWithinBounds: Bool {
    RecordBounds.counts.contains(entries) && RecordBounds.counts.contains(corruptLines)
      && outcomes.values.allSatisfy { $0.values.allSatisfy(RecordBounds.counts.contains) }
      && last.values.allSatisfy(\.isWithinBounds)
  }
}
