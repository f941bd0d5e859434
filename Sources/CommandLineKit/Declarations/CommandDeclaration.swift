// The target CommandLineKit reads command lines, and prints help, the man page and completions, all
// from one table of declarations. It runs nothing and knows no store: what a command does belongs to
// the program. Begin with ``CommandDeclaration`` and ``Parser``.

/// One command: its name, what it takes, and its documentation.
package struct CommandDeclaration: Sendable {
  package let name: String
  /// One line; imperative, under 60 characters, no final period.
  package let summary: String
  /// The heading of the overview that lists it; nil keeps the command out of help, man page and
  /// completions.
  package let group: String?
  /// Paragraphs of whole sentences.
  package let details: [String]
  package let operands: [Operand]
  /// The options besides the global ones.
  package let options: [Option]
  package let examples: [Example]

  /// A line to type, and what it is for.
  package typealias Example = (line: String, purpose: String)

  package init(
    name: String, summary: String, group: String?, details: [String], operands: [Operand] = [],
    options: [Option] = [], examples: [Example]
  ) {
    self.name = name
    self.summary = summary
    self.group = group
    self.details = details
    self.operands = operands
    self.options = options
    self.examples = examples
  }

  /// How it is typed after the program, such as `pin [options] --reason TEXT ID`.
  package var synopsis: String {
    let required = options.filter(\.isRequired).map(\.synopsis)
    return ([name, "[options]"] + required + operands.map(\.synopsis)).joined(separator: " ")
  }
}
