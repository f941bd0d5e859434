/// A shell for which a completion script can be printed.
package enum Shell: String, Sendable, CaseIterable {
  case bash, zsh, fish

  /// Returns the script for this shell. To complete a value of the kind ``ValueKind/listed``, the script
  /// runs `list --quiet --describe` with the `--store` that was typed: one line for each value, which
  /// a tab separates from its description.
  package func completions(for program: ProgramDeclaration) -> String {
    switch self {
    case .bash: BashCompletion(program: program).script
    case .zsh: ZshCompletion(program: program).script
    case .fish: FishCompletion(program: program).script
    }
  }
}

extension ProgramDeclaration {
  /// The letters of all flags, which can be bundled in any order.
  var shortFlags: String { String(allOptions.filter { $0.value == nil }.compactMap(\.short)) }

  /// The letters of all options that take a value.
  var shortValueOptions: String {
    String(allOptions.filter { $0.value != nil }.compactMap(\.short))
  }

  /// The names of the visible commands.
  var commandNames: [String] { visibleCommands.map(\.name) }

  /// The spellings of the option that names the store.
  var storeSpellings: [String] {
    globalOptions.first { $0.name == Option.Name("store") }?.spellings ?? []
  }
}
