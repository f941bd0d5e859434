/// The parts of the man page that do not come from the declarations of the commands.
package struct Manual: Sendable {
  /// The line of the section NAME.
  package let title: String
  /// The paragraphs of the section DESCRIPTION.
  package let description: [String]
  /// The sections between DESCRIPTION and COMMANDS.
  package let introduction: [Section]
  /// The sections after the commands.
  package let topics: [Section]
  /// The entries of the section ENVIRONMENT.
  package let environment: [Entry]
  /// The entries of the section FILES.
  package let files: [Entry]
  /// The entries of the section EXIT STATUS.
  package let exitStatuses: [Entry]
  /// The section EXAMPLES: tasks that take several commands.
  package let examples: [Block]
  /// The references of the section SEE ALSO, such as `tar 1`.
  package let seeAlso: [String]

  /// A term and its meaning.
  package typealias Entry = (term: String, meaning: String)

  /// A section with a title of its own.
  package struct Section: Sendable {
    /// The title, in capital letters.
    package let title: String
    package let blocks: [Block]

    package init(_ title: String, _ blocks: [Block]) {
      self.title = title
      self.blocks = blocks
    }
  }

  /// A paragraph, or lines that a person types or writes to a file.
  package enum Block: Sendable {
    case text(String)
    case lines([String])
  }

  package init(
    title: String, description: [String], introduction: [Section], topics: [Section],
    environment: [Entry], files: [Entry], exitStatuses: [Entry], examples: [Block],
    seeAlso: [String]
  ) {
    self.title = title
    self.description = description
    self.introduction = introduction
    self.topics = topics
    self.environment = environment
    self.files = files
    self.exitStatuses = exitStatuses
    self.examples = examples
    self.seeAlso = seeAlso
  }
}
