/// The bytes of an archive after decompression.
protocol ByteStream: AnyObject {
  /// The zeros at the end of what has been decoded so far.
  var tail: ZeroTail { get }

  /// Returns the next bytes, or none at the end. They are valid until the next call.
  func nextBlock() throws(ArchiveError) -> UnsafeRawBufferPointer

  /// Reads to the end, so that the last checksum is compared, and checks that only zeros follow in
  /// the input.
  func finish() throws(ArchiveError)
}

/// Returns the decoder for an input, selected by its first bytes.
func openStream(_ input: RawInput) throws(ArchiveError) -> any ByteStream {
  let start = try input.peek(4)
  if start.starts(with: [0x1F, 0x8B]) { return FramedStream(input, try DeflateDecoder(.gzip)) }
  if start.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) {
    return FramedStream(input, try ZstdDecoder())
  }
  return try DecodedStream(input)
}
