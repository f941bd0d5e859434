internal import CommandLineKit
internal import Linux
internal import ReleaseModel

extension Command {
  static let help = Command(
    name: "help",
    summary: "Show help for a command, or list all commands",
    group: .other,
    details: [
      """
      This is the same as --help after a command. Further arguments are ignored. For an SSH key with \
      'releases gate', the list has only the commands that the key may run.
      """
    ],
    operands: [
      Operand(
        Value("COMMAND", .commands), .optional,
        help: "Command to explain (default: list all commands)")
    ],
    examples: [("releases help rollback", "Explain how a rollback works")],
    run: { (invocation, context) throws(ReleasesError) in
      let program = context.commands.program
      let help = Help(program, columns: StandardStream.output.columns)
      guard let name = invocation.operands.first else {
        return CommandResult(
          text: help.overview(of: Gate.permittedNames(context.session, context.commands)))
      }
      do throws(UsageError) {
        return CommandResult(text: help.page(of: try program.command(named: name)))
      } catch {
        throw ReleasesError(error)
      }
    })
}
