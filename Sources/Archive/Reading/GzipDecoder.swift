#if ISAL
  internal import CISAL

  /// gzip (RFC 1952) by ISA-L, which is more than twice as fast as zlib; it compares every checksum
  /// and length.
  final class GzipDecoder: FrameDecoder {
    private let state = UnsafeMutablePointer<inflate_state>.allocate(capacity: 1)

    init() throws(ArchiveError) {
      isal_inflate_init(state)
      state.pointee.crc_flag = UInt32(ISAL_GZIP)
    }

    deinit { state.deallocate() }

    func reset() {
      isal_inflate_reset(state)
      state.pointee.crc_flag = UInt32(ISAL_GZIP)
    }

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
      case ISAL_INCORRECT_CHECKSUM: throw damagedGzip("incorrect checksum or length")
      case ISAL_INVALID_WRAPPER: throw damagedGzip("incorrect header")
      case ISAL_UNSUPPORTED_METHOD: throw damagedGzip("unknown method")
      default: throw damagedGzip("invalid data")
      }
      return DecodedPiece(
        taken: input.count - Int(state.pointee.avail_in),
        made: output.count - Int(state.pointee.avail_out),
        isEnd: state.pointee.block_state == ISAL_BLOCK_FINISH)
    }
  }
#else
  internal import CArchive

  /// gzip (RFC 1952) by zlib, which compares every checksum and length; the libarchive of Debian 12
  /// passes over them. For builds without the static ISA-L.
  final class GzipDecoder: FrameDecoder {
    private let state = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)

    init() throws(ArchiveError) {
      state.initialize(to: z_stream())
      // The largest window, and gzip's header and trailer.
      let code = inflateInit2_(state, 15 + 16, zlibVersion(), Int32(MemoryLayout<z_stream>.size))
      guard code == Z_OK else { throw ArchiveError(.unreadable("zlib has no memory")) }
    }

    deinit {
      inflateEnd(state)
      state.deallocate()
    }

    func reset() { inflateReset(state) }

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
        throw damagedGzip(what.contains("check") ? "incorrect checksum or length" : what)
      }
      return DecodedPiece(
        taken: input.count - Int(state.pointee.avail_in),
        made: output.count - Int(state.pointee.avail_out), isEnd: code == Z_STREAM_END)
    }
  }
#endif

extension GzipDecoder {
  static func isStart(_ byte: UInt8) -> Bool { byte == 0x1F }
}

private func damagedGzip(_ what: String) -> ArchiveError {
  ArchiveError(.unreadable("the gzip data is damaged: \(what)"))
}
