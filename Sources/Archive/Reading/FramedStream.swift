/// Decodes one frame after the other of one compression.
protocol FrameDecoder: AnyObject {
  /// What a frame can start with.
  static func isStart(_ byte: UInt8) -> Bool

  /// Decodes some; at least one byte is taken or made, unless the frame has ended or the input is
  /// empty.
  func decode(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(ArchiveError) -> DecodedPiece

  /// Makes ready for another frame.
  func reset()
}

/// What one step of a decoder did.
struct DecodedPiece {
  /// Of the input and of the output, in bytes.
  var taken: Int
  var made: Int
  /// The frame has ended, and its checksum was right.
  var isEnd: Bool
}

/// The content of frames that follow one another, with nothing but zeros behind the last one.
final class FramedStream<Decoder: FrameDecoder>: ByteStream {
  private let input: RawInput
  private let decoder: Decoder
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 512 << 10, alignment: 64)
  /// Of the input's newest block, what is not decoded yet.
  private var rest = UnsafeRawBufferPointer(start: nil, count: 0)
  private var isAtEnd = false
  private var isBetweenFrames = false
  private(set) var tail = ZeroTail()

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

  /// What follows a frame is another one, the end, or zeros up to the end.
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
    while !rest.isEmpty {
      if rest.contains(where: { $0 != 0 }) { throw ArchiveError(.rejected(.trailingData)) }
      rest = try input.nextBlock()
    }
    isAtEnd = true
  }
}
