internal import Archive
internal import Linux

extension ReleasesError {
  /// An archive that was not unpacked.
  init(_ error: ArchiveError) {
    let again = "send it again; nothing was published"
    switch error.code {
    case .rejected(let rule)
    where [.tooManyBytes, .tooManyMembers, .tooMuchCompression].contains(rule):
      self.init(
        .archiveRejected, "the archive is rejected (\(rule.rawValue)): \(error.message)",
        hint: "when it is meant to be so: raise the limit, see unpack in releases.yaml(5)")
    case .rejected(let rule):
      self.init(
        .archiveRejected, "the archive is rejected (\(rule.rawValue)): \(error.message)",
        hint: "look at it with: bsdtar -tvf ARCHIVE; make it again without that member")
    case .truncated:
      self.init(.archiveTruncated, error.message, hint: again)
    case .unreadable:
      self.init(
        .archiveUnreadable, "the archive can't be read: \(error.message)",
        hint: "tar (plain, gzip, zstd, xz, bzip2, lz4) and zip are understood")
    case .digestMismatch: self.init(.digestMismatch, error.message, hint: again)
    case .sizeMismatch: self.init(.sizeMismatch, error.message, hint: again)
    case .system(let cause): self.init("can't unpack the archive", cause)
    }
  }
}
