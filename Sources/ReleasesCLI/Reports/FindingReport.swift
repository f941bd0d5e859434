internal import ReleaseModel
internal import TerminalUI
internal import Text

/// A finding in a JSON document.
struct FindingReport: Encodable, Sendable {
  let code: String
  let level: String
  let message: Message
  @OrNull var release: String?
  /// What to do, with its command.
  @OrNull var hint: Message?
  /// The command of the hint alone, ready for a shell; nil when the hint has none.
  @OrNull var command: String?

  /// - Parameters:
  ///   - finding: the finding.
  ///   - reader: who reads the hints.
  init(_ finding: StoreFinding, reader: HintReader) {
    code = finding.code.rawValue
    level = finding.level.rawValue
    message = finding.message
    _release = OrNull(wrappedValue: finding.id?.text)
    _hint = OrNull(wrappedValue: finding.hint?.line(for: reader))
    _command = OrNull(wrappedValue: finding.hint?.command(for: reader))
  }

  /// The message and the hint on one line.
  var line: Message { hint.map { "\(message); \($0)" } ?? message }

  var isProblem: Bool { level == StoreFinding.Level.problem.rawValue }

  /// The field in text. The code, which releases-json(7) explains, is before the hint, whose end can be
  /// pasted into a shell.
  var field: Field {
    let text: Message = "\(message) [\(verbatim: code)]"
    return Field(
      level, hint.map { "\(text); \($0)" } ?? text,
      nameEmphasis: isProblem ? .trouble : level == "warning" ? .caution : .faint)
  }
}
