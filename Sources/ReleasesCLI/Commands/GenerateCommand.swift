internal import CommandLineKit
internal import Linux

extension Command {
  /// For the Makefile; users have no need of it.
  static let generate = Command(
    name: "generate",
    summary: "print a file that is made from the command table",
    group: nil,
    details: ["Prints the man page in mdoc(7)."],
    operands: [Operand(.words(["man"]), help: "what to print")],
    examples: [("releases generate man > man/releases.1", "write the man page anew")],
    run: { _, context in
      CommandResult(text: ManPage(context.commands.program, .releases).text)
    })
}
