internal import Archive
internal import Configuration
internal import Linux
internal import ReleaseModel
internal import StoreSupport

extension ReleasesError {
  /// Makes the error for an archive that was not unpacked.
  init(_ error: ArchiveError) {
    let again: Hint = "send it again; nothing was published"
    switch error.code {
    case .rejected(let rule):
      let limit = limitKey(of: rule).map {
        Hint("if the archive is correct, raise unpack.\($0) in \(Layout.configuration)")
      }
      self.init(
        .archiveRejected, "the archive is rejected (\(rule.rawValue)): \(error.message)",
        hint: limit
          ?? Hint(
            "create the archive again without that member; list its members",
            shell: "bsdtar -tvf ARCHIVE"))
    case .truncated:
      self.init(.archiveTruncated, error.message, hint: again)
    case .unreadable:
      self.init(
        .archiveUnreadable, "the archive can't be read: \(error.message)",
        hint: "use tar (plain, gzip, zstd, xz, bzip2 or lz4) or zip")
    case .digestMismatch: self.init(.digestMismatch, error.message, hint: again)
    case .sizeMismatch: self.init(.sizeMismatch, error.message, hint: again)
    case .system(let cause) where cause.call == "capset":
      self.init(
        .permission, "the sandbox can't take root's capabilities from the process that unpacks",
        hint: Hint(
          "allow capset(2) in this container, or give the store to another user",
          shell: "chown -R USER STORE"),
        cause: cause.description)
    case .system(let cause): self.init("can't unpack the archive", cause)
    case .stopped: self.init(.noSpace, error.message)
    case .workerEnded:
      self.init(
        .failed, error.message,
        hint: Hint(
          "try again; if it fails again, see the kernel log", shell: "journalctl -k"))
    }
  }
}

/// Returns the configuration key that sets the limit of a rule; nil if there is none.
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
