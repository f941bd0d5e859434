/// Texts of the journal that people, links or the environment give, and how long they may be: an
/// entry has to fit its slot whatever they hold. What counts is their length as JSON, in which a
/// control character takes six bytes and what Swift calls one character may take hundreds.
package enum JournalText {
  /// Why somebody did something; 240 characters of any script that people write.
  static let reason = 720
  /// The command line. It mostly repeats what other members of the entry say.
  static let commandLine = 480
  /// How it ended.
  package static let note = 480
  static let user = 96

  /// The longest beginning of a text that takes up to `limit` bytes as JSON, with an ellipsis where
  /// something is missing.
  static func cut(_ text: String, to limit: Int) -> String {
    var length = 0
    var end = text.startIndex
    for index in text.unicodeScalars.indices {
      if length <= limit - ellipsis.utf8.count { end = index }
      length += jsonLength(text.unicodeScalars[index])
      if length > limit { return text[..<end] + ellipsis }
    }
    return text
  }

  private static let ellipsis = "…"

  /// In bytes, at most.
  private static func jsonLength(_ scalar: Unicode.Scalar) -> Int {
    switch scalar {
    case "\"", "\\": 2
    case ..<" ", "\u{7F}": 6
    default: UTF8.width(scalar)
    }
  }
}
