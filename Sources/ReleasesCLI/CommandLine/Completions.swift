/// The shells that completions are made for.
enum Shell: String, Sendable, CaseIterable {
  case bash, zsh, fish

  /// The script, made from the command table.
  func completions() -> String {
    switch self {
    case .bash: BashCompletion.script()
    case .zsh: ZshCompletion.script()
    case .fish: FishCompletion.script()
    }
  }
}

/// What the scripts of all shells are made from.
enum CompletionFacts {
  static var commandNames: [String] { CommandTable.visibleCommands.map(\.name) }

  /// Each option once, whichever commands take it: one name always means one kind of value.
  static var allOptions: [Option] {
    var seen: Set<Option.Name> = []
    return (CommandTable.globalOptions + CommandTable.visibleCommands.flatMap(\.options))
      .filter { seen.insert($0.name).inserted }
  }

  /// Letters that begin nothing but flags, in any order.
  static var shortFlags: String {
    String(allOptions.filter { $0.value == nil }.compactMap(\.short))
  }

  /// Letters that are followed by a value.
  static var shortValueOptions: String {
    String(allOptions.filter { $0.value != nil }.compactMap(\.short))
  }
}

extension Option {
  /// `--store` and `-s`.
  var spellings: [String] { [long] + (short.map { ["-\($0)"] } ?? []) }
}
