internal import Linux
internal import ReleaseStore

extension Command {
  static let help = Command(
    name: "help",
    summary: "explain a command, or list them all",
    group: .assist,
    details: ["The same as --help after the command. Nothing is done, however much else is typed."],
    operands: [Operand(Value("COMMAND", .commands), .optional, help: "the command to explain")],
    examples: [("releases help rollback", "what a rollback does and promises")],
    run: { (invocation, _) throws(ReleasesError) in
      let help = Help(columns: StandardStream.output.columns)
      guard let name = invocation.operands.first else { return Outcome(text: help.overview()) }
      return Outcome(text: help.page(of: try Parser().command(named: name)))
    })
}
