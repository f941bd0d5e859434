// The target CommandLineKit reads command lines, and prints help, the man page and completions, all
// from one table of declarations. It runs nothing and knows no store: what a command does belongs to
// the program. Begin with ``CommandDeclaration`` and ``Parser``.

/// One command: its name, what it takes, and its documentation.
package struct CommandDeclaration: Sendable {
  package let name: String
  /// The summary: one line in the imperative, under 60 characters, with a capital letter and no final
  /// period.
  package let summary: String
  /// The heading of the overview that lists it; nil keeps the command out of help, man page and
  /// completions.
  package let group: String?
  /// The description: paragraphs of whole sentences.
  package let details: [String]
  package let operands: [Operand]
  /// The options besides the global ones.
  package let options: [Option]
  package let examples: [Example]
  /// What other programs call it, for suggestions. None of these words runs the command.
  package let synonyms: [String]

  /// A command line, and its purpose in the imperative, with a capital letter and no final period.
  package typealias Example = (line: String, purpose: String)

  package init(
    name: String, summary: String, group: String?, details: [String], operands: [Operand] = [],
    options: [Option] = [], examples: [Example], synonyms: [String] = []
  ) {
    self.name = name
    self.summary = summary
    self.group = group
    self.details = details
    self.operands = operands
    self.options = options
    self.examples = examples
    self.synonyms = synonyms
  }

  /// The synopsis after the name of the program, such as `pin [options] --reason TEXT ID`.
  package var synopsis: String {
    let required = options.filter(\.isRequired).map(\.synopsis)
    return ([name, "[options]"] + required + operands.map(\.synopsis)).joined(separator: " ")
  }
}
