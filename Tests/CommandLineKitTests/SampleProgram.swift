import CommandLineKit

extension Option.Name {
  static let store = Option.Name("store")
  static let json = Option.Name("json")
  static let output = Option.Name("output")
  static let quiet = Option.Name("quiet")
  static let dryRun = Option.Name("dry-run")
  static let force = Option.Name("force")
  static let keep = Option.Name("keep")
  static let limit = Option.Name("limit")
  static let reason = Option.Name("reason")
  static let ref = Option.Name("ref")
  static let to = Option.Name("to")
}

extension ProgramDeclaration {
  /// A program with commands and options of every kind.
  static let sample = program(
    commands: [
      command("list", synonyms: ["ls"]),
      command("history", options: [Option(.limit, Value("N", .number), help: "")]),
      command("verify", [Operand(release, .any, help: "")]),
      command("unpack", [Operand(Value("ARCHIVE", .file), help: "")], options: [ref, dryRun]),
      command("activate", [Operand(release, help: "")], options: [dryRun, force]),
      command(
        "rollback", options: [Option(.to, release, takesStrayOperand: true, help: ""), dryRun],
        synonyms: ["back", "undo"]),
      command("pin", [Operand(release, help: "")], options: [reason]),
      command(
        "mark", [Operand(release, help: ""), Operand(.words(["good", "bad"]), help: "")],
        options: [reason]),
      command("freeze", options: [reason], synonyms: ["undo"]),
      command("prune", options: [Option(.keep, Value("N", .number), help: ""), dryRun]),
      command("completion", [Operand(.words(["bash", "zsh", "fish"]), help: "")]),
      command("help", [Operand(Value("COMMAND", .commands), .optional, help: "")]),
      command("hidden", group: nil),
    ])

  /// Returns a program with the global options of the sample.
  static func program(commands: [CommandDeclaration]) -> ProgramDeclaration {
    ProgramDeclaration(
      name: "sample", version: "1.0", date: "November 3, 2025", purpose: "test the parser",
      groups: ["all"], commands: commands,
      globalOptions: [
        Option(.store, short: "s", Value("PATH", .directory), help: ""),
        Option(.json, excludes: [.output], help: ""),
        Option(.output, .words(["text", "json", "github"]), excludes: [.json], help: ""),
        Option(.quiet, short: "q", help: ""), Option(.help, short: "h", help: ""),
        Option(.version, short: "V", help: ""),
      ])
  }

  static func command(
    _ name: String, _ operands: [Operand] = [], options: [Option] = [], group: String? = "all",
    synonyms: [String] = []
  ) -> CommandDeclaration {
    CommandDeclaration(
      name: name, summary: name, group: group, details: [], operands: operands, options: options,
      examples: [], synonyms: synonyms)
  }

  private static let release = Value("ID", .listed)
  private static let dryRun = Option(.dryRun, short: "n", help: "")
  private static let force = Option(.force, short: "f", help: "")
  private static let reason = Option(.reason, Value("TEXT"), required: true, help: "")
  private static let ref = Option(.ref, Value("REF"), help: "")
}
