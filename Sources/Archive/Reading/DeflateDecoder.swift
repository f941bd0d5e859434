/// The format around the deflated bytes.
enum DeflateWrapper {
  /// A header before the content, and its checksum and length after it, which are compared: RFC
  /// 1952.
  case gzip
  /// No header and no checksum, as in the members of a zip: RFC 1951.
  case none
}

#if ISAL
  internal import CISAL

  /// Deflate by ISA-L, which is more than twice as fast as zlib.
  final class DeflateDecoder: FrameDecoder {
    private let wrapper: DeflateWrapper
    private let state = UnsafeMutablePointer<inflate_state>.allocate(capacity: 1)

    init(_ wrapper: DeflateWrapper) throws(ArchiveError) {
      self.wrapper = wrapper
      isal_inflate_init(state)
      reset()
    }

    deinit { state.deallocate() }

    func reset() {
      isal_inflate_reset(state)
      state.pointee.crc_flag = UInt32(wrapper == .gzip ? ISAL_GZIP : ISAL_GZIP_NO_HDR)
    }

    /// The CRC-32 of the bytes that were decoded since the last reset.
    var checksum: UInt32 { state.pointee.crc }

    /// The number of consumed bytes that follow the end of the data.
    var excess: Int { Int(state.pointee.read_in_length) / 8 }

    func decode(
      _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(ArchiveError) -> DecodedPiece {
      state.pointee.next_in = UnsafeMutablePointer(
        mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
      state.pointee.avail_in = UInt32(clamping: input.count)
      state.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
      state.pointee.avail_out = UInt32(clamping: output.count)
      switch isal_inflate(state) {
      case ISAL_DECOMP_OK, ISAL_END_INPUT, ISAL_OUT_OVERFLOW: break
      case ISAL_INCORRECT_CHECKSUM: throw corrupt("incorrect checksum or length")
      case ISAL_INVALID_WRAPPER: throw corrupt("incorrect header")
      case ISAL_UNSUPPORTED_METHOD: throw corrupt("unknown method")
      default: throw corrupt("invalid data")
      }
      return DecodedPiece(
        taken: input.count - Int(state.pointee.avail_in),
        made: output.count - Int(state.pointee.avail_out),
        isEnd: state.pointee.block_state == ISAL_BLOCK_FINISH)
    }
  }
#else
  internal import CArchive

  /// Deflate by zlib, for builds without the static ISA-L.
  final class DeflateDecoder: FrameDecoder {
    private let wrapper: DeflateWrapper
    private let state = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    /// The CRC-32 of the bytes that were decoded since the last reset; only without a wrapper.
    private(set) var checksum: UInt32 = 0
    /// The number of consumed bytes that follow the end of the data. zlib consumes none.
    let excess = 0

    init(_ wrapper: DeflateWrapper) throws(ArchiveError) {
      self.wrapper = wrapper
      state.initialize(to: z_stream())
      // The largest window; 16 stands for gzip, a negative size for no wrapper at all.
      let window: Int32 = wrapper == .gzip ? 15 + 16 : -15
      let code = inflateInit2_(state, window, zlibVersion(), Int32(MemoryLayout<z_stream>.size))
      guard code == Z_OK else { throw ArchiveError(.unreadable("zlib is out of memory")) }
    }

    deinit {
      inflateEnd(state)
      state.deallocate()
    }

    func reset() {
      inflateReset(state)
      checksum = 0
    }

    func decode(
      _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(ArchiveError) -> DecodedPiece {
      state.pointee.next_in = UnsafeMutablePointer(
        mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
      state.pointee.avail_in = UInt32(clamping: input.count)
      state.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
      state.pointee.avail_out = UInt32(clamping: output.count)
      let code = inflate(state, Z_NO_FLUSH)
      guard code == Z_OK || code == Z_STREAM_END else {
        let what = state.pointee.msg.map { String(cString: $0) } ?? "no memory"
        throw corrupt(what.contains("check") ? "incorrect checksum or length" : what)
      }
      let made = output.count - Int(state.pointee.avail_out)
      if wrapper == .none {
        let start = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        checksum = UInt32(truncatingIfNeeded: crc32_z(UInt(checksum), start, made))
      }
      return DecodedPiece(
        taken: input.count - Int(state.pointee.avail_in), made: made,
        isEnd: code == Z_STREAM_END)
    }
  }
#endif

extension DeflateDecoder {
  /// Whether a byte is the first one of a gzip header.
  static func isStart(_ byte: UInt8) -> Bool { byte == 0x1F }
}

private func corrupt(_ what: String) -> ArchiveError {
  ArchiveError(.unreadable("the deflated data is corrupt: \(what)"))
}
