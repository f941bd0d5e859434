internal import CommandLineKit
internal import ReleaseModel

/// All commands of the program.
struct CommandSet: Sendable {
  let all: [Command]
  /// The command that `--help` runs.
  let help: Command
  /// The command that `--version` runs.
  let version: Command
  let program: ProgramDeclaration

  /// Returns the command that the arguments request, and its invocation.
  ///
  /// - Throws: `usage` for invalid arguments.
  func resolve(_ arguments: [String]) throws(ReleasesError) -> (Command, Invocation) {
    do throws(UsageError) {
      return try parse(arguments)
    } catch {
      throw ReleasesError(error)
    }
  }

  /// Returns the command that the arguments request, and its invocation.
  ///
  /// - Throws: ``UsageError`` for invalid arguments.
  func parse(_ arguments: [String]) throws(UsageError) -> (Command, Invocation) {
    switch try Parser(program).parse(arguments) {
    case .help(let subject, let given):
      let operands = subject.map { [$0.name] } ?? []
      return (help, Invocation(command: help.declaration, operands: operands, given: given))
    case .version(let given):
      return (version, Invocation(command: version.declaration, given: given))
    case .run(let invocation):
      return (all.first { $0.name == invocation.command.name } ?? help, invocation)
    }
  }
}
