/// How a result is written to standard output.
enum OutputFormat: String, Sendable, CaseIterable {
  case text
  case json
  /// Annotations and step outputs of GitHub Actions.
  case github
}

extension Option {
  static let store = Option(
    .store, short: "s", Value("PATH", .directory),
    help: "the store; else $RELEASES_STORE, else /opt/diting")
  static let json = Option(
    .json, excludes: [.output], remote: true,
    help: "print one JSON document, failures included; short for --output json")
  static let output = Option(
    .output, .words(of: OutputFormat.self), excludes: [.json], remote: true,
    help: "print for people, for scripts, or for the log of GitHub Actions, which marks failures")
  static let quiet = Option(
    .quiet, short: "q", remote: true,
    help: "print nothing but the bare result; errors are still told")
  static let help = Option(
    .help, short: "h", remote: true, help: "explain the command and do nothing")
  static let version = Option(
    .version, short: "V", remote: true, help: "print the version and do nothing")

  static let dryRun = Option(
    .dryRun, short: "n", remote: true, help: "print what would be done, and change nothing")
  static let wait = Option(
    .wait, Value("DURATION"), remote: true,
    help: "wait this long for another transaction to end, such as 90s or 5m (default 30s)")

  /// Of every command that changes the store.
  static let changing: [Option] = [.wait, .dryRun]

  static func force(_ help: String) -> Option {
    Option(.force, short: "f", remote: true, help: help)
  }

  static let noRollback = Option(
    .noRollback, remote: true,
    help: "leave a release live that does not work, marked bad, to look at it; exit status 11")

  static let hashing = Option(
    .verify, remote: true,
    help: "first compare every file with its checksum, not only with its size")

  static func reason(_ help: String) -> Option {
    Option(.reason, Value("TEXT"), required: true, remote: true, help: help)
  }
}
