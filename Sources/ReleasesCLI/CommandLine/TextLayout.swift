/// Plain text in columns.
enum TextLayout {
  /// Breaks a paragraph at its spaces. A word that is wider than the line keeps a line to itself.
  static func wrap(_ text: String, width: Int, indent: Int = 0) -> [String] {
    let margin = String(repeating: " ", count: indent)
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty && indent + line.count + 1 + word.count > width {
        lines.append(margin + line)
        line = ""
      }
      line += line.isEmpty ? String(word) : " " + word
    }
    if !line.isEmpty { lines.append(margin + line) }
    return lines
  }

  /// Terms to the left, what they mean to the right; a long term gets a line of its own.
  static func definitions(
    _ entries: [(term: String, meaning: String)], width: Int, termWidth: Int = 20
  ) -> [String] {
    let indent = 2 + termWidth + 2
    return entries.flatMap { entry -> [String] in
      let lines = wrap(entry.meaning, width: width, indent: indent)
      let term = "  " + entry.term
      guard let first = lines.first else { return [term] }
      if entry.term.count > termWidth { return [term] + lines }
      let padding = String(repeating: " ", count: indent - term.count)
      return [term + padding + first.dropFirst(indent)] + lines.dropFirst()
    }
  }
}
