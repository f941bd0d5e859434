internal import Linux
internal import Text

/// A name and what is to be said under it.
package struct Field: Sendable {
  let name: String
  /// May come from anywhere; nil leaves the field out.
  let value: String?
  var emphasis = Emphasis.none
  var nameEmphasis = Emphasis.faint
  /// Left in one line on a terminal too: a command is pasted as it stands.
  var isOneLine = false

  package init(
    _ name: String, _ value: String?, _ emphasis: Emphasis = .none,
    nameEmphasis: Emphasis = .faint, isOneLine: Bool = false
  ) {
    self.name = name
    self.value = value
    self.emphasis = emphasis
    self.nameEmphasis = nameEmphasis
    self.isOneLine = isOneLine
  }
}

/// Names to the left, values to the right; on a terminal, values run on beneath themselves.
///
/// - Parameter indent: of the names.
package func fieldText(_ fields: [Field], _ style: Style, indent: Int = 0) -> String {
  let shown = fields.filter { $0.value != nil }
  let start = indent + (shown.map(\.name.count).max() ?? 0) + 2
  return shown.map { field in
    let value = field.value ?? ""
    let lines =
      field.isOneLine ? [style.printable(value)] : style.lines(value, indent: start)
    let padding = String(repeating: " ", count: start - indent - field.name.count)
    let margin = String(repeating: " ", count: start)
    let name =
      String(repeating: " ", count: indent) + field.nameEmphasis.apply(field.name, style) + padding
    return lines.indices.map { number in
      (number == 0 ? name : margin) + field.emphasis.apply(lines[number], style) + "\n"
    }.joined()
  }.joined()
}

extension Style {
  /// A text of whatever origin in lines that fit beside `indent` columns; one line for a pipe.
  ///
  /// - Returns: at least one line.
  func lines(_ text: String, indent: Int = 0) -> [String] {
    let text = printable(text)
    guard let columns else { return [text] }
    let lines = TextLayout.wrap(text, width: columns - indent, isBreaking: true)
    return lines.isEmpty ? [""] : lines
  }

  /// A sentence of whatever origin, what does not fit the first line indented.
  package func sentence(_ text: String, _ emphasis: Emphasis = .none, indent: Int = 0) -> String {
    let first = String(repeating: " ", count: indent)
    let others = String(repeating: " ", count: indent + 2)
    let whole = lines(text, indent: indent)
    let pieces = whole.count == 1 ? whole : lines(text, indent: indent + 2)
    return pieces.indices.map { number in
      (number == 0 ? first : others) + emphasis.apply(pieces[number], self) + "\n"
    }.joined()
  }
}
