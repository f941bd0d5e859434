internal import CArchive
internal import Glibc
internal import Linux

extension Member {
  /// Copies the metadata that libarchive has read; see archive_entry(3).
  ///
  /// - Throws: `ArchiveError` for an entry without a name, or of a kind that is rejected.
  init(_ entry: OpaquePointer) throws(ArchiveError) {
    guard let name = archive_entry_pathname(entry).map(bytes) else {
      throw ArchiveError(.rejected(.nameNotUTF8))
    }
    self.name = name
    mode = FileMode(archive_entry_perm(entry))
    modified = FileTime(
      seconds: Int64(archive_entry_mtime(entry)),
      nanoseconds: Int64(archive_entry_mtime_nsec(entry)))
    kind = try naming(name) { () throws(ArchiveError) in try Kind(entry) }
  }
}

extension Member.Kind {
  fileprivate init(_ entry: OpaquePointer) throws(ArchiveError) {
    if archive_entry_is_encrypted(entry) != 0 { throw ArchiveError(.rejected(.encrypted)) }
    let size = archive_entry_size_is_set(entry) == 0 ? nil : archive_entry_size(entry)
    if let target = archive_entry_hardlink(entry) {
      // The content of the second name could differ from that of the first one.
      guard (size ?? 0) == 0 else { throw ArchiveError(.rejected(.sizeLies)) }
      self = .hardLink(target: bytes(target))
      return
    }
    switch archive_entry_filetype(entry) {
    case 0o100000:
      guard let size, size >= 0 else { throw ArchiveError(.rejected(.sizeLies)) }
      self = .file(size: size)
    case 0o040000: self = .directory
    case 0o120000:
      guard let target = archive_entry_symlink(entry) else {
        throw ArchiveError(.rejected(.linkTarget))
      }
      self = .symbolicLink(target: bytes(target))
    default: self = .special
    }
  }
}

private func bytes(_ text: UnsafePointer<CChar>) -> [UInt8] {
  Array(UnsafeRawBufferPointer(start: text, count: strlen(text)))
}
