internal import FoundationEssentials
internal import ReleaseModel
internal import TerminalUI
internal import Text

// The small parts that the sections of the page share.

extension HTML {
  /// Returns the style class of an emphasis.
  static func color(_ emphasis: Emphasis) -> HTML {
    switch emphasis {
    case .good: "good"
    case .note: "note"
    case .caution: "caution"
    case .trouble: "trouble"
    case .none, .bold, .faint: "plain"
    }
  }

  /// Returns a word or two on a colored ground.
  static func badge(_ words: String, _ emphasis: Emphasis) -> HTML {
    "<span class=\"badge \(color(emphasis))\">\(verbatim: words)</span>"
  }

  /// Returns an identifier, such as an ID or a ref, in a typeface of its own; empty for none.
  static func identifier(_ text: String?) -> HTML {
    text.map { $0.isEmpty ? "" : "<span class=\"mono\">\(verbatim: $0)</span>" } ?? ""
  }

  /// Returns a time in UTC, such as `2026-11-30 11:44:01`.
  static func time(_ date: Date) -> HTML {
    let text = date.rfc3339
    let words = text.replacing("T", with: " ").dropLast()
    return "<time datetime=\"\(verbatim: text)\">\(verbatim: String(words))</time>"
  }

  /// Returns a hint with its command, which is one line when it is copied; empty for none.
  ///
  /// - Parameters:
  ///   - hint: the hint.
  ///   - store: the store that its command names.
  /// - Returns: the paragraphs.
  static func hint(_ hint: Hint?, store: String) -> HTML {
    guard let hint else { return "" }
    guard let command = hint.command(for: HintReader(store: store)) else {
      return "<p class=\"faint\">\(hint.text)</p>\n"
    }
    return """
      <p class="faint">\(hint.text):</p>
      <pre><code>\(verbatim: command)</code></pre>

      """
  }
}
