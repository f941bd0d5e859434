internal import ReleaseStore

/// A failure, as scripts read it.
struct ErrorReport: Encodable, Sendable {
  struct Failure: Encodable, Sendable {
    let code: String
    let exitStatus: Int32
    let message: String
    @OrNull var hint: String?
    @OrNull var cause: String?

    init(_ error: ReleasesError) {
      code = error.code.rawValue
      exitStatus = ExitStatus(error.code).rawValue
      message = error.message
      _hint = OrNull(wrappedValue: error.hint)
      _cause = OrNull(wrappedValue: error.cause)
    }
  }

  var schema = 1
  let error: Failure

  init(_ error: ReleasesError) { self.error = Failure(error) }
}

/// The three or fewer lines a person reads.
func errorText(_ error: ReleasesError, _ style: Style) -> String {
  var text =
    "releases: \(Emphasis.trouble.apply("error:", style)) \(style.printable(error.message))\n"
  if let cause = error.cause, !error.message.contains(cause) {
    text += "releases: cause: \(style.printable(cause))\n"
  }
  if let hint = error.hint {
    text += "releases: \(Emphasis.note.apply("hint:", style)) \(style.printable(hint))\n"
  }
  return text
}

/// A workflow command that marks the failure in GitHub's log.
func errorAnnotation(_ error: ReleasesError, title: String) -> String {
  let text = [error.message, error.cause, error.hint].compactMap { $0 }
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
