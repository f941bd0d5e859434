internal import CommandLineKit

/// All commands, and the description of the program for help and the man page.
enum CommandTable {
  /// The commands, and the program that they make up.
  static let commands = CommandSet(
    all: all, help: .help, version: .version,
    program: ProgramDeclaration(
      name: "releases", version: Version.number, date: Version.date,
      purpose: "deploy, switch, roll back and prune the releases of a service",
      groups: Command.Group.allCases.map { $0.rawValue },
      commands: all.map { $0.declaration }, globalOptions: Option.global))

  /// All commands, in the order of the overview.
  private static let all: [Command] = [
    .list, .show, .status, .history, .logs, .verify, .check, .metrics, .report,
    .diagnose,
    .deploy, .unpack, .prepare, .activate, .rollback, .restart, .abort, .wait,
    .pin, .unpin, .mark, .freeze, .thaw,
    .initialize, .prune, .remove, .recover,
    .help, .completion, .version, .gate, .generate, .unpackWorker,
  ]
}
