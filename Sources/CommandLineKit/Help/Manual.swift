/// The parts of the man page that are not made from the commands.
package struct Manual: Sendable {
  /// One line for the section NAME.
  package let title: String
  /// Paragraphs for the section DESCRIPTION.
  package let description: [String]
  /// Entries of the section ENVIRONMENT.
  package let environment: [Entry]
  /// Entries of the section FILES.
  package let files: [Entry]
  /// Entries of the section EXIT STATUS.
  package let exitStatuses: [Entry]
  /// References of the section SEE ALSO, such as `tar 1`.
  package let seeAlso: [String]

  /// A term and its meaning.
  package typealias Entry = (term: String, meaning: String)

  package init(
    title: String, description: [String], environment: [Entry], files: [Entry],
    exitStatuses: [Entry], seeAlso: [String]
  ) {
    self.title = title
    self.description = description
    self.environment = environment
    self.files = files
    self.exitStatuses = exitStatuses
    self.seeAlso = seeAlso
  }
}
