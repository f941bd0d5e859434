internal import Linux

/// The raw bytes of the archive, counted as they are read.
final class RawInput {
  private let descriptor: Descriptor
  private let buffer: UnsafeMutableRawBufferPointer
  private var unread: Range<Int> = 0..<0
  private var reachedEnd = false
  /// The zeros at the end of what has been read so far.
  private(set) var tail = ZeroTail()
  /// The number of bytes that have been read so far.
  var count: Int64 { tail.count }

  init(_ descriptor: borrowing Descriptor, bufferSize: Int = 256 << 10) throws(ArchiveError) {
    let raw = descriptor.raw
    self.descriptor = try withArchiveError { () throws(SystemError) in
      try Descriptor.duplicate(raw)
    }
    buffer = .allocate(byteCount: bufferSize, alignment: 16)
  }

  deinit { buffer.deallocate() }

  /// Returns the next bytes, or none at the end. They are valid until the next call.
  ///
  /// - Throws: `ArchiveError` when the input can't be read.
  func nextBlock() throws(ArchiveError) -> UnsafeRawBufferPointer {
    let block = try peek(1)
    unread = unread.upperBound..<unread.upperBound
    return block
  }

  /// Skips a number of bytes.
  ///
  /// - Throws: `ArchiveError` when the input has fewer.
  func skip(_ count: Int64) throws(ArchiveError) {
    var rest = count
    while rest > 0 {
      let found = try peek(1).count
      if found == 0 { throw ArchiveError(.truncated) }
      let step = Int(min(Int64(found), rest))
      unread = unread.lowerBound + step..<unread.upperBound
      rest -= Int64(step)
    }
  }

  /// Returns the bytes that `nextBlock` will return: at least `wanted` ones, or all at the end.
  ///
  /// - Throws: `ArchiveError` when the input can't be read.
  func peek(_ wanted: Int) throws(ArchiveError) -> UnsafeRawBufferPointer {
    while unread.count < wanted, !reachedEnd {
      if unread.lowerBound > 0 {
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[unread]))
        unread = 0..<unread.count
      }
      let room = UnsafeMutableRawBufferPointer(rebasing: buffer[unread.upperBound...])
      let got = try withArchiveError { () throws(SystemError) in try descriptor.read(into: room) }
      let bytes = UnsafeRawBufferPointer(rebasing: room[..<got])
      tail.append(bytes)
      unread = unread.lowerBound..<unread.upperBound + got
      reachedEnd = got == 0
    }
    return UnsafeRawBufferPointer(rebasing: buffer[unread])
  }
}
