internal import ReleaseStore

/// One command: what it is called, what it takes, what it promises and what it does.
struct Command: Sendable {
  /// A heading of the overview.
  enum Group: String, Sendable, CaseIterable {
    case look = "look"
    case change = "change what is live"
    case guarding = "protect and hold"
    case maintain = "maintain"
    case assist = "help"
  }

  let name: String
  /// One line; imperative, lower case, no final period.
  let summary: String
  /// Nil keeps the command out of help, man page and completions.
  let group: Group?
  /// Paragraphs of whole sentences.
  let details: [String]
  var operands: [Operand] = []
  /// Those besides `CommandTable.globalOptions`.
  var options: [Option] = []
  let examples: [(line: String, says: String)]
  let run: @Sendable (Invocation, Context) throws(ReleasesError) -> Outcome
}

extension Command {
  /// It takes the store's lock.
  var changesStore: Bool { options.contains { $0.name == .wait } }

  /// How it is typed, such as `releases pin [options] --reason TEXT ID`.
  var synopsis: String {
    let required = options.filter(\.isRequired).map(\.synopsis)
    return (["releases", name, "[options]"] + required + operands.map(\.synopsis))
      .joined(separator: " ")
  }
}

extension Option {
  /// The long form with its value, such as `--keep N`.
  var synopsis: String {
    guard let value else { return long }
    return "\(long) \(value.placeholder)"
  }
}
