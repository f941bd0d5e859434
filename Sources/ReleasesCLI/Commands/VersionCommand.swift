extension Command {
  /// Prints the version. `--version` runs it, too.
  static let version = Command(
    name: "version",
    summary: "Print the version",
    group: nil,
    details: ["This is the same as --version."],
    examples: [("releases --version", "Print the version")],
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
