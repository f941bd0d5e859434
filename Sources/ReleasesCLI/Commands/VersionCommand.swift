internal import Linux

extension Command {
  /// What `--version` runs.
  static let version = Command(
    name: "version",
    summary: "print the version",
    group: nil,
    details: ["The same as --version."],
    examples: [("releases --version", "print the version")],
    run: { _, _ in
      CommandResult(VersionReport(), quietText: "releases \(Version.number)\n") { _ in
        "releases \(Version.number)\n"
      }
    })
}

private struct VersionReport: Encodable, Sendable {
  var schema = 1
  let version = Version.number
}
