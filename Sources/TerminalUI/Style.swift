package import Linux

/// What the reader of the text is: a terminal of some width, with or without colours, or a pipe.
package struct Style: Sendable {
  /// Nil for a pipe: then nothing is cut to fit.
  package let columns: Int?
  let hasColor: Bool
  /// Whether characters beyond ASCII can be shown.
  let isUnicode: Bool

  package static let plain = Style(columns: nil, hasColor: false, isUnicode: true)

  /// Colour only on a terminal that can, and never with NO_COLOR set, see no-color.org.
  package init(stream: StandardStream, environment: [String: String]) {
    let isTerminal = stream.isTerminal
    let isSilenced = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
    // A terminal narrower than this is one that does not know its width.
    columns = isTerminal ? stream.columns.flatMap { $0 < 20 ? nil : $0 } ?? 80 : nil
    hasColor =
      isTerminal && !isSilenced && environment["TERM"].nonEmpty.map { $0 != "dumb" } ?? false
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

  var ellipsis: String { isUnicode ? "…" : "~" }
}

extension String? {
  fileprivate var nonEmpty: String? { self.flatMap { $0.isEmpty ? nil : $0 } }
}

/// The few emphases there are.
package enum Emphasis: String, Sendable {
  case none = ""
  case bold = "1"
  case good = "32;1"
  case note = "36"
  case caution = "33"
  case trouble = "31;1"
  case faint = "2"

  package func apply(_ text: String, _ style: Style) -> String {
    self == .none || !style.hasColor ? text : "\u{1B}[\(rawValue)m\(text)\u{1B}[0m"
  }
}
