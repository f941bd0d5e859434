internal import CArchive
internal import Linux

/// Reads a zip by the directory at its end: names and modes through libarchive, the content by
/// `ZipContent`.
///
/// The input is a pipe, so all of it is first copied to an unnamed file.
final class ZipReader: MemberReader {
  private static let blockSize = 256 << 10

  private let file: Descriptor
  private let handle: ArchiveHandle
  private let records: [ZipRecord]
  private let offsets: [Int64]
  private let content: ZipContent
  private var index = -1

  /// Copies the input and checks its directory.
  ///
  /// - Parameters:
  ///   - input: the archive.
  ///   - limits: the limits of the archive.
  ///   - copy: an empty unnamed file, which receives the whole input.
  /// - Throws: `ArchiveError` if the directory is rejected or the copy fails.
  init(
    _ input: RawInput, _ limits: UnpackLimits, copiedTo copy: consuming Descriptor
  ) throws(ArchiveError) {
    file = copy
    while true {
      let block = try input.nextBlock()
      if block.isEmpty { break }
      if input.count > Self.copyLimit(limits) { throw ArchiveError(.rejected(.tooManyBytes)) }
      do throws(SystemError) { try file.write(block) } catch { throw ArchiveError(error) }
    }
    let directory = try ZipDirectory(file, size: input.count, limits)
    records = directory.records
    offsets = directory.contentOffsets
    content = try ZipContent()
    do throws(SystemError) {
      // Names are treated as bytes here. libarchive would convert names that are declared as UTF-8
      // to their composed form, or lose them if the locale is not UTF-8.
      for (offset, bytes) in directory.corrections { try file.write(bytes, at: offset) }
      // libarchive looks for the end record at the end.
      if directory.size < input.count { try file.truncate(to: directory.size) }
      try file.rewind()
    } catch {
      throw ArchiveError(error)
    }
    handle = try ArchiveHandle()
    try handle.check(archive_read_support_format_zip_seekable(handle.raw))
    // libarchive does not recognize a zip without members.
    if records.isEmpty { return }
    try handle.check(archive_read_open_fd(handle.raw, file.raw, Self.blockSize))
  }

  /// Returns the largest size of a zip in bytes: that of incompressible content and its headers.
  static func copyLimit(_ limits: UnpackLimits) -> Int64 {
    min(limits.bytes, .max - 2 * ZipDirectory.sizeLimit) + 2 * ZipDirectory.sizeLimit
  }

  func next() throws(ArchiveError) -> Member? {
    index += 1
    if records.isEmpty { return nil }
    var entry: OpaquePointer?
    guard try handle.check(archive_read_next_header(handle.raw, &entry)), let entry else {
      guard index == records.count else { throw ArchiveError(.rejected(.ambiguousHeader)) }
      return nil
    }
    guard index < records.count else { throw ArchiveError(.rejected(.ambiguousHeader)) }
    let record = records[index]
    return try naming(record.name) { () throws(ArchiveError) in
      if record.isEncrypted { throw ArchiveError(.rejected(.encrypted)) }
      if record.isSpecial { throw ArchiveError(.rejected(.specialFile)) }
      // libarchive's names end at a NUL.
      if record.name.contains(0) { throw ArchiveError(.rejected(.nulInName)) }
      var member = try Member(entry)
      guard member.name == record.path.slashed else {
        throw ArchiveError(.rejected(.ambiguousHeader))
      }
      member.name = record.name
      // libarchive invents a mode for members that have none.
      if record.mode == 0 { member.mode &= 0o755 }
      switch member.kind {
      case .file(let size) where size != record.size: throw ArchiveError(.rejected(.sizeLies))
      case .directory where record.size != 0: throw ArchiveError(.rejected(.sizeLies))
      // libarchive compares only the checksums of files, and ends a target at a NUL.
      case .symbolicLink(let target)
      where target.count != record.size || record.crc != Int64(crc32_z(0, target, target.count)):
        throw ArchiveError(.rejected(.linkTarget))
      default: return member
      }
    }
  }

  func readContent(
    _ body: (ContentPiece) throws(ArchiveError) -> Void
  ) throws(ArchiveError) {
    try content.read(records[index], of: file, at: offsets[index], body)
  }
}
