internal import Archive
internal import ReleaseModel
internal import Text

/// What the names in an unpacked archive say about how it was made.
struct ArchiveShape: Equatable {
  /// The directory that has everything else in it; nil when there is more at the top.
  let singleDirectory: String?
  /// Whether the archive is a Python wheel: it has the file that PEP 427 demands.
  let isWheel: Bool

  /// The name of the only file, if that is an archive; nil when there is more, or it is something else.
  let onlyArchive: String?

  private static let wheelFile = ".dist-info/WHEEL"
  /// The ends of names that archives have.
  private static let archiveSuffixes = [
    ".tar", ".tar.gz", ".tgz", ".tar.zst", ".tzst", ".tar.xz", ".txz", ".tar.bz2", ".tbz2",
    ".tar.lz4", ".zip", ".whl",
  ]

  init(_ entries: some Sequence<TreeEntry>) {
    var (tops, directory, isWheel): (Int, String?, Bool) = (0, nil, false)
    var (files, file): (Int, String?) = (0, nil)
    for entry in entries where entry.path != "." {
      if entry.content != .directory {
        files += 1
        file = entry.path
      }
      let slashes = entry.path.utf8.count { $0 == UInt8(ascii: "/") }
      if slashes == 0 {
        tops += 1
        directory = entry.content == .directory ? entry.path : nil
      } else if slashes == 1, entry.path.hasSuffix(Self.wheelFile) {
        isWheel = true
      }
    }
    singleDirectory = tops == 1 ? directory : nil
    self.isWheel = isWheel
    onlyArchive = files == 1 ? file.flatMap { Self.isArchive($0) ? $0 : nil } : nil
  }

  private static func isArchive(_ path: String) -> Bool {
    let name = path.lowercased()
    return archiveSuffixes.contains { name.hasSuffix($0) }
  }

  /// Returns how to publish the archive again without its only directory; nil when it has more at the
  /// top, or the operator has said what to remove.
  ///
  /// The parameters are those of ``notices(of:isStrippingSet:)``.
  func withoutDirectory(_ request: PublishRequest, isStrippingSet: Bool) -> Hint? {
    guard singleDirectory != nil, !isStrippingSet else { return nil }
    return Hint(
      """
      if the content of that directory is the release, remove its name; 'unpack: \
      {strip-components: auto}' in \(Layout.configuration) does so for every archive
      """,
      command: [request.command, request.archiveName ?? "-"] + request.repeatedOptions
        + ["--strip-components", "1"])
  }

  /// Returns what the operator may not have intended.
  ///
  /// - Parameters:
  ///   - request: the request to publish the archive.
  ///   - isStrippingSet: whether the operator has said how many components to remove.
  /// - Returns: a notice for each of these.
  func notices(of request: PublishRequest, isStrippingSet: Bool) -> [Notice] {
    var notices: [Notice] = []
    if let singleDirectory, let hint = withoutDirectory(request, isStrippingSet: isStrippingSet) {
      notices.append(
        Notice("everything in the archive is in the directory '\(singleDirectory)'", hint: hint))
    }
    if let onlyArchive {
      let outer = request.archiveName?.shellQuoted ?? "ARCHIVE"
      notices.append(
        Notice(
          """
          the only file in the archive is another archive, '\(onlyArchive)', which was not unpacked
          """,
          hint: Hint(
            "take that one out, and publish it instead",
            shell: "bsdtar -xOf \(outer) \(onlyArchive.shellQuoted) > release.archive")))
    }
    if isWheel {
      notices.append(
        Notice(
          """
          the archive is a Python wheel: its files were unpacked, but its commands and its \
          dependencies are not installed
          """,
          hint: Hint(
            "install the wheel into a directory, and pack that",
            shell: """
              python3 -m pip install --target DIRECTORY \
              \(request.archiveName?.shellQuoted ?? "WHEEL") && tar -czf release.tar.gz -C DIRECTORY .
              """)))
    }
    return notices
  }
}
