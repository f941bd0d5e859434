/// Decodes the frames of a compression format.
protocol FrameDecoder: AnyObject {
  /// Whether a byte can be the first one of a frame.
  static func isStart(_ byte: UInt8) -> Bool

  /// Decodes a piece. At least one byte is consumed or produced, unless the frame has ended or the
  /// input is empty.
  ///
  /// - Throws: `ArchiveError` when the input is corrupt or the decoder does not support it.
  func decode(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(ArchiveError) -> DecodedPiece

  /// Prepares for another frame.
  func reset()
}

/// The result of one step of a decoder.
struct DecodedPiece {
  /// The number of bytes that were consumed.
  var taken: Int
  /// The number of bytes that were produced.
  var made: Int
  /// Whether the frame has ended with a correct checksum.
  var isEnd: Bool
}

/// The content of consecutive frames. Only zeros may follow the last one.
final class FramedStream<Decoder: FrameDecoder>: ByteStream {
  private let input: RawInput
  private let decoder: Decoder
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 512 << 10, alignment: 64)
  /// The part of the input's last block that has not been decoded yet.
  private var rest = UnsafeRawBufferPointer(start: nil, count: 0)
  private var isAtEnd = false
  private var isBetweenFrames = false
  private(set) var tail = ZeroTail()
  let isCompressed = true

  init(_ input: RawInput, _ decoder: Decoder) {
    self.input = input
    self.decoder = decoder
  }

  deinit { buffer.deallocate() }

  func nextBlock() throws(ArchiveError) -> UnsafeRawBufferPointer {
    var count = 0
    while count < buffer.count, !isAtEnd {
      if rest.isEmpty { rest = try input.nextBlock() }
      if isBetweenFrames {
        try beginFrame()
        continue
      }
      if rest.isEmpty { throw ArchiveError(.truncated) }
      let room = UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
      let piece = try decoder.decode(rest, into: room)
      rest = UnsafeRawBufferPointer(rebasing: rest[piece.taken...])
      count += piece.made
      isBetweenFrames = piece.isEnd
    }
    let block = UnsafeRawBufferPointer(rebasing: buffer[..<count])
    tail.append(block)
    return block
  }

  func finish() throws(ArchiveError) {
    while try !nextBlock().isEmpty {}
  }

  /// Continues after a frame: with another frame, or with zeros up to the end of the input.
  ///
  /// - Throws: `ArchiveError` when something other than zeros follows, or the input can't be read.
  private func beginFrame() throws(ArchiveError) {
    guard let next = rest.first else {
      isAtEnd = true
      return
    }
    if Decoder.isStart(next) {
      decoder.reset()
      isBetweenFrames = false
      return
    }
    let end = input.count - Int64(rest.count)
    while !rest.isEmpty {
      try input.tail.checkPadding(from: end)
      if rest.contains(where: { $0 != 0 }) { throw ArchiveError(.rejected(.trailingData)) }
      rest = try input.nextBlock()
    }
    isAtEnd = true
  }
}
