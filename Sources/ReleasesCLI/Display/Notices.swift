internal import Linux
internal import ReleaseModel
internal import TerminalUI
internal import Text

/// What is printed on standard error besides errors.
struct Notices: Sendable {
  /// Who reads the hints.
  let reader: HintReader
  /// Whether progress is left out (`--quiet`).
  let isQuiet: Bool
  /// The environment variables that decide about colors.
  let variables: [String: String]

  /// The style of standard error.
  var style: Style { Style(stream: .error, environment: variables) }

  /// Prints a warning.
  func warn(_ notice: Notice) {
    let label = Emphasis.caution.apply("warning:", style)
    print("\(label) \(style.printable(notice.line(for: reader)))")
  }

  /// Prints what the recovery of an interrupted command did.
  func printRecovery(_ lines: [Message]) {
    for line in lines { print("recovered: \(style.printable(line))") }
  }

  /// Prints a line for the log of a unit.
  func printLine(_ line: Message) { print(style.printable(line)) }

  /// Prints a line. It waits at most two seconds for a reader that has stopped reading.
  private func print(_ line: String) {
    _ = StandardStream.error.write(Array("releases: \(line)\n".utf8), waitingUpTo: 2)
  }
}
