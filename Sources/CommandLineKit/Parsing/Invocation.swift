/// A valid command line: the command, its operands and its options.
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

  /// Returns whether an option was given.
  package func flag(_ name: Option.Name) -> Bool { given[name] != nil }

  /// Returns the value of an option; nil if it was not given.
  package func value(_ name: Option.Name) -> String? { given[name]?.last }

  /// Returns the values of a repeatable option, in order.
  package func values(_ name: Option.Name) -> [String] { given[name] ?? [] }

  /// Returns the value of an option that takes a whole number; nil if it was not given.
  package func number(_ name: Option.Name) -> Int? { value(name).flatMap { Int($0) } }
}

/// The values of each option that was given; none for a flag.
package typealias GivenOptions = [Option.Name: [String]]

/// The request that a command line makes.
package enum Request: Sendable {
  case run(Invocation)
  /// Help about a command; nil for the overview.
  case help(CommandDeclaration?, GivenOptions)
  case version(GivenOptions)
}

/// An invalid command line.
package struct UsageError: Error, Equatable, Sendable {
  /// What is wrong; lower case, without a final period.
  package let message: String
  /// The word that was probably meant; nil if that is unknown.
  package let suggestion: String?
  /// What ``command`` is for, such as "see the help".
  package let purpose: String
  /// The arguments of a command to run next.
  package let command: [String]

  package init(
    _ message: String, suggestion: String? = nil, purpose: String = "see the help",
    command: [String]
  ) {
    self.message = message
    self.suggestion = suggestion
    self.purpose = purpose
    self.command = command
  }
}
