internal import CommandLineKit
internal import Linux
internal import ReleaseModel

extension Command {
  static let help = Command(
    name: "help",
    summary: "explain a command, or list them all",
    group: .assist,
    details: ["The same as --help after the command. Nothing is done, however much else is typed."],
    operands: [Operand(Value("COMMAND", .commands), .optional, help: "the command to explain")],
    examples: [("releases help rollback", "what a rollback does and promises")],
    run: { (invocation, context) throws(ReleasesError) in
      let program = context.commands.program
      let help = Help(program, columns: StandardStream.output.columns)
      guard let name = invocation.operands.first else {
        return CommandResult(text: help.overview())
      }
      do throws(UsageError) {
        return CommandResult(text: help.page(of: try program.command(named: name)))
      } catch {
        throw ReleasesError(error)
      }
    })
}
