internal import TerminalUI

/// What text needs in order to reach the reader of a man page as it is.
enum Roff {
  /// Every hyphen becomes the ASCII one: what is copied from the page has to work in a shell.
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

  /// A line of text; one that begins like a macro is kept from being one.
  static func line(_ text: String) -> String { guarded(escape(text)) }

  private static func guarded(_ escaped: String) -> String {
    escaped.hasPrefix(".") ? "\\&" + escaped : escaped
  }

  /// A paragraph, each sentence beginning a line and no line over 80 bytes, as mdoc(7) wants it.
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

  /// A subsection; its last bracket is text, not the end of a macro's arguments.
  static func heading(_ text: String) -> String { ".Ss " + escape(text) + "\\&" }

  /// An entry of a list: the term is the arguments of `.It`, without the first macro's dot.
  static func item(_ term: String, _ meaning: String) -> [String] {
    [".It " + (term.hasPrefix(".") ? String(term.dropFirst()) : term)] + prose(meaning)
  }

  /// Help is written in lower case without a final period; a man page has sentences.
  static func sentence(_ text: String) -> String {
    let capital = text.prefix(1).uppercased() + text.dropFirst()
    return text.last.map { ".?!".contains($0) } == true ? capital : capital + "."
  }
}
