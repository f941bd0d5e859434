/// A program: its name, its commands, and the texts of its help and its man page.
package struct ProgramDeclaration: Sendable {
  package let name: String
  package let version: String
  /// The date of the version, as mdoc(7) writes it. A constant, so that the same source always
  /// yields the same man page.
  package let date: String
  /// What the program does, in one sentence.
  package let purpose: String
  /// The headings of the overview, in their order.
  package let groups: [String]
  /// In the order of the overview.
  package let commands: [CommandDeclaration]
  /// The options that are accepted before and after the name of every command.
  package let globalOptions: [Option]
  package let manual: Manual

  /// The parts of the man page that are not made from the commands.
  package struct Manual: Sendable {
    /// One line for the section NAME.
    package let title: String
    /// Paragraphs for the section DESCRIPTION.
    package let description: [String]
    /// Entries of the section ENVIRONMENT.
    package let environment: [Entry]
    /// Entries of the section FILES.
    package let files: [Entry]
    /// Entries of the section EXIT STATUS.
    package let exitStatuses: [Entry]
    /// References of the section SEE ALSO, such as `tar 1`.
    package let seeAlso: [String]

    /// A term and its meaning.
    package typealias Entry = (term: String, meaning: String)

    package init(
      title: String, description: [String], environment: [Entry], files: [Entry],
      exitStatuses: [Entry], seeAlso: [String]
    ) {
      self.title = title
      self.description = description
      self.environment = environment
      self.files = files
      self.exitStatuses = exitStatuses
      self.seeAlso = seeAlso
    }
  }

  package init(
    name: String, version: String, date: String, purpose: String, groups: [String],
    commands: [CommandDeclaration], globalOptions: [Option], manual: Manual
  ) {
    self.name = name
    self.version = version
    self.date = date
    self.purpose = purpose
    self.groups = groups
    self.commands = commands
    self.globalOptions = globalOptions
    self.manual = manual
  }

  /// The commands that help, man page and completions list.
  package var visibleCommands: [CommandDeclaration] { commands.filter { $0.group != nil } }

  /// Each option once, whichever commands take it: one name always means one kind of value.
  package var allOptions: [Option] {
    var seen: Set<Option.Name> = []
    return (globalOptions + visibleCommands.flatMap(\.options))
      .filter { seen.insert($0.name).inserted }
  }
}
