package import Linux

// The target TerminalUI lays out text for terminals and pipes: widths of characters, line breaks,
// fields, tables and emphasis, and what may be printed at all. It knows nothing of commands or
// stores. Begin with ``Style``, which describes the reader; ``Table`` and `fieldText` use it.

/// Where output goes: a terminal with a width, with or without colors, or a
/// pipe.
package struct Style: Sendable {
  /// The width of the terminal; nil for a pipe, for which nothing is wrapped or cut.
  package let columns: Int?
  let hasColor: Bool
  /// Whether characters beyond ASCII can be shown.
  let isUnicode: Bool

  /// The style of a pipe.
  package static let plain = Style(columns: nil, hasColor: false, isUnicode: true)

  /// Creates the style of a standard stream. Colors are only used on a terminal that supports them, and
  /// never if `NO_COLOR` is set, see no-color.org.
  ///
  /// - Parameters:
  ///   - stream: standard output or standard error.
  ///   - environment: the environment variables.
  package init(stream: StandardStream, environment: [String: String]) {
    let isTerminal = stream.isTerminal
    let isColorless = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
    // Some terminals report a width of 0 or 1 when they do not know it.
    columns = isTerminal ? stream.columns.flatMap { $0 < 20 ? nil : $0 } ?? 80 : nil
    hasColor = !isColorless && stream.takesControlSequences(environment)
    let locale =
      environment["LC_ALL"].nonEmpty ?? environment["LC_CTYPE"].nonEmpty
      ?? environment["LANG"].nonEmpty ?? ""
    isUnicode = locale.uppercased().hasSuffix("UTF-8") || locale.uppercased().hasSuffix("UTF8")
  }

  init(columns: Int?, hasColor: Bool, isUnicode: Bool) {
    self.columns = columns
    self.hasColor = hasColor
    self.isUnicode = isUnicode
  }

  /// The mark at the end of a text that was cut.
  var ellipsis: String { isUnicode ? "…" : "~" }
}

extension StandardStream {
  /// Whether the stream is a terminal that interprets control sequences, according to `TERM`.
  package func takesControlSequences(_ environment: [String: String]) -> Bool {
    isTerminal && environment["TERM"].nonEmpty.map { $0 != "dumb" } ?? false
  }
}

extension String? {
  fileprivate var nonEmpty: String? { self.flatMap { $0.isEmpty ? nil : $0 } }
}

/// An emphasis of text. The raw values are the parameters of the control sequence SGR, see ECMA-48.
package enum Emphasis: String, Sendable {
  case none = ""
  case bold = "1"
  case good = "32;1"
  case note = "36"
  case caution = "33"
  case trouble = "31;1"
  case faint = "2"

  /// Returns the text with the emphasis, if the style has colors.
  package func apply(_ text: String, _ style: Style) -> String {
    self == .none || !style.hasColor ? text : "\u{1B}[\(rawValue)m\(text)\u{1B}[0m"
  }
}
