internal import CommandLineKit
internal import Linux
internal import ReleaseModel

/// All commands of the program.
struct CommandSet: Sendable {
  let all: [Command]
  /// What `--help` runs.
  let help: Command
  /// What `--version` runs.
  let version: Command
  let program: ProgramDeclaration

  /// Finds the command that the arguments ask for.
  ///
  /// - Throws: `usage` for arguments that are not understood.
  func resolve(_ arguments: [String]) throws(ReleasesError) -> (Command, Invocation) {
    do throws(UsageError) {
      switch try Parser(program).parse(arguments) {
      case .help(let subject, let given):
        let operands = subject.map { [$0.name] } ?? []
        return (help, Invocation(command: help.declaration, operands: operands, given: given))
      case .version(let given):
        return (version, Invocation(command: version.declaration, given: given))
      case .run(let invocation):
        return (all.first { $0.name == invocation.command.name } ?? help, invocation)
      }
    } catch {
      throw ReleasesError(error)
    }
  }
}
