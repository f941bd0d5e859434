internal import Text

extension Configuration {
  /// All configured commands, with their configuration keys.
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
  /// Whether the program's path lies in a release: it is relative to the release, or absolute and
  /// beneath the store.
  package func isInRelease(of store: String) -> Bool {
    guard let program = plainProgram, program.utf8.contains(UInt8(ascii: "/")) else { return false }
    return !program.isAbsolutePath || program.hasPrefix(store + "/")
  }

  /// The program, where it is named by an absolute path and nothing that a shell would change.
  package var absoluteProgram: String? {
    plainProgram.flatMap { $0.isAbsolutePath ? $0 : nil }
  }

  /// The first word, where a shell would not change anything in it.
  private var plainProgram: String? {
    let word: String
    switch self {
    case .arguments(let words): word = words.first ?? ""
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
  /// On one line, for people.
  package var text: String {
    switch self {
    case .shell(let line): printable(line.utf8)
    case .arguments(let words): printable(words.joined(separator: " ").utf8)
    }
  }
}
