/// Plain text in columns.
package enum TextLayout {
  /// Breaks a paragraph at its spaces. A word that is wider than the line keeps a line to itself.
  ///
  /// - Parameter isBreaking: breaks such a word too, as the terminal would.
  package static func wrap(
    _ text: String, width: Int, indent: Int = 0, isBreaking: Bool = false
  ) -> [String] {
    let margin = String(repeating: " ", count: indent)
    var lines: [String] = []
    var line = ""
    // Of what is not ours every space may matter, as in the name of a file.
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

  /// Terms to the left, what they mean to the right; a long term gets a line of its own, and where
  /// the meaning would be squeezed, every term does.
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

  /// Breaks a line for a shell, which still runs it when it is copied: at spaces outside of
  /// quotes, each line but the last ending with a backslash.
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
