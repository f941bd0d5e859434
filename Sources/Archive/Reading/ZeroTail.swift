/// Tells where a stream's bytes end and nothing but zeros follows.
struct ZeroTail: Equatable {
  /// Bytes seen.
  private(set) var count: Int64 = 0
  /// Where the zeros begin that the stream ends in: behind the last byte that is none.
  private(set) var start: Int64 = 0

  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    if let last = bytes.lastIndex(where: { $0 != 0 }) { start = count + Int64(last) + 1 }
    count += Int64(bytes.count)
  }

  /// Throws unless the stream holds only zeros from `end` on, at least `marker` of them.
  func check(from end: Int64, marker: Int64) throws(ArchiveError) {
    if start > end { throw ArchiveError(.rejected(.trailingData)) }
    if count - end < marker { throw ArchiveError(.truncated) }
  }
}
