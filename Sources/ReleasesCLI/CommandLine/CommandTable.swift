/// All commands and the options that each of them takes.
enum CommandTable {
  /// In the order of the overview.
  static let commands: [Command] = [
    .list, .show, .status, .history, .verify, .check, .metrics, .report,
    .diagnose,
    .deploy, .unpack, .prepare, .activate, .rollback, .abort,
    .pin, .unpin, .mark, .freeze, .thaw,
    .initialize, .prune, .remove, .recover,
    .help, .completion, .version, .gate, .generate, .unpackWorker,
  ]

  /// Accepted before and after the name of every command.
  static let globalOptions: [Option] = [.store, .json, .output, .quiet, .help, .version]

  /// Those that help, man page and completions name.
  static var visibleCommands: [Command] { commands.filter { $0.group != nil } }
}
