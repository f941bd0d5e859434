internal import CArchive

/// The content of a gzip file (RFC 1952) by zlib, which compares every checksum and length; the
/// libarchive of Debian 12 passes over them.
final class GzipStream: ByteStream {
  private let input: RawInput
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 64)
  private let state = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
  private var isAtEnd = false
  /// A member has ended and no other has begun.
  private var isBetweenMembers = false
  private(set) var tail = ZeroTail()

  init(_ input: RawInput) throws(ArchiveError) {
    self.input = input
    state.initialize(to: z_stream())
    // The largest window, and gzip's header and trailer.
    let code = inflateInit2_(
      state, 15 + 16, zlibVersion(), Int32(MemoryLayout<z_stream>.size))
    guard code == Z_OK else { throw ArchiveError(.unreadable("zlib has no memory")) }
  }

  deinit {
    inflateEnd(state)
    state.deallocate()
    buffer.deallocate()
  }

  func nextBlock() throws(ArchiveError) -> UnsafeRawBufferPointer {
    let start = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
    state.pointee.next_out = start
    state.pointee.avail_out = UInt32(buffer.count)
    while !isAtEnd, state.pointee.avail_out > 0 { try step() }
    let block = UnsafeRawBufferPointer(rebasing: buffer[..<(buffer.count - Int(state.pointee.avail_out))])
    tail.append(block)
    return block
  }

  func finish() throws(ArchiveError) {
    while try !nextBlock().isEmpty {}
  }

  private func step() throws(ArchiveError) {
    if state.pointee.avail_in == 0 { try refill() }
    if isBetweenMembers {
      try beginMember()
      return
    }
    if state.pointee.avail_in == 0 { throw ArchiveError(.truncated) }
    switch inflate(state, Z_NO_FLUSH) {
    case Z_OK: break
    case Z_STREAM_END: isBetweenMembers = true
    // Nothing can be done without more of the input.
    case Z_BUF_ERROR where state.pointee.avail_in == 0: break
    default:
      let what = state.pointee.msg.map { String(cString: $0) } ?? "no memory"
      throw ArchiveError(.unreadable("the gzip data is damaged: \(what)"))
    }
  }

  /// What follows a member is another one, the end, or zeros up to the end.
  private func beginMember() throws(ArchiveError) {
    guard let next = state.pointee.next_in, state.pointee.avail_in > 0 else {
      isAtEnd = true
      return
    }
    if next.pointee != 0 {
      if next.pointee != 0x1F { throw ArchiveError(.rejected(.trailingData)) }
      inflateReset(state)
      isBetweenMembers = false
      return
    }
    try checkZeros()
    isAtEnd = true
  }

  private func checkZeros() throws(ArchiveError) {
    while state.pointee.avail_in > 0 {
      let rest = UnsafeRawBufferPointer(
        start: state.pointee.next_in, count: Int(state.pointee.avail_in))
      if rest.contains(where: { $0 != 0 }) { throw ArchiveError(.rejected(.trailingData)) }
      state.pointee.avail_in = 0
      try refill()
    }
  }

  /// The input's blocks stay valid until the next one is asked for.
  private func refill() throws(ArchiveError) {
    let block = try input.nextBlock()
    state.pointee.next_in = UnsafeMutablePointer(
      mutating: block.baseAddress?.assumingMemoryBound(to: UInt8.self))
    state.pointee.avail_in = UInt32(block.count)
  }
}
