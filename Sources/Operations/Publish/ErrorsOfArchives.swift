internal import Archive
internal import Linux

extension ReleasesError {
  /// An archive that was not unpacked.
  init(_ error: ArchiveError) {
    let again = "send it again; nothing was published"
    switch error.code {
    case .rejected(let rule):
      let limit = limitKey(of: rule).map {
        "if it has to be so, raise unpack: \($0) in \(Layout.configuration)"
      }
      self.init(
        .archiveRejected, "the archive is rejected (\(rule.rawValue)): \(error.message)",
        hint: limit ?? "look at it with: bsdtar -tvf ARCHIVE; make it again without that member")
    case .truncated:
      self.init(.archiveTruncated, error.message, hint: again)
    case .unreadable:
      self.init(
        .archiveUnreadable, "the archive can't be read: \(error.message)",
        hint: "tar (plain, gzip, zstd, xz, bzip2, lz4) and zip are understood")
    case .digestMismatch: self.init(.digestMismatch, error.message, hint: again)
    case .sizeMismatch: self.init(.sizeMismatch, error.message, hint: again)
    case .system(let cause) where cause.call == "capset":
      self.init(
        .permission, "the sandbox can't take root's capabilities from the process that unpacks",
        hint: "allow capset(2) in this container, or let the store belong to another user:"
          + " chown -R USER STORE",
        cause: cause.description)
    case .system(let cause): self.init("can't unpack the archive", cause)
    case .stopped: self.init(.noSpace, error.message)
    case .workerEnded:
      self.init(
        .failed, error.message,
        hint: "try it again; if it happens again, look at: journalctl -k, bsdtar -tvf ARCHIVE")
    }
  }
}

/// Where the limit is set that a rule is about.
private func limitKey(of rule: ArchiveError.Rule) -> String? {
  let key: ConfigurationKeys.Unpack? =
    switch rule {
    case .tooManyBytes: .maxBytes
    case .tooManyEntries: .maxEntries
    case .ratioTooHigh: .maxRatio
    case .tooDeep: .maxDepth
    case .tooMuchProcessorTime: .maxProcessorTime
    default: nil
    }
  return key?.rawValue
}
