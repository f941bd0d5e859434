internal import ReleaseStore

extension Command {
  /// For the Makefile; users have no need of it.
  static let generate = Command(
    name: "generate",
    summary: "print a file that is made from the command table",
    group: nil,
    details: ["Prints the man page in mdoc(7)."],
    operands: [Operand(.words(["man"]), help: "what to print")],
    examples: [("releases generate man > man/releases.1", "write the man page anew")],
    run: { _, _ in Outcome(text: ManPage.text()) })
}
