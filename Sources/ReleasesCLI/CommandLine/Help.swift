/// What `releases help` prints.
struct Help: Sendable {
  /// In columns.
  let width: Int

  /// - Parameter columns: of the terminal, where there is one; lines much longer than 80 columns
  ///   are hard to read, and shorter than 40 there is no room for a term and its meaning.
  init(columns: Int?) {
    width = min(max(columns ?? 80, 40), 80)
  }

  /// All commands, by group.
  func overview() -> String {
    var lines = TextLayout.wrap(
      """
      releases \(Version.number): unpack, switch and prune releases so that whatever happens \
      meanwhile, the service keeps a version to run
      """, width: width)
    lines += [""]
    lines += TextLayout.wrap(
      "usage: releases [--store PATH] COMMAND [options] [operands]", width: width)
    for group in Command.Group.allCases {
      let commands = CommandTable.visibleCommands.filter { $0.group == group }
      lines += section(group.rawValue, commands.map { ($0.name, $0.summary) }, termWidth: 10)
    }
    lines += section("options of every command", CommandTable.globalOptions.map(entry))
    lines += [""]
    lines += TextLayout.wrap("more about one command: releases help COMMAND", width: width)
    lines += TextLayout.wrap("everything, with exit statuses: man releases", width: width)
    return text(lines)
  }

  /// Everything about one command.
  func page(of command: Command) -> String {
    var lines = TextLayout.wrap("\(command.name): \(command.summary)", width: width)
    lines += [""] + TextLayout.wrap("usage: " + command.synopsis, width: width)
    for paragraph in command.details {
      lines += [""] + TextLayout.wrap(paragraph, width: width, indent: 2)
    }
    lines += section("operands", command.operands.map { ($0.synopsis, $0.help) })
    lines += section("options", command.options.map(entry))
    lines += section("options of every command", CommandTable.globalOptions.map(entry))
    lines += ["", "examples:"]
    for example in command.examples {
      lines += TextLayout.wrapShell(example.line, width: width, indent: 2)
      lines += TextLayout.wrap(example.says, width: width, indent: 6)
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
