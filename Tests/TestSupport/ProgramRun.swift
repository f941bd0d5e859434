/// The result of a program that has ended.
package struct ProgramRun: Sendable {
  /// The exit status, or 128+n when signal n ended the program.
  package let status: Int32
  /// The text on standard output.
  package let output: String
  /// The text on standard error.
  package let errors: String

  /// The lines of standard output.
  package var lines: [String] { output.split(separator: "\n").map(String.init) }
}
