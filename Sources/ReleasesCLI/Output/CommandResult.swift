internal import FoundationEssentials
internal import ReleaseModel
internal import TerminalUI
internal import Text

/// How a command ended: one report, printed as text or as JSON.
struct CommandResult: Sendable {
  /// The JSON document. The names of its members never change.
  let report: any Encodable & Sendable
  /// Writes the JSON document in place of `report`, in pieces because it may be large.
  var document: JSONDocument?
  /// The text with its last newline; empty when there is nothing to print.
  let text: @Sendable (Style) -> String
  /// What `--quiet` prints.
  var quietText = ""
  var status = ExitStatus.done
  /// The exit status of the command that the report is about, in place of `status`.
  var reportedStatus: Int32?
  /// The error of a command that failed and has a report of its own.
  var failure: ReleasesError?
  /// What is printed below the error: what the failure has left behind, one line each.
  var failureLines: [Message] = []
  /// The signal that ended the command; this process must end the same way.
  var signal: Int32?

  init(
    _ report: any Encodable & Sendable, quietText: String = "", status: ExitStatus = .done,
    text: @escaping @Sendable (Style) -> String
  ) {
    self.report = report
    self.text = text
    self.quietText = quietText
    self.status = status
  }

  /// Creates the result of a command that prints text, such as help, completions or the man page.
  init(text: String, status: ExitStatus = .done) {
    self.init(TextReport(text: text), quietText: text, status: status) { _ in text }
  }

  /// Creates the result of a command that failed.
  init(
    failed report: any Encodable & Sendable, _ failure: ReleasesError, signal: Int32? = nil
  ) {
    self.init(report, status: ExitStatus(failure.code)) { _ in "" }
    self.failure = failure
    self.signal = signal
  }

  /// Returns the output in a format.
  ///
  /// - Throws: `output` when it can't be encoded.
  func rendered(_ format: OutputFormat, quiet: Bool, _ style: Style) throws(ReleasesError) -> String
  {
    switch format {
    case .json: return try json(report)
    case .text, .github: return quiet ? quietText : text(style)
    }
  }
}

/// A JSON document that is written in pieces.
///
/// Its function receives a function that writes a piece and returns whether to go on.
///
/// - Throws: an error when what it reports can't be read.
typealias JSONDocument = @Sendable (_ write: (String) -> Bool) throws(ReleasesError) -> Void

/// Returns a report as one line of JSON, with its newline.
///
/// - Throws: `output` when it can't be encoded.
func json(_ report: any Encodable) throws(ReleasesError) -> String {
  guard let data = try? StoreJSON.encoder().encode(report) else {
    throw ReleasesError(.output, "can't write the result as JSON")
  }
  return printableJSON(String(decoding: data, as: UTF8.self)) + "\n"
}

private struct TextReport: Encodable, Sendable {
  var schema = 1
  let text: String
}

/// An optional value that is encoded as null when it is nil, so that scripts always find the key.
@propertyWrapper
struct OrNull<Value: Encodable & Sendable>: Encodable, Sendable {
  let wrappedValue: Value?

  init(wrappedValue: Value?) { self.wrappedValue = wrappedValue }

  /// Encodes the value or null.
  ///
  /// - Throws: the errors of the encoder.
  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let wrappedValue {
      try container.encode(wrappedValue)
    } else {
      try container.encodeNil()
    }
  }
}
