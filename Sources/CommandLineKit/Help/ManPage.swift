/// The man page of a program, in mdoc(7).
package struct ManPage: Sendable {
  private let program: ProgramDeclaration
  private let manual: Manual

  package init(_ program: ProgramDeclaration, _ manual: Manual) {
    self.program = program
    self.manual = manual
  }

  /// The source of the page. The same declarations always yield the same text.
  package var text: String {
    let sections = [
      preamble, commands, entries("ENVIRONMENT", manual.environment, ".Ev "),
      entries("FILES", manual.files, ".Pa "),
      entries("EXIT STATUS", manual.exitStatuses, ""), examples, seeAlso,
    ]
    return sections.flatMap { $0 }.joined(separator: "\n") + "\n"
  }

  private var preamble: [String] {
    [
      ".\\\" Made by: \(program.name) generate man",
      ".Dd \(program.date)",
      ".Dt \(program.name.uppercased()) 1",
      ".Os \(program.name) \(program.version)",
      ".Sh NAME",
      ".Nm \(program.name)",
      ".Nd \(manual.title)",
      ".Sh SYNOPSIS",
      ".Nm",
      ".Op Ar options",
      ".Ar COMMAND",
      ".Op Ar options",
      ".Op Ar operands",
      ".Sh DESCRIPTION",
    ] + manual.description.flatMap { Roff.prose($0) + [".Pp"] }
      + Roff.prose("Every command accepts these options, before or after its name:")
      + list(program.globalOptions.map(item))
  }

  private var commands: [String] {
    program.visibleCommands.reduce(into: [".Sh COMMANDS"]) { lines, command in
      lines.append(Roff.heading(command.synopsis))
      lines += Roff.prose(Roff.sentence(command.summary))
      for paragraph in command.details { lines += [".Pp"] + Roff.prose(paragraph) }
      let operands = command.operands.map { operand in
        Roff.item(".Ar " + Roff.escape(operand.value.placeholder), Roff.sentence(operand.help))
      }
      let options = command.options.map(item)
      if operands.isEmpty && options.isEmpty { return }
      lines += list(operands + options)
    }
  }

  private func entries(
    _ title: String, _ entries: [Manual.Entry], _ macro: String
  ) -> [String] {
    [".Sh \(title)"]
      + list(entries.map { Roff.item(macro + Roff.escape($0.term), Roff.sentence($0.meaning)) })
  }

  private var examples: [String] {
    program.visibleCommands.flatMap(\.examples).reduce(into: [".Sh EXAMPLES"]) {
      lines, example in
      if lines.count > 1 { lines.append(".Pp") }
      lines += Roff.prose(Roff.sentence(example.purpose))
      lines += [".Bd -literal -offset indent", Roff.line(example.line), ".Ed"]
    }
  }

  private var seeAlso: [String] {
    let last = manual.seeAlso.count - 1
    return [".Sh SEE ALSO"]
      + manual.seeAlso.enumerated().map { ".Xr \($1)" + ($0 < last ? " ," : "") }
  }

  private func item(_ option: Option) -> [String] {
    var term = ".Fl "
    if let short = option.short { term += "\(short) , Fl " }
    term += Roff.escape("-" + option.name.text)
    if let value = option.value { term += " Ar " + Roff.escape(value.placeholder) }
    return Roff.item(term, Roff.sentence(option.help))
  }

  private func list(_ items: [[String]]) -> [String] {
    [".Bl -tag -width Ds"] + items.flatMap { $0 } + [".El"]
  }
}
