internal import TerminalUI

/// Conversion of plain text to mdoc(7).
enum Roff {
  /// Returns the text with every character escaped that roff would replace. Hyphens stay ASCII, so that
  /// a command copied from the page works in a shell.
  static func escape(_ text: String) -> String {
    text.reduce(into: "") { escaped, character in
      switch character {
      case "\\": escaped += "\\e"
      case "-": escaped += "\\-"
      case "\"": escaped += "\\(dq"
      case "'": escaped += "\\(aq"
      case "`": escaped += "\\(ga"
      case "^": escaped += "\\(ha"
      case "~": escaped += "\\(ti"
      default: escaped.append(character)
      }
    }
  }

  /// Returns a line of text, guarded if it begins like a macro.
  static func line(_ text: String) -> String { guarded(escape(text)) }

  private static func guarded(_ escaped: String) -> String {
    escaped.hasPrefix(".") ? "\\&" + escaped : escaped
  }

  /// Returns the lines of a paragraph. Each sentence begins a new line, and no line is longer than 80
  /// bytes, as mdoc(7) recommends.
  static func prose(_ paragraph: String) -> [String] {
    var sentences: [String] = []
    var sentence: [Substring] = []
    for word in paragraph.split(separator: " ") {
      sentence.append(word)
      if let last = word.last, ".?!".contains(last) {
        sentences.append(sentence.joined(separator: " "))
        sentence = []
      }
    }
    if !sentence.isEmpty { sentences.append(sentence.joined(separator: " ")) }
    return sentences.flatMap { TextLayout.wrap(escape($0), width: 78) }.map(guarded)
  }

  /// Returns the heading of a subsection.
  static func heading(_ text: String) -> String {
    // Without `\&`, a bracket at the end would be punctuation of the macro.
    ".Ss " + escape(text) + "\\&"
  }

  /// Returns an entry of a list.
  ///
  /// - Parameters:
  ///   - term: the arguments of `.It`, with or without the dot of the first macro.
  ///   - meaning: plain text.
  /// - Returns: the lines of the entry.
  static func item(_ term: String, _ meaning: String) -> [String] {
    [".It " + (term.hasPrefix(".") ? String(term.dropFirst()) : term)] + prose(meaning)
  }

  /// Returns a phrase from help as a sentence, with a capital letter and a final period.
  static func sentence(_ text: String) -> String {
    let capital = text.prefix(1).uppercased() + text.dropFirst()
    return text.last.map { ".?!".contains($0) } == true ? capital : capital + "."
  }
}
