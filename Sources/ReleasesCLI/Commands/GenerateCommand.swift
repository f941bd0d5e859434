internal import CommandLineKit

extension Command {
  /// Prints generated files for the Makefile. It is hidden, because users do not need it.
  static let generate = Command(
    name: "generate",
    summary: "Print a file that is generated from the command table",
    group: nil,
    details: ["Prints the man page in mdoc(7)."],
    operands: [Operand(.words(["man"]), help: "File to print")],
    examples: [("releases generate man > man/releases.1", "Generate the man page")],
    run: { _, context in
      CommandResult(text: ManPage(context.commands.program, .releases).text)
    })
}
