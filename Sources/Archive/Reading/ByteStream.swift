/// The bytes of an archive after decompression.
protocol ByteStream: AnyObject {
  /// The zeros at the end of what has been decoded so far.
  var tail: ZeroTail { get }
  /// Whether the bytes were compressed. It is known after the first call of ``nextBlock()``.
  var isCompressed: Bool { get }

  /// Returns the next bytes, or none at the end. They are valid until the next call.
  ///
  /// - Throws: `ArchiveError` when the input is corrupt or can't be read.
  func nextBlock() throws(ArchiveError) -> UnsafeRawBufferPointer

  /// Reads to the end, so that the last checksum is compared, and checks that only zeros follow in
  /// the input.
  ///
  /// - Throws: `ArchiveError` when the input is corrupt or truncated, or something follows.
  func finish() throws(ArchiveError)
}

/// Returns the decoder for an input, selected by its first bytes.
///
/// - Throws: `ArchiveError` when the input can't be read or decoded.
func openStream(_ input: RawInput) throws(ArchiveError) -> any ByteStream {
  let skipped = try skipFrames(input)
  let start = try input.peek(4)
  if start.starts(with: FormatSignature.zstd) {
    return FramedStream(input, try ZstdDecoder())
  }
  if skipped == 0, start.starts(with: FormatSignature.gzip) {
    return FramedStream(input, try DeflateDecoder(.gzip))
  }
  if skipped > 0, !start.starts(with: FormatSignature.lz4) {
    throw ArchiveError(start.isEmpty ? .truncated : .unsupported(.unknown))
  }
  return try DecodedStream(input, skipped: skipped)
}

/// Skips the frames at the start of an input that have no content. They are the same in zstd and lz4
/// (RFC 8878, 3.1.2); pzstd writes one before each frame with content.
///
/// - Returns: the number of bytes that were skipped.
/// - Throws: `ArchiveError` when the input can't be read or ends inside a frame.
private func skipFrames(_ input: RawInput) throws(ArchiveError) -> Int64 {
  var skipped: Int64 = 0
  while true {
    let start = Array(try input.peek(8).prefix(8))[...]
    guard let magic = start.number(at: 0, 4), magic & ~0xF == 0x184D_2A50 else { return skipped }
    guard let size = start.number(at: 4, 4) else { throw ArchiveError(.truncated) }
    try input.skip(8 + size)
    skipped += 8 + size
  }
}
