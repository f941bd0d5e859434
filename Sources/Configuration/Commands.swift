internal import Text

extension Configuration {
  /// All configured commands and their configuration keys.
  package var commands: [(key: String, command: Command)] {
    var commands: [(key: String, command: Command)] = [
      ("hooks.prepare", hooks.prepare), ("hooks.activate", hooks.activate),
      ("hooks.succeeded", hooks.succeeded), ("hooks.failed", hooks.failed),
    ].compactMap { key, hook in hook.map { (key, $0.run) } }
    if case .command(let command)? = health?.probe { commands.append(("health.command", command)) }
    return commands
  }
}

extension Configuration.Command {
  /// Whether the program lies in a release: its path is relative to the release, or absolute and
  /// beneath the store.
  package func isInRelease(of store: String) -> Bool {
    guard let program = plainProgram, program.utf8.contains(UInt8(ascii: "/")) else { return false }
    return !program.isAbsolutePath || program.hasPrefix(store + "/")
  }

  /// The absolute path of the program; nil when it is relative or a shell would expand it.
  package var absoluteProgram: String? {
    plainProgram.flatMap { $0.isAbsolutePath ? $0 : nil }
  }

  /// The path of the program relative to the directory that it runs in; nil for any other program, when
  /// a shell would expand it, and for a shell line that may succeed without its first program.
  package var relativeProgram: String? {
    guard let program = plainProgram, program.utf8.contains(UInt8(ascii: "/")),
      !program.isAbsolutePath
    else { return nil }
    guard case .shell(let line) = self else { return program }
    var rest = line[...]
    while rest.last?.isWhitespace == true { rest.removeLast() }
    let isSimple = !rest.replacing("&&", with: "").utf8.contains { "|;&\n".utf8.contains($0) }
    return isSimple && !program.utf8.contains(UInt8(ascii: "=")) ? program : nil
  }

  /// The name of the program that is looked up in the search path; nil for a path, for a word of the
  /// shell, and when a shell would expand it.
  package var searchedProgram: String? {
    guard let program = plainProgram, !program.isEmpty,
      !program.utf8.contains(UInt8(ascii: "/"))
    else { return nil }
    guard case .shell = self else { return program }
    return program.utf8.contains(UInt8(ascii: "=")) || ShellWord.all.contains(program)
      ? nil : program
  }

  /// The first word of the command; nil when a shell would expand it.
  private var plainProgram: String? {
    let word: String
    switch self {
    case .arguments(let arguments): word = arguments.first ?? ""
    case .shell(let line):
      word = String(Substring(line.utf8.prefix { $0 > UInt8(ascii: " ") }))
      let isPlain = word.unicodeScalars.allSatisfy {
        $0.properties.isAlphabetic || ("0"..."9").contains($0)
          || "/._-+@,:=".unicodeScalars.contains($0)
      }
      if !isPlain { return nil }
    }
    return word
  }
}

extension Configuration.Command {
  /// The words of the command that may name files. A line for a shell, and an argument that may be
  /// one, is split where a shell ends a word.
  package var words: [String] {
    let texts =
      switch self {
      case .shell(let line): [line]
      case .arguments(let arguments): arguments
      }
    return texts.flatMap { text in
      text.utf8.split { " \t\n;&|()<>\"'`=".utf8.contains($0) }.map { String(Substring($0)) }
    }
  }
}

extension Configuration.Command {
  /// The command as one printable line, with masked secrets.
  package var text: String {
    switch self {
    case .shell(let line): printable(Outgoing.line(line).utf8)
    case .arguments(let arguments):
      printable(Outgoing.line(arguments.joined(separator: " ")).utf8)
    }
  }
}
