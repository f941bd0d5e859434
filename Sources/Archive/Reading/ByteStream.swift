/// An archive's bytes after decompression.
protocol ByteStream: AnyObject {
  /// All that was decoded so far.
  var tail: ZeroTail { get }

  /// The next bytes, at least one except at the end. Valid until the next call.
  func nextBlock() throws(ArchiveError) -> UnsafeRawBufferPointer

  /// Reads on to the end, so that the last checksum is compared, and makes sure that only zeros
  /// follow in the input.
  func finish() throws(ArchiveError)
}

/// Chooses by the input's first bytes.
func openStream(_ input: RawInput) throws(ArchiveError) -> any ByteStream {
  let start = try input.peek(4)
  if start.starts(with: [0x1F, 0x8B]) { return FramedStream(input, try DeflateDecoder(.gzip)) }
  if start.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) {
    return FramedStream(input, try ZstdDecoder())
  }
  return try DecodedStream(input)
}
