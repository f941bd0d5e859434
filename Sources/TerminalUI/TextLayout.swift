/// Line breaks for plain text.
package enum TextLayout {
  /// Breaks a paragraph at its spaces. A word that is wider than the line gets a line of its own.
  ///
  /// - Parameters:
  ///   - text: the paragraph.
  ///   - width: the width of a line including its indentation, in columns.
  ///   - indent: the indentation, in columns.
  ///   - isBreaking: whether such a wide word is broken too, as the terminal would break it. All
  ///     spaces of the text are then kept.
  /// - Returns: the lines; none for an empty text.
  package static func wrap(
    _ text: String, width: Int, indent: Int = 0, isBreaking: Bool = false
  ) -> [String] {
    let margin = String(repeating: " ", count: indent)
    var lines: [String] = []
    var line = ""
    // In text from elsewhere, such as the name of a file, every space may matter.
    for word in text.split(separator: " ", omittingEmptySubsequences: !isBreaking) {
      if !line.isEmpty && indent + line.displayWidth + 1 + word.displayWidth > width {
        lines.append(margin + line)
        line = ""
      }
      var rest = word
      while isBreaking && line.isEmpty && rest.displayWidth > max(1, width - indent) {
        let piece = rest.beginning(ofWidth: width - indent)
        if piece.endIndex == rest.endIndex { break }
        lines.append(margin + piece)
        rest = rest[piece.endIndex...]
      }
      line += line.isEmpty ? String(rest) : " " + rest
    }
    if !line.isEmpty { lines.append(margin + line) }
    return lines
  }

  /// Lays out terms on the left and their meanings on the right. A long term gets a line of its own; if
  /// the width is too small for two columns, every term does.
  ///
  /// - Parameters:
  ///   - entries: the terms and their meanings.
  ///   - width: the width of a line, in columns.
  ///   - termWidth: the width of the left column.
  /// - Returns: the lines.
  package static func definitions(
    _ entries: [(term: String, meaning: String)], width: Int, termWidth: Int = 20
  ) -> [String] {
    let isNarrow = width < 2 + termWidth + 2 + 24
    let indent = isNarrow ? 8 : 2 + termWidth + 2
    return entries.flatMap { entry -> [String] in
      let lines = wrap(entry.meaning, width: width, indent: indent)
      let term = "  " + entry.term
      guard let first = lines.first else { return [term] }
      if isNarrow || entry.term.count > termWidth { return [term] + lines }
      let padding = String(repeating: " ", count: indent - term.count)
      return [term + padding + first.dropFirst(indent)] + lines.dropFirst()
    }
  }

  /// Breaks a shell command so that a shell can still run it: at spaces outside of quotes, with a
  /// backslash at the end of each line but the last.
  ///
  /// - Parameters:
  ///   - line: the command.
  ///   - width: the width of a line, in columns.
  ///   - indent: the indentation, in columns.
  /// - Returns: the lines.
  package static func wrapShell(_ line: String, width: Int, indent: Int) -> [String] {
    var words: [String] = []
    var isQuoted = false
    for piece in line.split(separator: " ", omittingEmptySubsequences: false) {
      if isQuoted {
        words[words.count - 1] += " " + piece
      } else {
        words.append(String(piece))
      }
      if piece.count(where: { $0 == "'" }) % 2 == 1 { isQuoted.toggle() }
    }
    let margin = String(repeating: " ", count: indent)
    var lines = [margin + (words.first ?? "")]
    for (number, word) in words.enumerated().dropFirst() {
      let end = number == words.count - 1 ? 0 : 2
      let line = lines[lines.count - 1]
      if line.displayWidth + 1 + word.displayWidth + end > width {
        lines[lines.count - 1] += " \\"
        lines.append(margin + "  " + word)
      } else {
        lines[lines.count - 1] += " " + word
      }
    }
    return lines
  }
}
