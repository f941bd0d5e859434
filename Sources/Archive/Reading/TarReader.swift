internal import CArchive
internal import Glibc

/// Reads tar through libarchive: v7, ustar, pax and GNU, with sparse files, in any compression.
///
/// Decompression and tar use separate handles. A single handle would stop at the end marker and not
/// report whether there was one, or what follows it.
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
    // libarchive treats an ENOMEM from an earlier call as its own.
    errno = 0
    let code = archive_read_next_header(handle.raw, &entry)
    let start = archive_read_header_position(handle.raw)
    // This check comes before that of libarchive, whose messages are less precise.
    let header = try TarPreamble.check(
      from: max(start, 0), limit: source.limits.metadata, source.window.bytes)
    guard try checkHeader(code), let entry else {
      // libarchive accepts a single block of zeros or the end of the input as the end marker.
      try source.finish(after: header)
      return nil
    }
    // No member is accepted whose headers were not checked.
    guard source.window.bytes(TarPreamble.headerSize, at: header) != nil else {
      throw ArchiveError(.unreadable("a tar header was not checked"))
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
      let isTar = source.start.dropFirst(257).starts(with: "ustar".utf8)
      if isTar, source.start.count < TarPreamble.headerSize { throw ArchiveError(.truncated) }
      throw ArchiveError(
        .unsupported(.init(start: source.start, isCompressed: source.stream.isCompressed)))
    }
  }

  /// Ignores libarchive's warning about UTF-8 names. Names are treated as bytes here. In the C
  /// locale, which a process has by default, libarchive keeps them and warns; in a UTF-8 locale it
  /// would convert them to their composed form.
  ///
  /// - Throws: `ArchiveError` for any other warning, and for an error.
  private func checkHeader(_ code: Int32) throws(ArchiveError) -> Bool {
    if code == ARCHIVE_WARN, let message = handle.message,
      message.contains("can't be converted from UTF-8 to current locale")
    {
      return true
    }
    return try handle.check(code)
  }
}

/// Feeds the decoded bytes to libarchive's tar reader, and keeps the headers for `TarPreamble`.
private final class TarSource {
  /// The maximum size of the headers of one member, including a sparse map, in bytes.
  private static let headerLimit = 4 << 20

  let stream: any ByteStream
  let limits: UnpackLimits
  private let input: RawInput
  /// The offset of the headers that are being read; nil while content is read.
  var headerStart: Int64?
  private(set) var window = StreamWindow()
  /// The first bytes after decompression.
  private(set) var start: [UInt8] = []

  init(_ stream: any ByteStream, _ input: RawInput, _ limits: UnpackLimits) {
    (self.stream, self.input, self.limits) = (stream, input, limits)
  }

  /// Reads to the end of the input, and checks what follows the last member.
  ///
  /// - Parameter end: the offset of the end marker.
  /// - Throws: `ArchiveError` when the end marker is missing or something else follows.
  func finish(after end: Int64) throws(ArchiveError) {
    var trailer = TarTrailer()
    // Everything from the last headers on is still in the window.
    let known = stream.tail.count - end
    guard known >= 0, let rest = window.bytes(Int(known), at: end) else {
      throw ArchiveError(.truncated)
    }
    trailer.append(rest)
    while true {
      let block = try decodedBlock()
      if block.isEmpty { break }
      try stream.tail.checkPadding(from: end)
      trailer.append(block)
    }
    try stream.finish()
    try trailer.finish()
  }

  private func decodedBlock() throws(ArchiveError) -> UnsafeRawBufferPointer {
    let block = try stream.nextBlock()
    try limits.checkRatio(stream.tail.count, of: input.count)
    return block
  }

  /// Returns the next block for libarchive.
  ///
  /// - Parameter used: the number of bytes that libarchive has consumed.
  /// - Returns: the block; empty at the end.
  /// - Throws: `ArchiveError` if the headers are too large or the input fails.
  func nextBlock(used: Int64) throws(ArchiveError) -> UnsafeRawBufferPointer {
    window.retire(keepingFrom: headerStart ?? used)
    if window.keptCount > Self.headerLimit {
      throw ArchiveError(.rejected(.metadataTooLarge))
    }
    let block = try decodedBlock()
    if start.count < TarPreamble.headerSize {
      start += block.prefix(TarPreamble.headerSize - start.count)
    }
    window.append(block)
    return block
  }
}
