internal import Linux

/// An archive of which the beginning has been looked at: enough to know what it takes to read it.
final class OpenArchive {
  let input: RawInput
  /// For a copy of it; nil where none is needed.
  private var copy: Descriptor?

  /// Waits for the first bytes.
  ///
  /// - Parameters:
  ///   - archive: a file, a pipe or a terminal, read from where it stands to its end.
  ///   - scratch: a directory on whose file system a copy can be made.
  /// - Throws: `ArchiveError` for one that is empty or can't be read, or where no copy can be made.
  init(_ archive: borrowing Descriptor, scratch: borrowing Descriptor) throws(ArchiveError) {
    input = try RawInput(archive)
    let start = try input.peek(4)
    if start.isEmpty { throw ArchiveError(.unreadable("the archive is empty")) }
    let isZip = ZipDirectory.firstSignatures.contains { start.starts(with: $0) }
    copy = isZip ? try system { () throws(SystemError) in try scratch.openUnnamedFile() } : nil
  }

  /// What reads it; to be asked for once.
  ///
  /// - Throws: `ArchiveError` for one that can't be read.
  func reader(_ limits: UnpackLimits) throws(ArchiveError) -> any MemberReader {
    if let copy = copy.take() { return try ZipReader(input, limits, copiedTo: copy) }
    return try TarReader(input, limits)
  }
}
