internal import Archive
internal import Configuration
internal import Linux
internal import ReleaseModel
internal import StoreSupport
internal import Text

extension ReleasesError {
  /// Makes the error for an archive that was not unpacked.
  ///
  /// - Parameters:
  ///   - error: why it was not unpacked.
  ///   - name: the name of the file; nil for standard input.
  ///   - limits: the limits with which it was unpacked.
  ///   - store: the path of the store.
  init(
    _ error: ArchiveError, archive name: String? = nil, limits: UnpackLimits = UnpackLimits(),
    store: String = "."
  ) {
    let message = Message(error.message(within: limits))
    let again: Hint = "send it again; nothing was published"
    let hints = ArchiveHints(archive: name)
    switch error.code {
    case .rejected(let rule):
      self.init(
        .archiveRejected, "the archive is rejected (\(rule.rawValue)): \(message)",
        hint: hints.hint(for: rule, target: error.target))
    case .truncated:
      self.init(.archiveTruncated, message, hint: again)
    case .senderPaused:
      self.init(
        .archiveTruncated, message,
        hint: Hint(
          """
          send it again; for a sender with longer pauses, raise unpack.max-stall in \
          \(Layout.configuration)
          """))
    case .senderTooSlow:
      self.init(
        .archiveTruncated, message,
        hint: "use a faster connection, or raise --max-upload of the key in authorized_keys")
    case .unreadable:
      self.init(
        .archiveUnreadable, "the archive can't be read: \(message)", hint: again)
    case .unsupported(let input):
      self.init(
        .archiveUnreadable, "the archive can't be read: \(message)",
        hint: hints.hint(for: input))
    case .digestMismatch: self.init(.digestMismatch, message, hint: again)
    case .sizeMismatch(let expected, let found):
      let hint: Hint =
        found < expected
        ? "the connection was lost or the sender stopped: send it again; nothing was published"
        : Hint("compare --size with the size of the archive", shell: "stat -c %s \(hints.archive)")
      self.init(.sizeMismatch, message, hint: hint)
    case .system(let cause) where cause.call == "capset":
      self.init(
        .permission, "the sandbox can't take root's capabilities from the process that unpacks",
        hint: Hint(
          "allow capset(2) in this container, or give the store to the user who runs the service",
          shell: "chown -R USER \(store.shellWord)"),
        cause: Message(cause))
    case .system(let cause): self.init("can't unpack the archive", cause)
    case .sandboxIncomplete:
      self.init(
        .unsupported, "the archive was not unpacked: \(message)",
        hint: Hint(
          """
          provide these layers, or set 'unpack: {sandbox: available}' in \(Layout.configuration); \
          see what this host has
          """, command: ["check"]))
    case .stopped: self.init(.noSpace, message)
    case .workerEnded:
      self.init(
        .failed, message,
        hint: Hint(
          "try again; if it fails again, see the kernel log", shell: "journalctl -k"))
    }
  }
}

/// What to do about an archive that was not unpacked.
struct ArchiveHints {
  /// The file as a word of a shell; a placeholder for standard input, whose file only the user knows.
  let archive: String
  private let isStream: Bool

  /// - Parameter name: the name of the file; nil for standard input.
  init(archive name: String?) {
    archive = name?.shellQuoted ?? "ARCHIVE"
    isStream = name == nil
  }

  /// The command that packs a directory.
  private static let packing = "tar -czf release.tar.gz -C DIRECTORY ."

  /// Returns the hint for an archive that breaks a rule.
  func hint(for rule: ArchiveError.Rule, target: String?) -> Hint {
    if let key = limitKey(of: rule) {
      return Hint("if the archive is correct, raise unpack.\(key) in \(Layout.configuration)")
    }
    switch rule {
    case .linkEscapes:
      if let target, target.utf8.first == UInt8(ascii: "/") {
        return Hint(
          """
          if the link is intended, allow its target with 'unpack: {allow-links: [\(target)]}' in \
          \(Layout.configuration)
          """)
      }
      return Hint(
        "create the archive with the files that its links point to",
        shell: "tar --dereference -czf release.tar.gz -C DIRECTORY .")
    case .encrypted:
      return Hint(
        "create the archive without a password; a signature protects it from changes",
        shell: "zip -r release.zip .")
    case .noMembers:
      return Hint("check which directory is packed; pack one with content", shell: Self.packing)
    case .strippedAway:
      return Hint(
        "use a smaller number for --strip-components or unpack.strip-components; list the members",
        shell: "bsdtar -tvf \(archive)")
    case .nameNotUTF8:
      return Hint(
        "create the archive with names in UTF-8, for example as a tar", shell: Self.packing)
    case .ambiguousHeader:
      return Hint(
        "its headers say two things, such as two names of a member; create it again, as a tar",
        shell: Self.packing)
    case .trailingData:
      return Hint("create the archive again as one file", shell: Self.packing)
    default:
      return Hint(
        "create the archive again without that member; list its members",
        shell: "bsdtar -tvf \(archive)")
    }
  }

  /// Returns the hint for an input that is not an archive that can be unpacked.
  func hint(for input: ArchiveError.UnsupportedInput) -> Hint {
    switch input {
    case .nothing where isStream: "check the command that made or sent the archive"
    case .nothing:
      Hint("check the command that made or sent the archive", shell: "ls -l \(archive)")
    case .webPage, .json:
      Hint(
        "the download failed or needs a login; let curl report that instead of saving the answer",
        shell: "curl --fail --location --output \(archive) URL")
    case .largeFilePointer: Hint("fetch the file itself", shell: "git lfs pull")
    case .sevenZip, .rar, .cpio, .rpmPackage:
      Hint("convert it to a tar", shell: "bsdtar -czf release.tar.gz @\(archive)")
    case .debianPackage:
      Hint(
        "take the files from the package",
        shell: "dpkg-deb --fsys-tarfile \(archive) > release.tar")
    case .splitZip: Hint("join the parts", shell: "zip -s 0 \(archive) --out release.zip")
    case .lzip: Hint("compress it again", shell: "lzip -dc \(archive) | xz > release.tar.xz")
    case .lzma:
      Hint("compress it again", shell: "xz --format=lzma -dc \(archive) | xz > release.tar.xz")
    case .lzop: Hint("compress it again", shell: "lzop -dc \(archive) | xz > release.tar.xz")
    case .compress: Hint("compress it again", shell: "gzip -dc \(archive) | gzip > release.tar.gz")
    case .legacyLZ4: Hint("compress it again", shell: "lz4 -dc \(archive) | lz4 > release.tar.lz4")
    case .program, .compressedFile:
      Hint("a release is a tree of files: pack a directory", shell: Self.packing)
    case .compressedTwice:
      Hint("compress it only once", shell: "bsdtar -czf release.tar.gz @\(archive)")
    case .tarHeader: "send it again; nothing was published"
    case .zstdWindow:
      Hint(
        "compress it again with a smaller window",
        shell: "zstd -dc --long=31 \(archive) | zstd --long=27 > release.tar.zst")
    case .zstdDictionary:
      Hint(
        "compress it again without the dictionary",
        shell: "zstd -dc -D DICTIONARY \(archive) | zstd > release.tar.zst")
    case .xzDictionary:
      Hint(
        "compress it again with a smaller dictionary",
        shell: "xz -dc \(archive) | xz > release.tar.xz")
    case .zipMethod:
      Hint("create the zip with the method Deflate", shell: "zip -r release.zip .")
    case .unknown: "use tar (plain, gzip, zstd, xz, bzip2 or lz4) or zip"
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
}
