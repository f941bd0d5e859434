/// The parts of the man page that do not come from the declarations of the commands.
package struct Manual: Sendable {
  /// The line of the section NAME.
  package let title: String
  /// The paragraphs of the section DESCRIPTION.
  package let description: [String]
  /// The entries of the section ENVIRONMENT.
  package let environment: [Entry]
  /// The entries of the section FILES.
  package let files: [Entry]
  /// The entries of the section EXIT STATUS.
  package let exitStatuses: [Entry]
  /// The references of the section SEE ALSO, such as `tar 1`.
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
