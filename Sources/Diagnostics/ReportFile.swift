internal import Linux
package import ReleaseModel
internal import StoreSupport
internal import Text

/// The file that a report is written to: a new file that only its owner can read, or a file that
/// replaces an older one and that all users can read.
package struct ReportFile: ~Copyable {
  private let path: String
  private let directory: Descriptor
  private let name: String
  private let command: [String]
  private let isReplacing: Bool

  /// Opens the directory of the file.
  ///
  /// - Parameters:
  ///   - path: the path of the file.
  ///   - command: the arguments that the path follows, for hints.
  ///   - isReplacing: whether the file may replace an older one.
  /// - Throws: `output` when the directory does not exist or the name is taken, another error when the
  ///   directory can't be read.
  package init(
    _ path: String, for command: [String], replacing isReplacing: Bool = false
  ) throws(ReleasesError) {
    let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
    let parent = slash.map { String(path[...$0]) } ?? "."
    let name = slash.map { String(path[path.utf8.index(after: $0)...]) } ?? path
    guard !name.isEmpty else {
      throw ReleasesError(
        .output, "\(path: path) names a directory, not a file",
        hint: Hint("name a file", command: command + [path + Self.exampleName(for: command)]))
    }
    let directory = try Self.open(parent, for: path, command)
    let found = try withErrorMessage("can't read the status of \(path: path)") {
      () throws(SystemError) in
      try directory.statusIfPresent(of: name)?.kind
    }
    if let found, !isReplacing || found != .file { throw Self.exists(path) }
    self.path = path
    self.directory = directory
    self.name = name
    self.command = command
    self.isReplacing = isReplacing
  }

  /// Writes the file atomically.
  ///
  /// - Throws: `output` when the name is taken, `permission` when the owner of the store may not write
  ///   there, another error when the file can't be written.
  package borrowing func write(_ bytes: [UInt8]) throws(ReleasesError) {
    let signals = Signals.holdTermination()
    defer { signals.release() }
    let number = HostFacts.randomBytes(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let temporary = ".releases-report.\(String(number, radix: 16))"
    do throws(SystemError) {
      let flags: OpenFlags = [.writeOnly, .create, .exclusive, .noFollow]
      let file = try directory.open(temporary, flags, mode: isReplacing ? 0o644 : 0o600)
      do throws(SystemError) {
        try file.write(bytes)
        try file.sync()
        try file.close()
        if isReplacing {
          try directory.rename(temporary, to: name)
        } else {
          try directory.move(temporary, to: directory, as: name)
        }
      } catch {
        try? directory.unlink(temporary)
        throw error
      }
    } catch let error where error.errno == .exists {
      throw Self.exists(path)
    } catch let error where error.errno == .accessDenied {
      throw Self.denied(path, command, error)
    } catch {
      throw ReleasesError("can't write \(path: path)", error)
    }
  }

  /// A name that suits the kind of report.
  private static func exampleName(for command: [String]) -> String {
    command.contains("--html") ? "releases.html" : "releases-report.tar.gz"
  }

  private static func denied(
    _ path: String, _ command: [String], _ error: SystemError
  ) -> ReleasesError {
    ReleasesError(
      .permission, "can't write \(path: path) as the owner of the store",
      hint: Hint(
        "name a file where the owner may write",
        command: command + ["/tmp/" + exampleName(for: command)]),
      cause: Message(error))
  }

  private static func open(
    _ directory: String, for path: String, _ command: [String]
  ) throws(ReleasesError) -> Descriptor {
    do throws(SystemError) {
      return try Descriptor.openDirectory(directory)
    } catch let error where error.errno == .accessDenied {
      throw denied(path, command, error)
    } catch {
      throw ReleasesError(
        .output, "can't write \(path: path)", hint: "name a file in an existing directory",
        cause: Message(error))
    }
  }

  private static func exists(_ path: String) -> ReleasesError {
    ReleasesError(
      .output, "\(path: path) already exists",
      hint: "use the name of a file that does not exist yet")
  }
}
