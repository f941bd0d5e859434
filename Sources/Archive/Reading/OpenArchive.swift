internal import Linux

/// An archive whose first bytes have been read, so that its format is known.
final class OpenArchive {
  let input: RawInput
  /// An unnamed file for a copy of the archive; nil unless the archive is a zip.
  private var copy: Descriptor?

  /// Waits for the first bytes and reads them.
  ///
  /// - Parameters:
  ///   - archive: a file, a pipe or a terminal, read from its current position to its end.
  ///   - copy: an empty unnamed file for a copy of the archive.
  /// - Throws: `ArchiveError` when the archive is empty or unreadable.
  init(_ archive: borrowing Descriptor, copy: consuming Descriptor) throws(ArchiveError) {
    input = try RawInput(archive)
    let start = try input.peek(4)
    if start.isEmpty { throw ArchiveError(.unsupported(.nothing)) }
    let isZip = ZipDirectory.firstSignatures.contains { start.starts(with: $0) }
    self.copy = consume copy
    if !isZip { self.copy = nil }
  }

  /// Returns the reader for the format. Call it only once.
  ///
  /// - Throws: `ArchiveError` when the archive can't be read.
  func reader(_ limits: UnpackLimits) throws(ArchiveError) -> any MemberReader {
    if let copy = copy.take() { return try ZipReader(input, limits, copiedTo: copy) }
    return try TarReader(input, limits)
  }
}
