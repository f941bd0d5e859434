/// A program: its name, its commands, and its global options.
package struct ProgramDeclaration: Sendable {
  package let name: String
  package let version: String
  /// The date of the version, as mdoc(7) writes it. A constant, so that the same source always
  /// yields the same man page.
  package let date: String
  /// What the program does, in one phrase.
  package let purpose: String
  /// The headings of the overview, in order.
  package let groups: [String]
  /// All commands, in the order of the overview.
  package let commands: [CommandDeclaration]
  /// The options that are accepted before and after the name of every command.
  package let globalOptions: [Option]

  package init(
    name: String, version: String, date: String, purpose: String, groups: [String],
    commands: [CommandDeclaration], globalOptions: [Option]
  ) {
    self.name = name
    self.version = version
    self.date = date
    self.purpose = purpose
    self.groups = groups
    self.commands = commands
    self.globalOptions = globalOptions
  }

  /// The commands that help, man page and completions list.
  package var visibleCommands: [CommandDeclaration] { commands.filter { $0.group != nil } }

  /// All options, each once. Commands that share the name of an option also share the kind of its value.
  var allOptions: [Option] {
    var seen: Set<Option.Name> = []
    return (globalOptions + visibleCommands.flatMap(\.options))
      .filter { seen.insert($0.name).inserted }
  }
}
