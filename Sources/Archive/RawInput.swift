internal import Linux

/// The archive's own bytes, each hashed and counted the moment it is read.
final class RawInput {
  private let descriptor: Descriptor
  private let buffer: UnsafeMutableRawBufferPointer
  private var unread: Range<Int> = 0..<0
  private var hash: SHA256? = SHA256()
  private var reachedEnd = false
  /// Bytes read so far.
  private(set) var count: Int64 = 0

  init(_ descriptor: borrowing Descriptor, bufferSize: Int = 256 << 10) throws(ArchiveError) {
    let raw = descriptor.raw
    self.descriptor = try system { () throws(SystemError) in try Descriptor.duplicate(raw) }
    buffer = .allocate(byteCount: bufferSize, alignment: 16)
  }

  deinit { buffer.deallocate() }

  /// What is there to use, at least one byte except at the end. Valid until the next call.
  func available() throws(ArchiveError) -> UnsafeRawBufferPointer {
    try peek(1)
  }

  /// What is there to use, at least `wanted` bytes except near the end.
  func peek(_ wanted: Int) throws(ArchiveError) -> UnsafeRawBufferPointer {
    while unread.count < wanted, !reachedEnd {
      if unread.lowerBound > 0 {
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[unread]))
        unread = 0..<unread.count
      }
      let room = UnsafeMutableRawBufferPointer(rebasing: buffer[unread.upperBound...])
      let got = try system { () throws(SystemError) in try descriptor.read(into: room) }
      hash?.update(UnsafeRawBufferPointer(rebasing: room[..<got]))
      count += Int64(got)
      unread = unread.lowerBound..<unread.upperBound + got
      reachedEnd = got == 0
    }
    return UnsafeRawBufferPointer(rebasing: buffer[unread])
  }

  func consume(_ count: Int) {
    unread = unread.lowerBound + count..<unread.upperBound
  }

  /// Consumes the rest, which must be padding.
  func expectOnlyZeros() throws(ArchiveError) {
    while true {
      let rest = try available()
      if rest.isEmpty { return }
      guard rest.allSatisfy({ $0 == 0 }) else { throw ArchiveError(.rejected(.trailingData)) }
      consume(rest.count)
    }
  }

  /// The digest of all that was read. Ends the computation.
  func finishDigest() -> Digest {
    guard let hash = hash.take() else { preconditionFailure("the digest was taken already") }
    return hash.finish()
  }
}
