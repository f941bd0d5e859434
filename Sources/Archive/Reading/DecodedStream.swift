internal import CArchive

/// The input after decompression by libarchive: xz, bzip2, lz4 or none.
final class DecodedStream: ByteStream {
  private let handle: ArchiveHandle

  private let source: CompressedSource
  /// The number of bytes before those that libarchive receives.
  private let skipped: Int64
  private var isOpen = false
  private var isAtEnd = false
  /// The zeros at the end of what has been decoded so far.
  private(set) var tail = ZeroTail()

  /// - Parameters:
  ///   - input: the input.
  ///   - skipped: the number of its bytes that were skipped.
  /// - Throws: `ArchiveError` when libarchive has no memory.
  init(_ input: RawInput, skipped: Int64 = 0) throws(ArchiveError) {
    self.skipped = skipped
    let source = CompressedSource(input)
    self.source = source
    handle = try ArchiveHandle { _ throws(ArchiveError) in try source.nextBlock() }
    let enable = [
      archive_read_support_filter_xz, archive_read_support_filter_bzip2,
      archive_read_support_filter_lz4,
      archive_read_support_format_raw, archive_read_support_format_empty,
    ]
    for enable in enable { try handle.check(enable(handle.raw)) }
  }

  var isCompressed: Bool {
    isOpen && archive_filter_code(handle.raw, 0) != ARCHIVE_FILTER_NONE
  }

  func nextBlock() throws(ArchiveError) -> UnsafeRawBufferPointer {
    try open()
    while !isAtEnd, let (bytes, _) = try handle.nextBlock() {
      tail.append(bytes)
      if !bytes.isEmpty { return bytes }
    }
    isAtEnd = true
    return UnsafeRawBufferPointer(start: nil, count: 0)
  }

  func finish() throws(ArchiveError) {
    while try !nextBlock().isEmpty {}
    let end = skipped + archive_filter_bytes(handle.raw, -1) - Int64(source.suffix.count)
    while try !source.input.nextBlock().isEmpty { try source.input.tail.checkPadding(from: end) }
    try source.input.tail.check(from: end, marker: 0)
  }

  private func open() throws(ArchiveError) {
    if isOpen { return }
    isOpen = true
    try handle.open()
    var entry: OpaquePointer?
    isAtEnd = try !handle.check(archive_read_next_header(handle.raw, &entry))
    // libarchive would decompress an xz inside an xz inside an xz.
    if archive_filter_count(handle.raw) > 2 {
      throw ArchiveError(.unsupported(.compressedTwice))
    }
  }
}

/// Feeds the raw bytes to libarchive's decompression.
private final class CompressedSource {
  let input: RawInput
  /// The bytes that libarchive receives after the end of the input; `input` does not count them.
  private(set) var suffix = UnsafeRawBufferPointer(start: nil, count: 0)
  private var isFirst = true
  private var isAtEnd = false
  /// Whether libarchive reads the padding, too.
  private var isXZ = false

  init(_ input: RawInput) { self.input = input }

  deinit { suffix.deallocate() }

  func nextBlock() throws(ArchiveError) -> UnsafeRawBufferPointer {
    if isFirst { try lookAtStart() }
    let block = try input.nextBlock()
    // Compressed data has no zeros of such a length.
    if isXZ { try input.tail.checkPadding(from: 0) }
    if !block.isEmpty || isAtEnd { return block }
    isAtEnd = true
    return suffix
  }

  private func lookAtStart() throws(ArchiveError) {
    isFirst = false
    let start = try input.peek(FormatSignature.xz.count)
    isXZ = start.starts(with: FormatSignature.xz)
    if start.starts(with: FormatSignature.lz4) { suffix = Self.noFrame }
    if start.starts(with: [0x02, 0x21, 0x4C, 0x18]) {
      throw ArchiveError(.unsupported(.legacyLZ4))
    }
  }

  /// The four bytes to append to an lz4 input. After the last frame libarchive consumes four more
  /// bytes if there are any and they don't start a frame. With these there always are four, so the
  /// number of consumed bytes shows where the frame ended. They are neither an end mark nor a valid
  /// size.
  private static var noFrame: UnsafeRawBufferPointer {
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 4, alignment: 1)
    bytes.initializeMemory(as: UInt8.self, repeating: 0xFF)
    return UnsafeRawBufferPointer(bytes)
  }
}
