internal import CArchive

/// Decodes zstd (RFC 8878) with libzstd, which compares checksums.
final class ZstdDecoder: FrameDecoder {
  /// The binary logarithm of the largest window: that of `zstd --long` without a number.
  private static let windowLog: Int32 = 27
  /// The largest window in bytes.
  static let windowLimit = 1 << Int64(windowLog)

  private let state: OpaquePointer

  init() throws(ArchiveError) {
    guard let state = ZSTD_createDStream() else {
      throw ArchiveError(.unreadable("libzstd is out of memory"))
    }
    self.state = state
    ZSTD_DCtx_setParameter(state, ZSTD_d_windowLogMax, Self.windowLog)
  }

  deinit { ZSTD_freeDStream(state) }

  /// Whether a byte starts a frame or a skippable frame.
  static func isStart(_ byte: UInt8) -> Bool { byte == 0x28 || (0x50...0x5F).contains(byte) }

  func reset() { ZSTD_DCtx_reset(state, ZSTD_reset_session_only) }

  func decode(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(ArchiveError) -> DecodedPiece {
    var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
    var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
    let code = ZSTD_decompressStream(state, &target, &source)
    if ZSTD_isError(code) != 0 {
      let error = ZSTD_getErrorCode(code)
      if error == ZSTD_error_frameParameter_windowTooLarge {
        throw ArchiveError(.unsupported(.zstdWindow))
      }
      if error == ZSTD_error_dictionary_wrong { throw ArchiveError(.unsupported(.zstdDictionary)) }
      let what = String(cString: ZSTD_getErrorName(code))
      throw ArchiveError(.unreadable("the zstd data is corrupt: \(displayed(what.utf8))"))
    }
    return DecodedPiece(taken: source.pos, made: target.pos, isEnd: code == 0)
  }
}
