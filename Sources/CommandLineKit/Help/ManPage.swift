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
    let sections =
      [preamble] + manual.introduction.map(section) + [overview] + program.groups.map(commands)
      + manual.topics.map(section) + [
        entries("ENVIRONMENT", manual.environment, ".Ev "),
        entries("FILES", manual.files, ".Pa "),
        entries("EXIT STATUS", manual.exitStatuses, ""),
        section(Manual.Section("EXAMPLES", manual.examples)), seeAlso,
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

  /// The options that many commands have with the same help, which the page describes once.
  private var commonOptions: [Option] {
    let all = program.visibleCommands.flatMap(\.options)
    return program.allOptions.filter { option in
      all.count { $0.name == option.name && $0.help == option.help } > 5
    }
  }

  private func isCommon(_ option: Option) -> Bool {
    commonOptions.contains { $0.name == option.name && $0.help == option.help }
  }

  /// All commands on one screen, and the options that many of them have.
  private var overview: [String] {
    var lines = [".Sh COMMANDS"]
    for group in program.groups {
      let commands = program.visibleCommands.filter { $0.group == group }
      if lines.count > 1 { lines.append(".Pp") }
      lines += Roff.prose(group + ":") + [".Bl -tag -width completion -compact"]
      lines += commands.flatMap { Roff.item(".Cm " + Roff.escape($0.name), $0.summary) } + [".El"]
    }
    if commonOptions.isEmpty { return lines }
    return lines + [".Pp"]
      + Roff.prose("Common options, which many commands accept:")
      + list(commonOptions.map(item))
  }

  /// The commands of a group.
  private func commands(of group: String) -> [String] {
    [".Sh " + Roff.escape("COMMANDS: \(group)".uppercased())]
      + program.visibleCommands.filter { $0.group == group }.flatMap(lines)
  }

  private func lines(of command: CommandDeclaration) -> [String] {
    var lines = [Roff.heading(command.synopsis)] + Roff.prose(Roff.sentence(command.summary))
    for paragraph in command.details { lines += [".Pp"] + Roff.prose(paragraph) }
    let operands = command.operands.map { operand in
      Roff.item(".Ar " + Roff.escape(operand.value.placeholder), Roff.sentence(operand.help))
    }
    let options = command.options.filter { !isCommon($0) }.map(item)
    if !operands.isEmpty || !options.isEmpty { lines += list(operands + options) }
    let common = command.options.filter(isCommon).map { "--\($0.name.text)" }
    if !common.isEmpty {
      lines += [".Pp"] + Roff.prose("Common options: \(common.joined(separator: ", ")).")
    }
    return lines + examples(of: command)
  }

  private func entries(
    _ title: String, _ entries: [Manual.Entry], _ macro: String
  ) -> [String] {
    [".Sh \(title)"]
      + list(entries.map { Roff.item(macro + Roff.escape($0.term), Roff.sentence($0.meaning)) })
  }

  private func examples(of command: CommandDeclaration) -> [String] {
    command.examples.flatMap { example in
      [".Pp"] + Roff.prose(Roff.sentence(example.purpose)) + literal([example.line])
    }
  }

  private func section(_ section: Manual.Section) -> [String] {
    var lines = [".Sh " + Roff.escape(section.title)]
    for block in section.blocks {
      switch block {
      case .text(let text):
        if lines.count > 1 { lines.append(".Pp") }
        lines += Roff.prose(text)
      case .lines(let typed): lines += literal(typed)
      }
    }
    return lines
  }

  private func literal(_ lines: [String]) -> [String] {
    [".Bd -literal -offset indent"] + lines.map(Roff.line) + [".Ed"]
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
