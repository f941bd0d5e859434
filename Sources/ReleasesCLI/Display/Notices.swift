internal import Linux
internal import ReleaseModel
internal import Synchronization
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
  private let printed = PrintedLines()

  init(reader: HintReader, isQuiet: Bool, variables: [String: String]) {
    self.reader = reader
    self.isQuiet = isQuiet
    self.variables = variables
  }

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

  /// Prints a line, unless it was printed before: several steps of a command may find the same thing. It
  /// waits at most two seconds for a reader that has stopped reading.
  private func print(_ line: String) {
    guard printed.insert(line) else { return }
    _ = StandardStream.error.write(Array("releases: \(line)\n".utf8), waitingUpTo: 2)
  }
}

/// The lines that a command has printed.
private final class PrintedLines: Sendable {
  private let lines = Mutex<Set<String>>([])

  /// - Returns: false when the line is there already.
  func insert(_ line: String) -> Bool { lines.withLock { $0.insert(line).inserted } }
}
