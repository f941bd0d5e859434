internal import CCompression

// The libraries keep pointers into the stream's state: it lives at an address of its own.

/// gzip (RFC 1952) with CRC and length checked, or the bare deflate stream of a zip member.
final class Inflater: FrameDecoder {
  enum Wrapping: Int32 {
    case gzip = 31
    case bare = -15
  }

  private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)

  init(_ wrapping: Wrapping) throws(ArchiveError) {
    stream.initialize(to: z_stream())
    let size = Int32(MemoryLayout<z_stream>.size)
    let code = inflateInit2_(stream, wrapping.rawValue, zlibVersion(), size)
    if code != Z_OK { throw noMemory("zlib") }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  func startFrame() { inflateReset(stream) }

  func decode(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(ArchiveError) -> DecodingStep {
    stream.pointee.next_in = mutableBytes(input)
    stream.pointee.avail_in = UInt32(input.count)
    stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_out = UInt32(output.count)
    let code = inflate(stream, Z_NO_FLUSH)
    guard code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR else {
      throw Compression.gzip.damaged
    }
    return DecodingStep(
      consumed: input.count - Int(stream.pointee.avail_in),
      produced: output.count - Int(stream.pointee.avail_out),
      isFrameComplete: code == Z_STREAM_END)
  }
}

/// xz with its integrity check, one stream at a time.
final class XZDecoder: FrameDecoder {
  /// In bytes; `xz -9` needs 65 MiB.
  private static let memoryLimit: UInt64 = 256 << 20
  private let stream = UnsafeMutablePointer<lzma_stream>.allocate(capacity: 1)

  init() throws(ArchiveError) {
    stream.initialize(to: lzma_stream())
    try startFrame()
  }

  deinit {
    lzma_end(stream)
    stream.deallocate()
  }

  func startFrame() throws(ArchiveError) {
    if lzma_stream_decoder(stream, Self.memoryLimit, 0) != LZMA_OK { throw noMemory("xz") }
  }

  func decode(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(ArchiveError) -> DecodingStep {
    stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_in = input.count
    stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_out = output.count
    let code = lzma_code(stream, LZMA_RUN)
    if code == LZMA_MEMLIMIT_ERROR { throw noMemory("xz") }
    guard code == LZMA_OK || code == LZMA_STREAM_END || code == LZMA_BUF_ERROR else {
      throw Compression.xz.damaged
    }
    return DecodingStep(
      consumed: input.count - stream.pointee.avail_in,
      produced: output.count - stream.pointee.avail_out,
      isFrameComplete: code == LZMA_STREAM_END)
  }
}

/// bzip2 with its checksums.
final class Bzip2Decoder: FrameDecoder {
  private let stream = UnsafeMutablePointer<bz_stream>.allocate(capacity: 1)

  init() throws(ArchiveError) {
    stream.initialize(to: bz_stream())
    if BZ2_bzDecompressInit(stream, 0, 0) != BZ_OK { throw noMemory("bzip2") }
  }

  deinit {
    BZ2_bzDecompressEnd(stream)
    stream.deallocate()
  }

  func startFrame() throws(ArchiveError) {
    BZ2_bzDecompressEnd(stream)
    stream.pointee = bz_stream()
    if BZ2_bzDecompressInit(stream, 0, 0) != BZ_OK { throw noMemory("bzip2") }
  }

  func decode(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(ArchiveError) -> DecodingStep {
    stream.pointee.next_in = mutableBytes(input)
    stream.pointee.avail_in = UInt32(input.count)
    stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: CChar.self)
    stream.pointee.avail_out = UInt32(output.count)
    let code = BZ2_bzDecompress(stream)
    guard code == BZ_OK || code == BZ_STREAM_END else { throw Compression.bzip2.damaged }
    return DecodingStep(
      consumed: input.count - Int(stream.pointee.avail_in),
      produced: output.count - Int(stream.pointee.avail_out),
      isFrameComplete: code == BZ_STREAM_END)
  }
}

/// Zstandard (RFC 8878); windows up to the library's 128 MiB.
final class ZstdDecoder: FrameDecoder {
  private let context: OpaquePointer

  init() throws(ArchiveError) {
    guard let context = ZSTD_createDStream() else { throw noMemory("zstd") }
    self.context = context
  }

  deinit { ZSTD_freeDStream(context) }

  func startFrame() { ZSTD_initDStream(context) }

  func decode(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(ArchiveError) -> DecodingStep {
    var from = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
    var to = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
    let code = ZSTD_decompressStream(context, &to, &from)
    if ZSTD_isError(code) != 0 { throw Compression.zstd.damaged }
    return DecodingStep(consumed: from.pos, produced: to.pos, isFrameComplete: code == 0)
  }
}

/// The LZ4 frame format.
final class LZ4Decoder: FrameDecoder {
  private let context: OpaquePointer

  init() throws(ArchiveError) {
    var context: OpaquePointer?
    let code = LZ4F_createDecompressionContext(&context, UInt32(LZ4F_VERSION))
    guard LZ4F_isError(code) == 0, let context else { throw noMemory("lz4") }
    self.context = context
  }

  deinit { LZ4F_freeDecompressionContext(context) }

  func startFrame() { LZ4F_resetDecompressionContext(context) }

  func decode(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(ArchiveError) -> DecodingStep {
    var consumed = input.count
    var produced = output.count
    let code = LZ4F_decompress(
      context, output.baseAddress, &produced, input.baseAddress, &consumed, nil)
    if LZ4F_isError(code) != 0 { throw Compression.lz4.damaged }
    return DecodingStep(consumed: consumed, produced: produced, isFrameComplete: code == 0)
  }
}

/// The CRC-32 of zip and gzip, carried on from `crc`.
func crc32(_ crc: UInt32, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
  let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
  return UInt32(truncatingIfNeeded: crc32_z(UInt(crc), start, bytes.count))
}

private func mutableBytes<Byte>(_ input: UnsafeRawBufferPointer) -> UnsafeMutablePointer<Byte>? {
  UnsafeMutableRawPointer(mutating: input.baseAddress)?.assumingMemoryBound(to: Byte.self)
}

private func noMemory(_ library: String) -> ArchiveError {
  ArchiveError(.unreadable("\(library) needs more memory than it may have"))
}
