/// A command line that was understood: the command and what it was given.
struct Invocation: Sendable {
  let command: Command
  let operands: [String]
  private let given: GivenOptions

  init(command: Command, operands: [String] = [], given: GivenOptions = [:]) {
    self.command = command
    self.operands = operands
    self.given = given
  }

  /// All options that were given.
  var optionNames: Set<Option.Name> { Set(given.keys) }

  /// Whether an option was given.
  func flag(_ name: Option.Name) -> Bool { given[name] != nil }

  /// The value an option was given.
  func value(_ name: Option.Name) -> String? { given[name]?.last }

  /// The values a repeatable option was given, in order.
  func values(_ name: Option.Name) -> [String] { given[name] ?? [] }

  /// The value of an option that takes a whole number; the parser has let nothing else pass.
  func number(_ name: Option.Name) -> Int? { value(name).flatMap { Int($0) } }

  /// What `--json` and `--output` ask for.
  var format: OutputFormat {
    if flag(.json) { return .json }
    return value(.output).flatMap(OutputFormat.init) ?? .text
  }
}

/// The values each option was given; none for a flag.
typealias GivenOptions = [Option.Name: [String]]
