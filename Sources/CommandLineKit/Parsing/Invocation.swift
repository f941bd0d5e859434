/// A command line that was understood: the command, and what it was given.
package struct Invocation: Sendable {
  package let command: CommandDeclaration
  package let operands: [String]
  private let given: GivenOptions

  package init(
    command: CommandDeclaration, operands: [String] = [], given: GivenOptions = [:]
  ) {
    self.command = command
    self.operands = operands
    self.given = given
  }

  /// The names of all options that were given.
  package var optionNames: Set<Option.Name> { Set(given.keys) }

  /// Whether an option was given.
  package func flag(_ name: Option.Name) -> Bool { given[name] != nil }

  /// The value of an option; nil where it was not given.
  package func value(_ name: Option.Name) -> String? { given[name]?.last }

  /// The values of a repeatable option, in order.
  package func values(_ name: Option.Name) -> [String] { given[name] ?? [] }

  /// The value of an option that takes a whole number; the parser accepts nothing else.
  package func number(_ name: Option.Name) -> Int? { value(name).flatMap { Int($0) } }
}

/// The values of each option that was given; none for a flag.
package typealias GivenOptions = [Option.Name: [String]]

/// What a command line asks for.
package enum Request: Sendable {
  case run(Invocation)
  /// Help about a command; nil for the overview.
  case help(CommandDeclaration?, GivenOptions)
  case version(GivenOptions)
}

/// A command line that was not understood.
package struct UsageError: Error, Equatable, Sendable {
  package let message: String
  /// What was probably meant; nil where that is unknown.
  package let suggestion: String?
  /// The command to type next: arguments of the program.
  package let command: [String]

  package init(_ message: String, suggestion: String? = nil, command: [String]) {
    self.message = message
    self.suggestion = suggestion
    self.command = command
  }
}
