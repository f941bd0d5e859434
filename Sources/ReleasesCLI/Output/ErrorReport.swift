internal import ReleaseModel
internal import TerminalUI
internal import Text

/// The JSON document of a failure.
struct ErrorReport: Encodable, Sendable {
  struct Failure: Encodable, Sendable {
    let code: String
    let exitStatus: Int32
    let message: Message
    @OrNull var hint: Message?
    /// The command of the hint alone, ready for a shell; nil when the hint has none.
    @OrNull var command: String?
    @OrNull var cause: Message?

    /// - Parameters:
    ///   - error: the failure.
    ///   - reader: who reads the hints.
    init(_ error: ReleasesError, for reader: HintReader) {
      code = error.code.rawValue
      exitStatus = ExitStatus(error.code).rawValue
      message = error.message
      _hint = OrNull(wrappedValue: error.hint?.line(for: reader))
      _command = OrNull(wrappedValue: error.hint?.command(for: reader))
      _cause = OrNull(wrappedValue: error.cause)
    }
  }

  var schema = 1
  let error: Failure

  /// - Parameters:
  ///   - error: the failure.
  ///   - reader: who reads the hints.
  init(_ error: ReleasesError, for reader: HintReader) { self.error = Failure(error, for: reader) }
}

/// Returns the lines that describe an error for people: the message, the cause, and a hint with its
/// command on a separate line.
///
/// - Parameters:
///   - error: the error.
///   - reader: who reads the hints.
///   - style: the style of standard error.
/// - Returns: the lines, each with its newline.
func errorText(_ error: ReleasesError, for reader: HintReader, _ style: Style) -> String {
  var text =
    "releases: \(Emphasis.trouble.apply("error:", style)) \(style.printable(error.message))\n"
  if let cause = error.cause, !error.message.text.contains(cause.text) {
    text += "releases: cause: \(style.printable(cause))\n"
  }
  if let hint = error.hint { text += hintText(hint, for: reader, style) }
  return text
}

/// Returns the lines of a hint.
///
/// - Parameters:
///   - hint: the hint.
///   - reader: who reads the hint.
///   - style: the style of standard error.
/// - Returns: one line, and another one with the command.
func hintText(_ hint: Hint, for reader: HintReader, _ style: Style) -> String {
  let label = Emphasis.note.apply("hint:", style)
  guard let command = hint.command(for: reader) else {
    return "releases: \(label) \(style.printable(hint.sentence(for: reader)))\n"
  }
  return
    "releases: \(label) \(style.printable(hint.text)):\n  \(style.printable(Message(verbatim: command)))\n"
}

/// Returns a workflow command that marks the error in the log of GitHub Actions.
///
/// - Parameters:
///   - error: the error.
///   - further: what the failure has left behind, one line each.
///   - title: the title of the annotation.
///   - reader: who reads the hints.
/// - Returns: one line.
func errorAnnotation(
  _ error: ReleasesError, _ further: [Message] = [], title: String, for reader: HintReader
) -> String {
  let lines = [error.message, error.cause, error.hint?.line(for: reader)].compactMap { $0 }
  let text = (lines + further)
    .map { Style.plain.printable($0) }.joined(separator: "\n")
  return "::error title=\(escapedForAnnotation(title))::\(escapedForAnnotation(text))\n"
}

/// Returns the text with the characters escaped that GitHub Actions gives a meaning.
private func escapedForAnnotation(_ text: String) -> String {
  text.unicodeScalars.map { scalar in
    switch scalar {
    case "%": "%25"
    case "\r": "%0D"
    case "\n": "%0A"
    default: String(Character(scalar))
    }
  }.joined()
}
