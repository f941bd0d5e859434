internal import ReleaseModel
internal import TerminalUI
internal import Text

/// A failure, as scripts read it.
struct ErrorReport: Encodable, Sendable {
  struct Failure: Encodable, Sendable {
    let code: String
    let exitStatus: Int32
    let message: String
    @OrNull var hint: String?
    @OrNull var cause: String?

    /// - Parameter store: the store that hints name with `--store`; nil for none.
    init(_ error: ReleasesError, store: String?) {
      code = error.code.rawValue
      exitStatus = ExitStatus(error.code).rawValue
      message = error.message
      _hint = OrNull(wrappedValue: error.hint?.line(store: store))
      _cause = OrNull(wrappedValue: error.cause)
    }
  }

  var schema = 1
  let error: Failure

  /// - Parameter store: the store that hints name with `--store`; nil for none.
  init(_ error: ReleasesError, store: String?) { self.error = Failure(error, store: store) }
}

/// The lines that a person reads about an error: message, cause, and a hint with the command to type
/// on a line of its own.
///
/// - Parameter store: the store that hints name with `--store`; nil for none.
func errorText(_ error: ReleasesError, store: String?, _ style: Style) -> String {
  var text =
    "releases: \(Emphasis.trouble.apply("error:", style)) \(style.printable(error.message))\n"
  if let cause = error.cause, !error.message.contains(cause) {
    text += "releases: cause: \(style.printable(cause))\n"
  }
  if let hint = error.hint { text += hintText(hint, store: store, style) }
  return text
}

/// The lines of a hint.
///
/// - Parameter store: the store that the command names with `--store`; nil for none.
func hintText(_ hint: Hint, store: String?, _ style: Style) -> String {
  let label = Emphasis.note.apply("hint:", style)
  guard let command = hint.command(store: store) else {
    return "releases: \(label) \(style.printable(hint.text))\n"
  }
  return "releases: \(label) \(style.printable(hint.text)):\n  \(style.printable(command))\n"
}

/// A workflow command that marks the error in the log of GitHub Actions.
///
/// - Parameter store: the store that hints name with `--store`; nil for none.
func errorAnnotation(_ error: ReleasesError, title: String, store: String?) -> String {
  let text = [error.message, error.cause, error.hint?.line(store: store)].compactMap { $0 }
    .map { Style.plain.printable($0) }.joined(separator: "\n")
  return "::error title=\(escapedForAnnotation(title))::\(escapedForAnnotation(text))\n"
}

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
