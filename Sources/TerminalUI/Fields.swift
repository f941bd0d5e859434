package import Text

/// A name and a value.
package struct Field: Sendable {
  let name: String
  /// The value; nil leaves the field out.
  let value: String?
  var emphasis = Emphasis.none
  var nameEmphasis = Emphasis.faint
  /// Whether the value is never wrapped, so that a command in it can be copied.
  var isOneLine = false

  package init(
    _ name: String, _ value: Message?, _ emphasis: Emphasis = .none,
    nameEmphasis: Emphasis = .faint, isOneLine: Bool = false
  ) {
    self.name = name
    self.value = value?.text
    self.emphasis = emphasis
    self.nameEmphasis = nameEmphasis
    self.isOneLine = isOneLine
  }
}

extension Field {
  /// Makes a field of an identifier, a number, or words of this program.
  package init(_ name: String, verbatim value: String?, _ emphasis: Emphasis = .none) {
    self.init(name, value.map { Message(verbatim: $0) }, emphasis)
  }
}

/// Returns fields as lines, with the names on the left and the values on the right. On a terminal
/// values are wrapped.
///
/// - Parameters:
///   - fields: the fields.
///   - style: the style of the output.
///   - indent: the indentation of the names, in columns.
/// - Returns: the lines, each with its newline.
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
  /// Breaks a text into lines that fit beside an indentation; a pipe gets one line.
  ///
  /// - Parameters:
  ///   - text: the text.
  ///   - indent: the indentation, in columns. It is not part of the lines.
  /// - Returns: at least one line.
  func lines(_ text: String, indent: Int = 0) -> [String] {
    let text = printable(text)
    guard let columns else { return [text] }
    let lines = TextLayout.wrap(text, width: columns - indent, isBreaking: true)
    return lines.isEmpty ? [""] : lines
  }

  /// Returns a sentence as lines; all lines but the first are indented further.
  ///
  /// - Parameters:
  ///   - message: the sentence.
  ///   - emphasis: the emphasis of the whole sentence.
  ///   - indent: the indentation of the first line, in columns.
  /// - Returns: the lines, each with its newline.
  package func sentence(
    _ message: Message, _ emphasis: Emphasis = .none, indent: Int = 0
  ) -> String {
    let text = message.text
    let first = String(repeating: " ", count: indent)
    let others = String(repeating: " ", count: indent + 2)
    let unindented = lines(text, indent: indent)
    let pieces = unindented.count == 1 ? unindented : lines(text, indent: indent + 2)
    return pieces.indices.map { number in
      (number == 0 ? first : others) + emphasis.apply(pieces[number], self) + "\n"
    }.joined()
  }
}
