/// Finds the offset in a stream after which all bytes are zero.
struct ZeroTail: Equatable {
  /// The maximum padding in bytes. Tapes and archivers pad to blocks of a few MiB; a device or a sender
  /// may yield zeros for ever.
  private static let paddingLimit: Int64 = 64 << 20

  /// The number of bytes so far.
  private(set) var count: Int64 = 0
  /// The offset after the last byte that is not zero.
  private(set) var start: Int64 = 0

  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    if let last = bytes.lastIndex(where: { $0 != 0 }) { start = count + Int64(last) + 1 }
    count += Int64(bytes.count)
  }

  /// Checks, while what follows the archive is read, how long its padding is.
  ///
  /// - Parameter end: the offset of the end of the archive.
  /// - Throws: `ArchiveError` when the padding is too long.
  func checkPadding(from end: Int64) throws(ArchiveError) {
    if count - max(start, end) > Self.paddingLimit {
      throw ArchiveError(.rejected(.trailingData))
    }
  }

  /// Checks that the stream has only zeros from `end` on, and at least `marker` of them.
  ///
  /// - Throws: `ArchiveError` when other bytes follow, or there are fewer zeros.
  func check(from end: Int64, marker: Int64) throws(ArchiveError) {
    if start > end { throw ArchiveError(.rejected(.trailingData)) }
    if count - end < marker { throw ArchiveError(.truncated) }
  }
}
