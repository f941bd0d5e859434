internal import FoundationEssentials
internal import ReleaseStore

/// What a command has to say once it is done: one value, rendered as text or as JSON.
struct Outcome: Sendable {
  /// The one JSON document; its members are those of DESIGN's tables, and never change their names.
  let report: any Encodable & Sendable
  /// The text, with its last newline; empty for nothing to say.
  let text: @Sendable (Style) -> String
  /// What `--quiet` leaves of it.
  var bare = ""
  var status = ExitStatus.done

  init(
    _ report: any Encodable & Sendable, bare: String = "", status: ExitStatus = .done,
    text: @escaping @Sendable (Style) -> String
  ) {
    self.report = report
    self.text = text
    self.bare = bare
    self.status = status
  }

  /// Text that is its own report: help, completions, man page.
  init(text: String) {
    self.init(TextReport(text: text), bare: text) { _ in text }
  }

  func rendered(_ format: OutputFormat, quiet: Bool, _ style: Style) throws(ReleasesError) -> String
  {
    switch format {
    case .json: return try json(report)
    case .text, .github: return quiet ? bare : text(style)
    }
  }
}

/// One JSON document on one line.
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

/// Written as null when there is none, so that scripts find the key.
@propertyWrapper
struct OrNull<Value: Encodable & Sendable>: Encodable, Sendable {
  let wrappedValue: Value?

  init(wrappedValue: Value?) { self.wrappedValue = wrappedValue }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let wrappedValue {
      try container.encode(wrappedValue)
    } else {
      try container.encodeNil()
    }
  }
}
