/// The archive's bytes after decompression.
///
/// One frame after the other, as `cat a.gz b.gz` makes them; each one's own checksum and trailer is
/// checked by its decoder. After the last one only zeros may follow.
final class DecodedInput {
  private let raw: RawInput
  private let compression: Compression
  private let decoder: any FrameDecoder
  private let buffer: UnsafeMutableRawBufferPointer
  private var unread: Range<Int> = 0..<0
  private var isInFrame = true

  init(_ raw: RawInput, _ compression: Compression) throws(ArchiveError) {
    self.raw = raw
    self.compression = compression
    decoder = try compression.makeDecoder()
    buffer = .allocate(byteCount: 256 << 10, alignment: 16)
  }

  deinit { buffer.deallocate() }

  /// What is there to use, at least one byte except at the end. Valid until the next call.
  func available() throws(ArchiveError) -> UnsafeRawBufferPointer {
    if compression == .none { return try raw.available() }
    while unread.isEmpty, try isMoreExpected() {
      let input = try raw.available()
      let step = try decoder.decode(input, into: buffer)
      raw.consume(step.consumed)
      unread = 0..<step.produced
      isInFrame = !step.isFrameComplete
      if isInFrame, step.consumed == 0, step.produced == 0 {
        throw input.isEmpty ? ArchiveError(.truncated) : compression.damaged
      }
    }
    return UnsafeRawBufferPointer(rebasing: buffer[unread])
  }

  func consume(_ count: Int) {
    if compression == .none { return raw.consume(count) }
    unread = unread.lowerBound + count..<unread.upperBound
  }

  private func isMoreExpected() throws(ArchiveError) -> Bool {
    if isInFrame { return true }
    let next = try raw.peek(Compression.magicSize)
    guard compression.isMagic(next) else {
      try raw.expectOnlyZeros()
      return false
    }
    try decoder.startFrame()
    isInFrame = true
    return true
  }
}

extension DecodedInput {
  /// Exactly this many bytes.
  func read(_ count: Int) throws(ArchiveError) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    try forEachChunk(of: Int64(count)) { bytes.append(contentsOf: $0) }
    return bytes
  }

  /// Exactly this many bytes, as they come.
  func forEachChunk(
    of count: Int64, _ body: (UnsafeRawBufferPointer) throws(ArchiveError) -> Void
  ) throws(ArchiveError) {
    var rest = count
    while rest > 0 {
      let chunk = try available()
      if chunk.isEmpty { throw ArchiveError(.truncated) }
      let used = Int(min(rest, Int64(chunk.count)))
      try body(UnsafeRawBufferPointer(rebasing: chunk[..<used]))
      consume(used)
      rest -= Int64(used)
    }
  }

  /// Reads to the very end, which must be padding.
  func expectOnlyZeros() throws(ArchiveError) {
    while true {
      let rest = try available()
      if rest.isEmpty { return }
      guard rest.allSatisfy({ $0 == 0 }) else { throw ArchiveError(.rejected(.trailingData)) }
      consume(rest.count)
    }
  }
}
