internal import CArchive
internal import Glibc
internal import Linux

/// Reads tar through libarchive: v7, ustar, pax and GNU, with sparse files, in any compression
/// that `DecodedStream` knows.
///
/// Two handles, because one would stop at the end marker and never tell whether there was one,
/// nor what follows it.
final class TarReader: MemberReader {
  private let source: TarSource
  private let handle: ArchiveHandle
  private var isOpen = false
  private var content: (size: Int64, isSparse: Bool) = (0, false)

  init(_ input: RawInput, _ limits: UnpackLimits = UnpackLimits()) throws(ArchiveError) {
    let source = TarSource(try openStream(input), input, limits)
    self.source = source
    handle = try ArchiveHandle { handle throws(ArchiveError) in
      try source.nextBlock(used: archive_filter_bytes(handle, 0))
    }
    try handle.check(archive_read_support_format_tar(handle.raw))
  }

  func next() throws(ArchiveError) -> Member? {
    if isOpen { try handle.check(archive_read_data_skip(handle.raw)) } else { try open() }
    source.headerStart = archive_filter_bytes(handle.raw, 0)
    defer { source.headerStart = nil }
    var entry: OpaquePointer?
    // libarchive takes an ENOMEM that somebody left there for its own.
    errno = 0
    let code = archive_read_next_header(handle.raw, &entry)
    let start = archive_read_header_position(handle.raw)
    // First, since libarchive's own errorOutput say less.
    let header = try TarPreamble.check(
      from: max(start, 0), limit: source.limits.metadata, source.window.bytes)
    guard try checkHeader(code), let entry else {
      // libarchive takes a single block of zeros for the end, or the end of the input.
      try source.finish()
      try source.stream.tail.check(from: header, marker: 1024)
      return nil
    }
    // Never without having looked.
    guard source.window.bytes(TarPreamble.headerSize, at: header) != nil else {
      throw ArchiveError(.unreadable("a tar header is out of sight"))
    }
    content = (archive_entry_size(entry), archive_entry_sparse_reset(entry) > 0)
    return try Member(entry)
  }

  func readContent(
    _ body: (ContentPiece) throws(ArchiveError) -> Void
  ) throws(ArchiveError) {
    try handle.readContent(size: content.size, isSparse: content.isSparse, body)
  }

  private func open() throws(ArchiveError) {
    isOpen = true
    do throws(ArchiveError) {
      try handle.open()
    } catch {
      let isUnknown = handle.message == "Unrecognized archive format" && !handle.hasFailedInput
      guard isUnknown else { throw error }
      throw ArchiveError(
        .unreadable(
          "this is no archive: neither tar nor zip, nor tar in gzip, zstd, xz, bzip2 or lz4"))
    }
  }

  /// Names are bytes to us. In the C locale, which is that of every process that does not ask for
  /// another, libarchive leaves them alone and warns; in a UTF-8 locale it would change them to
  /// their composed form.
  private func checkHeader(_ code: Int32) throws(ArchiveError) -> Bool {
    if code == ARCHIVE_WARN, let message = handle.message,
      message.contains("can't be converted from UTF-8 to current locale")
    {
      return true
    }
    return try handle.check(code)
  }
}

/// The decoded bytes on their way into libarchive's tar reader, with a view of the headers.
private final class TarSource {
  /// For the headers of one member, a sparse map included, in bytes.
  private static let headerLimit = 4 << 20

  let stream: any ByteStream
  let limits: UnpackLimits
  private let input: RawInput
  /// Where the headers begin that are being read; nil while content is.
  var headerStart: Int64?
  private(set) var window = StreamWindow()

  init(_ stream: any ByteStream, _ input: RawInput, _ limits: UnpackLimits) {
    (self.stream, self.input, self.limits) = (stream, input, limits)
  }

  /// Reads on to the end of the input.
  func finish() throws(ArchiveError) {
    while try !decodedBlock().isEmpty {}
    try stream.finish()
  }

  private func decodedBlock() throws(ArchiveError) -> UnsafeRawBufferPointer {
    let block = try stream.nextBlock()
    try limits.checkRatio(stream.tail.count, of: input.count)
    return block
  }

  /// - Parameter used: how many bytes libarchive is done with.
  func nextBlock(used: Int64) throws(ArchiveError) -> UnsafeRawBufferPointer {
    window.retire(keepingFrom: headerStart ?? used)
    if window.keptCount > Self.headerLimit {
      throw ArchiveError(.rejected(.metadataTooLarge))
    }
    let block = try decodedBlock()
    window.append(block)
    return block
  }
}
