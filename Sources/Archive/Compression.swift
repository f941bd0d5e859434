/// How an archive is compressed, told from its first bytes.
enum Compression: String, CaseIterable {
  case none, gzip, zstd, xz, bzip2, lz4

  /// The bytes `isMagic` wants to see.
  static let magicSize = 10

  static func detect(_ start: UnsafeRawBufferPointer) -> Compression {
    allCases.first { $0.isMagic(start) } ?? .none
  }

  /// Whether a frame of this format starts so.
  func isMagic(_ start: UnsafeRawBufferPointer) -> Bool {
    switch self {
    case .none: false
    case .gzip: start.starts(with: [0x1F, 0x8B])
    case .zstd: start.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) || isSkippable(start)
    case .xz: start.starts(with: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00])
    case .bzip2: isBzip2(start)
    case .lz4: start.starts(with: [0x04, 0x22, 0x4D, 0x18]) || isSkippable(start)
    }
  }

  var damaged: ArchiveError { ArchiveError(.unreadable("the \(rawValue) stream is damaged")) }

  func makeDecoder() throws(ArchiveError) -> any FrameDecoder {
    switch self {
    case .none, .gzip: try Inflater(.gzip)
    case .zstd: try ZstdDecoder()
    case .xz: try XZDecoder()
    case .bzip2: try Bzip2Decoder()
    case .lz4: try LZ4Decoder()
    }
  }

  /// A frame that zstd and lz4 pass over; pzstd starts with one.
  private func isSkippable(_ start: UnsafeRawBufferPointer) -> Bool {
    start.count >= 4 && start[0] & 0xF0 == 0x50
      && start.dropFirst().starts(with: [0x2A, 0x4D, 0x18])
  }

  /// "BZh" alone could be the name of a file: the magic of the first block or of the end follows.
  private func isBzip2(_ start: UnsafeRawBufferPointer) -> Bool {
    guard start.count >= 10, start.starts(with: Array("BZh".utf8)) else { return false }
    guard (0x31...0x39).contains(start[3]) else { return false }
    let rest = start.dropFirst(4)
    return rest.starts(with: [0x31, 0x41, 0x59, 0x26, 0x53, 0x59])
      || rest.starts(with: [0x17, 0x72, 0x45, 0x38, 0x50, 0x90])
  }
}

/// What one call of a decoder has done.
struct DecodingStep {
  /// Bytes of the input that were used up.
  var consumed: Int
  /// Bytes written to the start of the output.
  var produced: Int
  /// The frame has ended, and its checksum is right.
  var isFrameComplete: Bool
}

/// Decompresses one frame after another.
protocol FrameDecoder: AnyObject {
  /// Makes ready for the next frame, after one has ended.
  func startFrame() throws(ArchiveError)

  /// Goes on as far as input and output reach.
  func decode(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(ArchiveError) -> DecodingStep
}
