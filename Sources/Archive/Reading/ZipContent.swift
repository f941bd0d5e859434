internal import CArchive
internal import Linux

/// Reads the content of a zip's members. The directory gives its offset, compression method, size
/// and checksum; all of them are compared with what is found.
final class ZipContent {
  private static let stored: Int64 = 0
  private static let deflated: Int64 = 8

  private let input = BufferedFile(size: 256 << 10)
  private let output = UnsafeMutableRawBufferPointer.allocate(byteCount: 512 << 10, alignment: 4096)
  private let decoder: DeflateDecoder

  init() throws(ArchiveError) { decoder = try DeflateDecoder(.none) }

  deinit { output.deallocate() }

  /// Passes the content of a member to `body`.
  ///
  /// - Parameters:
  ///   - record: the member's record in the directory.
  ///   - file: the archive.
  ///   - offset: the offset of the content in the file.
  ///   - body: receives the content piece by piece.
  /// - Throws: `ArchiveError` if the content contradicts the record, or the file can't be read.
  func read(
    _ record: ZipRecord, of file: borrowing Descriptor, at offset: Int64,
    _ body: (ContentPiece) throws(ArchiveError) -> Void
  ) throws(ArchiveError) {
    switch record.method {
    case Self.stored: try copy(record, of: file, at: offset, body)
    case Self.deflated: try inflate(record, of: file, at: offset, body)
    default: throw ArchiveError(.unsupported(.zipMethod))
    }
  }

  private func copy(
    _ record: ZipRecord, of file: borrowing Descriptor, at offset: Int64,
    _ body: (ContentPiece) throws(ArchiveError) -> Void
  ) throws(ArchiveError) {
    guard record.compressedSize == record.size else { throw ArchiveError(.rejected(.sizeLies)) }
    var checksum: UInt = 0
    var rest = record.size
    while rest > 0 {
      let block = try fill(from: file, at: offset + record.size - rest, atMost: rest)
      let start = block.baseAddress?.assumingMemoryBound(to: UInt8.self)
      checksum = UInt(crc32_z(checksum, start, block.count))
      try body(.bytes(block))
      rest -= Int64(block.count)
    }
    guard Int64(checksum) == record.crc else { throw wrongChecksum }
  }

  private func inflate(
    _ record: ZipRecord, of file: borrowing Descriptor, at offset: Int64,
    _ body: (ContentPiece) throws(ArchiveError) -> Void
  ) throws(ArchiveError) {
    decoder.reset()
    var rest = record.compressedSize
    var made: Int64 = 0
    var isEnd = false
    var pending = UnsafeRawBufferPointer(start: nil, count: 0)
    while !isEnd {
      if pending.isEmpty {
        if rest == 0 { throw ArchiveError(.rejected(.sizeLies)) }
        pending = try fill(from: file, at: offset + record.compressedSize - rest, atMost: rest)
        rest -= Int64(pending.count)
      }
      let piece = try decoder.decode(pending, into: output)
      pending = UnsafeRawBufferPointer(rebasing: pending[piece.taken...])
      made += Int64(piece.made)
      if made > record.size { throw ArchiveError(.rejected(.sizeLies)) }
      isEnd = piece.isEnd
      let content = UnsafeRawBufferPointer(rebasing: output[..<piece.made])
      if !content.isEmpty { try body(.bytes(content)) }
    }
    guard made == record.size, rest == 0, pending.isEmpty, decoder.excess == 0 else {
      throw ArchiveError(.rejected(.sizeLies))
    }
    guard Int64(decoder.checksum) == record.crc else { throw wrongChecksum }
  }

  private func fill(
    from file: borrowing Descriptor, at offset: Int64, atMost limit: Int64
  ) throws(ArchiveError) -> UnsafeRawBufferPointer {
    let block = try input.bytes(of: file, at: offset, atMost: limit)
    if block.isEmpty { throw ArchiveError(.truncated) }
    return block
  }

  private var wrongChecksum: ArchiveError {
    ArchiveError(.unreadable("a zip member's checksum is wrong"))
  }
}
