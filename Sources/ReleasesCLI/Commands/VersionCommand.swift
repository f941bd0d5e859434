internal import Archive
internal import Configuration
internal import Linux

extension Command {
  /// Prints the version. `--version` runs it, too.
  static let version = Command(
    name: "version",
    summary: "Print the version",
    group: nil,
    details: [
      """
      This is the same as --version. The JSON document also lists the libraries in the binary \
      and their versions. The bill of materials of each package lists Debian's versions; see \
      releases-security(7).
      """
    ],
    examples: [
      ("releases --version", "Print the version"),
      ("releases version --json", "Print the versions of the linked libraries, too"),
    ],
    run: { _, _ in
      CommandResult(VersionReport(), quietText: "releases \(Version.number)\n") { _ in
        "releases \(Version.number)\n"
      }
    })
}

private struct VersionReport: Encodable, Sendable {
  /// A library that is part of the binary.
  struct Library: Encodable, Sendable {
    let name: String
    let version: String
  }

  var schema = 1
  let version = Version.number
  /// The libraries, sorted by name.
  let libraries = ArchiveLibraries.versions
    .merging(["glibc": CLibrary.version, "libyaml": YAMLLibrary.version]) { $1 }
    .sorted { $0.key < $1.key }.map { Library(name: $0.key, version: $0.value) }
}
