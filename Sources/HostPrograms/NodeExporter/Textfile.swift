internal import Linux
package import ReleaseModel
internal import StoreSupport
internal import Text

/// A file for the textfile collector of Prometheus's node_exporter, which reads all files of one
/// directory whose names end in `.prom`.
package struct Textfile: Sendable {
  /// The paths that distributions use for that directory.
  package static let directories = [
    "/var/lib/prometheus/node-exporter", "/var/lib/node_exporter/textfile_collector",
    "/var/lib/node_exporter",
  ]
  /// The name of the file that 0.1 wrote for its only store.
  private static let oldName = "releases.prom"
  /// How much of an old file is read, in bytes.
  private static let sizeLimit = 1 << 20
  /// The age in seconds beyond which the writer of a temporary file is considered dead.
  private static let oldAge: Int64 = 3_600

  /// The path of the directory.
  package let directory: String
  private let name: String

  /// Finds the directory of the file. Reads no file.
  ///
  /// - Parameters:
  ///   - name: a path, or a file name in the first directory that exists.
  ///   - directories: the directories to try for a file name.
  /// - Throws: `usage` for a name that the collector ignores, `output` if no directory exists.
  package init(_ name: String, in directories: [String]) throws(ReleasesError) {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard let last = parts.last, last.hasSuffix(".prom"), last.first != "." else {
      throw ReleasesError(
        .usage, "the textfile collector reads only names that end in .prom, not \(name)",
        hint: Hint("see the options", command: ["help", "metrics"]))
    }
    self.name = String(last)
    if parts.count > 1 {
      let parent = parts.dropLast().joined(separator: "/")
      directory = parent.isEmpty ? "/" : parent
      return
    }
    guard
      let found = directories.first(where: { (try? status(ofPath: $0))?.kind == .directory })
    else {
      throw ReleasesError(
        .output,
        "the directory of the textfile collector is missing: \(directories.joined(separator: ", "))",
        hint: directories.last.map { Self.creating($0) })
    }
    directory = found
  }

  /// Permanently becomes the owner of the directory, if root runs this and another user owns the
  /// directory: that user could create links there for root to follow.
  ///
  /// - Throws: `output` when the status of the directory can't be read or the user can't be changed.
  package func becomeOwner() throws(ReleasesError) {
    guard ProcessFacts.effectiveUser == 0 else { return }
    try reporting { () throws(SystemError) in
      let status = try open().status()
      guard status.owner != 0 else { return }
      let account = Account.of(status.owner) ?? NameService.account(of: status.owner)
      try ProcessFacts.become(
        user: status.owner, group: Account.group(of: account, directory: status))
    }
  }

  /// Opens the directory. Root follows no link on the way, which another user could have made.
  ///
  /// - Throws: `SystemError` when a directory can't be opened, ENOTDIR for a link.
  private func open() throws(SystemError) -> Descriptor {
    guard ProcessFacts.effectiveUser == 0 else { return try Descriptor.openDirectory(directory) }
    let path =
      directory.isAbsolutePath ? directory : "\(WorkingDirectory.path ?? "")/\(directory)"
    var place = try Descriptor.openDirectory("/")
    for name in path.nameComponents where name != "." { place = try place.openDirectory(name) }
    return place
  }

  /// Replaces the file atomically, so that the collector reads the old text or the new one.
  ///
  /// - Throws: `output` when the file can't be written.
  package func write(_ text: [UInt8]) throws(ReleasesError) {
    try reporting { () throws(SystemError) in
      let place = try open()
      // A lock would not help: any user who may read the directory could hold it.
      let now = Clock.now().seconds
      for entry in try place.entries() where Layout.isTemporary(entry.name, for: [name]) {
        guard let modified = try? place.status(of: entry.name).modified.seconds,
          now - modified > Self.oldAge
        else { continue }
        try place.unlinkIfPresent(entry.name)
      }
      try place.replaceFile(name, with: text, suffix: uniqueSuffix())
      try removeOld(place)
    }
  }

  /// Removes the file that 0.1 wrote for its store, whose samples would never change again.
  ///
  /// - Throws: `SystemError` when the file can't be removed.
  private func removeOld(_ place: borrowing Descriptor) throws(SystemError) {
    guard name != Self.oldName,
      let file = try? place.open(Self.oldName, [.noFollow, .nonBlocking]),
      let bytes = try? file.readAll(limit: Self.sizeLimit),
      String(decoding: bytes, as: UTF8.self).contains("\nreleases_build_info{version=\"0.1.")
    else { return }
    try place.unlinkIfPresent(Self.oldName)
  }

  private func reporting(
    _ body: () throws(SystemError) -> Void
  ) throws(ReleasesError) {
    do throws(SystemError) {
      try body()
    } catch {
      throw ReleasesError(
        .output, "can't write \(name) to \(directory)",
        hint: hint(for: error), cause: Message(error))
    }
  }

  /// Returns the hint to create a directory in which this user can write.
  private static func creating(_ directory: String) -> Hint {
    let me = ProcessFacts.effectiveUser
    let owner = me == 0 ? "" : "-o \(me) "
    return Hint(
      "create it", shell: "\(Hint.asRoot)install -d \(owner)\(directory.shellWord)")
  }

  private func hint(for error: SystemError) -> Hint {
    switch error.errno {
    case .noEntry: Self.creating(directory)
    case let errno where errno.isOutOfSpace:
      Hint("see how much space is free", shell: "df -h \(directory.shellWord)")
    case .notADirectory:
      Hint("name the real path of the directory", shell: "readlink -e \(directory.shellWord)")
    default: Hint("see who may write there", shell: "ls -ld \(directory.shellWord)")
    }
  }
}
