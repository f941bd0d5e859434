internal import CommandLineKit

extension Option.Name {
  static let adopt = Option.Name("adopt")
  static let all = Option.Name("all")
  static let allow = Option.Name("allow")
  static let archive = Option.Name("archive")
  static let boot = Option.Name("boot")
  static let describe = Option.Name("describe")
  static let dryRun = Option.Name("dry-run")
  static let force = Option.Name("force")
  static let html = Option.Name("html")
  static let id = Option.Name("id")
  static let json = Option.Name("json")
  static let keep = Option.Name("keep")
  static let keepWithin = Option.Name("keep-within")
  static let limit = Option.Name("limit")
  static let lines = Option.Name("lines")
  static let maxSessions = Option.Name("max-sessions")
  static let maxUpload = Option.Name("max-upload")
  static let name = Option.Name("name")
  static let noHooks = Option.Name("no-hooks")
  static let noRollback = Option.Name("no-rollback")
  static let output = Option.Name("output")
  static let progress = Option.Name("progress")
  static let quiet = Option.Name("quiet")
  static let reason = Option.Name("reason")
  static let ref = Option.Name("ref")
  static let request = Option.Name("request")
  static let sha256 = Option.Name("sha256")
  static let signature = Option.Name("signature")
  static let size = Option.Name("size")
  static let store = Option.Name("store")
  static let strict = Option.Name("strict")
  static let stripComponents = Option.Name("strip-components")
  static let textfile = Option.Name("textfile")
  static let timeout = Option.Name("timeout")
  static let to = Option.Name("to")
  static let verbose = Option.Name("verbose")
  static let verify = Option.Name("verify")
  static let wait = Option.Name("wait")
  static let watch = Option.Name("watch")
}

extension Option {
  static let store = Option(
    .store, short: "s", Value("PATH", .directory),
    help: "Directory of the store (default: $RELEASES_STORE, or else /opt/diting)")
  static let json = Option(
    .json, excludes: [.output], remote: true,
    help: "Print one JSON document, even on failure; the same as --output json")
  static let output = Option(
    .output, .words(of: OutputFormat.self), excludes: [.json], remote: true,
    help: "Output format; github marks errors in the log of GitHub Actions (default: text)")
  static let quiet = Option(
    .quiet, short: "q", remote: true,
    help: "Print only the essential result, such as an ID; warnings and errors are still printed")
  static let help = Option(
    .help, short: "h", remote: true, help: "Show help for the command and exit")
  static let version = Option(
    .version, short: "V", remote: true, help: "Print the version and exit")

  static let dryRun = Option(
    .dryRun, short: "n", remote: true, help: "Print what would be done, and change nothing")
  static let wait = Option(
    .wait, Value("DURATION"), remote: true,
    help: "Maximum time to wait for another transaction, such as 90s or 5m (default: 30s)")

  /// The options of every command that changes the store.
  static let changing: [Option] = [.wait, .dryRun]

  /// Returns the option `--force` with the help of one command.
  static func force(_ help: String) -> Option {
    Option(.force, short: "f", remote: .operators, help: help)
  }

  static let noRollback = Option(
    .noRollback, remote: .operators,
    help: "If the release fails, leave it live for debugging, mark it bad, and exit with 11;"
      + " not possible with service.socket")

  static let verify = Option(
    .verify, remote: true,
    help: "Compare the checksum of every file before the switch, not only its size")

  /// Returns the required option `--reason` with the help of one command.
  static func reason(_ help: String) -> Option {
    Option(.reason, Value("TEXT"), required: true, remote: true, help: help)
  }
}

extension Option.RemoteUse {
  /// Only the role `operator` may give the option, since it overrides a refusal.
  static let operators = Self.restricted(to: [Role.operator.rawValue])
}

extension Operand {
  /// Returns the operand that names a release.
  static func release(_ help: String) -> Operand {
    Operand(Value("ID", .listed), help: help)
  }
}

extension Option {
  /// The options that every command accepts.
  static let global: [Option] = [.store, .json, .output, .quiet, .help, .version]
}
