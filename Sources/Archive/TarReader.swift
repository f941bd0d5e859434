internal import CArchive
internal import Linux

/// Reads tar through libarchive: v7, ustar, pax and GNU, with sparse files, in any compression
/// that `DecodedStream` knows.
///
/// Two handles, because one would stop at the end marker and never tell whether there was one,
/// nor what follows it.
final class TarReader: MemberReader {
  private let stream: DecodedStream
  private let handle: ArchiveHandle
  private var isOpen = false
  private var content: (size: Int64, isSparse: Bool) = (0, false)

  init(_ input: RawInput) throws(ArchiveError) {
    let stream = try DecodedStream(input)
    self.stream = stream
    handle = try ArchiveHandle { () throws(ArchiveError) in try stream.nextBlock() }
    try handle.check(archive_read_support_format_tar(handle.raw))
  }

  func next() throws(ArchiveError) -> Member? {
    if !isOpen { try open() }
    var entry: OpaquePointer?
    guard try checkHeader(archive_read_next_header(handle.raw, &entry)), let entry else {
      try checkEnd()
      return nil
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
    } catch where handle.message == "Unrecognized archive format" && !handle.hasFailedInput {
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

  /// libarchive takes a single block of zeros for the end, or the end of the input.
  private func checkEnd() throws(ArchiveError) {
    try stream.finish()
    try stream.tail.check(from: archive_read_header_position(handle.raw), marker: 1024)
  }
}
