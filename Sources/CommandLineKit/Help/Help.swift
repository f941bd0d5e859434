internal import TerminalUI

/// The text that `help` prints.
package struct Help: Sendable {
  private let program: ProgramDeclaration
  /// The width of a line, in columns.
  private let width: Int

  /// - Parameters:
  ///   - program: the program to document.
  ///   - columns: the width of the terminal; nil if there is none.
  package init(_ program: ProgramDeclaration, columns: Int?) {
    self.program = program
    // Lines longer than 80 columns are hard to read, and a term and its meaning need 40.
    width = min(max(columns ?? 80, 40), 80)
  }

  /// Returns the list of commands by group.
  ///
  /// - Parameter names: the commands to list; nil for all.
  /// - Returns: the lines.
  package func overview(of names: Set<String>? = nil) -> String {
    var lines = TextLayout.wrap(
      "\(program.name) \(program.version): \(program.purpose)", width: width)
    lines += [""]
    lines += TextLayout.wrap(
      "Usage: \(program.name) [options] COMMAND [options] [operands]", width: width)
    for group in program.groups {
      let commands = program.visibleCommands.filter {
        $0.group == group && names?.contains($0.name) != false
      }
      lines += section(group, commands.map { ($0.name, $0.summary) }, termWidth: 10)
    }
    lines += section("Global options", program.globalOptions.map(entry))
    lines += [""]
    lines += TextLayout.wrap("Help for a command: \(program.name) help COMMAND", width: width)
    lines += TextLayout.wrap(
      "Reference with exit statuses: man \(program.name)", width: width)
    return text(lines)
  }

  /// Returns the documentation of one command.
  package func page(of command: CommandDeclaration) -> String {
    var lines = TextLayout.wrap(command.summary, width: width)
    lines += [""] + TextLayout.wrap("Usage: \(program.name) " + command.synopsis, width: width)
    for paragraph in command.details {
      lines += [""] + TextLayout.wrap(paragraph, width: width, indent: 2)
    }
    lines += section("Operands", command.operands.map { ($0.synopsis, $0.help) })
    lines += section("Options", command.options.map(entry))
    lines += section("Global options", program.globalOptions.map(entry))
    lines += ["", "Examples:"]
    for example in command.examples {
      lines += TextLayout.wrapShell(example.line, width: width, indent: 2)
      lines += TextLayout.wrap(example.purpose, width: width, indent: 6)
    }
    return text(lines)
  }

  private func entry(_ option: Option) -> (term: String, meaning: String) {
    let short = option.short.map { "-\($0), " } ?? "    "
    return (short + option.synopsis, option.help)
  }

  private func section(
    _ title: String, _ entries: [(term: String, meaning: String)], termWidth: Int = 20
  ) -> [String] {
    if entries.isEmpty { return [] }
    return ["", title + ":"]
      + TextLayout.definitions(entries, width: width, termWidth: termWidth)
  }

  private func text(_ lines: [String]) -> String {
    lines.joined(separator: "\n") + "\n"
  }
}
