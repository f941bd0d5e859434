extension Command {
  /// What `--version` runs.
  static let version = Command(
    name: "version",
    summary: "print the version",
    group: nil,
    details: ["The same as --version."],
    examples: [("releases --version", "print the version")],
    run: { _ in Outcome(text: "releases \(Version.number)\n") })
}
