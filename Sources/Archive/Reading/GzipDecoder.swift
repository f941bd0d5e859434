internal import CArchive

/// gzip (RFC 1952) by zlib, which compares every checksum and length; the libarchive of Debian 12
/// passes over them.
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

  static func isStart(_ byte: UInt8) -> Bool { byte == 0x1F }

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
      throw ArchiveError(.unreadable("the gzip data is damaged: \(what)"))
    }
    return DecodedPiece(
      taken: input.count - Int(state.pointee.avail_in),
      made: output.count - Int(state.pointee.avail_out), isEnd: code == Z_STREAM_END)
  }
}
