internal import CArchive

/// The input after decompression by libarchive: gzip, zstd, xz, bzip2, lz4, or as it is.
final class DecodedStream {
  private let handle: ArchiveHandle
  private let source: CompressedSource
  private var isOpen = false
  private var isAtEnd = false
  /// All that was decoded so far.
  private(set) var tail = ZeroTail()

  init(_ input: RawInput) throws(ArchiveError) {
    let source = CompressedSource(input)
    self.source = source
    handle = try ArchiveHandle { _ throws(ArchiveError) in try source.nextBlock() }
    let enable = [
      archive_read_support_filter_gzip, archive_read_support_filter_zstd,
      archive_read_support_filter_xz, archive_read_support_filter_bzip2,
      archive_read_support_filter_lz4, archive_read_support_format_raw,
      archive_read_support_format_empty,
    ]
    for enable in enable { try handle.check(enable(handle.raw)) }
  }

  /// The next bytes, at least one except at the end. Valid until the next call.
  func nextBlock() throws(ArchiveError) -> UnsafeRawBufferPointer {
    try open()
    while !isAtEnd, let (bytes, _) = try handle.nextBlock() {
      tail.append(bytes)
      source.gzip?.sawOutput(bytes)
      if !bytes.isEmpty { return bytes }
    }
    isAtEnd = true
    return UnsafeRawBufferPointer(start: nil, count: 0)
  }

  /// Reads on to the end, so that the last checksum is compared, and makes sure that only zeros
  /// follow in the input.
  func finish() throws(ArchiveError) {
    while try !nextBlock().isEmpty {}
    let end = archive_filter_bytes(handle.raw, -1)
    try source.gzip?.finish(at: end)
    while try !source.input.nextBlock().isEmpty {}
    try source.input.tail.check(from: end, marker: 0)
  }

  private func open() throws(ArchiveError) {
    if isOpen { return }
    isOpen = true
    try handle.open()
    var entry: OpaquePointer?
    isAtEnd = try !handle.check(archive_read_next_header(handle.raw, &entry))
    // libarchive would unwrap a gzip in a gzip in a gzip.
    if archive_filter_count(handle.raw) > 2 {
      throw ArchiveError(.unreadable("the archive is compressed more than once"))
    }
  }
}

/// The raw bytes on their way into libarchive's decompression.
private final class CompressedSource {
  let input: RawInput
  /// Nil for everything that is not gzip.
  var gzip: GzipCheck?
  private var isFirst = true

  init(_ input: RawInput) { self.input = input }

  func nextBlock() throws(ArchiveError) -> UnsafeRawBufferPointer {
    if isFirst, try input.peek(2).starts(with: [0x1F, 0x8B]) { gzip = GzipCheck() }
    isFirst = false
    let block = try input.nextBlock()
    gzip?.sawInput(block)
    return block
  }
}
