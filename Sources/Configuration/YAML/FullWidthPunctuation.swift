internal import ReleaseModel
internal import Text

/// The punctuation and digits of Chinese and Japanese input methods, which look like those of YAML but
/// have no meaning in it, and tabs, with which YAML can't be indented.
enum FullWidthPunctuation {
  private static let plain: [Unicode.Scalar: Character] = [
    "：": ":", "，": ",", "、": ",", "｛": "{", "｝": "}", "［": "[", "］": "]", "【": "[", "】": "]",
    "“": "\"", "”": "\"", "‘": "'", "’": "'", "＃": "#", "－": "-", "｜": "|", "＊": "*",
    "\u{3000}": " ", "\u{A0}": " ", "．": ".", "／": "/", "％": "%",
    "０": "0", "１": "1", "２": "2", "３": "3", "４": "4", "５": "5", "６": "6", "７": "7",
    "８": "8", "９": "9",
  ]

  /// Returns the first such character of a text; nil when there is none.
  static func first(in text: some StringProtocol) -> Unicode.Scalar? {
    text.unicodeScalars.first { plain[$0] != nil }
  }

  /// Returns the error with a hint about such a character, if there is one on the line that the error
  /// names, or on the line before it, where a value that continues begins.
  static func explain(_ error: ReleasesError, in bytes: [UInt8], file: String) -> ReleasesError {
    guard error.code == .configuration, error.message.text.hasPrefix("\(file):"),
      let number = Int(error.message.text.dropFirst(file.count + 1).prefix { $0.isNumber })
    else { return error }
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for number in [number, number - 1] where lines.indices.contains(number - 1) {
      let text = String(decoding: lines[number - 1], as: UTF8.self)
      if text.prefix(while: { $0 == " " || $0 == "\t" }).contains("\t") {
        return ReleasesError(
          error.code, error.message,
          hint: "on line \(number), indent with spaces in place of the tab (U+0009)")
      }
      guard let found = first(in: text.prefix { $0 != "#" }), let meant = plain[found]
      else { continue }
      return ReleasesError(
        error.code, error.message,
        hint:
          "on line \(number), write \(meant == " " ? "a space" : "\(meant)") in place of \(shown(found))"
      )
    }
    return error
  }

  /// Returns a character with its number.
  static func shown(_ character: Unicode.Scalar) -> String {
    let code = String(character.value, radix: 16, uppercase: true)
    let name = "U+" + String(repeating: "0", count: max(0, 4 - code.utf8.count)) + code
    return Character(character).isWhitespace ? name : "\(Character(character)) (\(name))"
  }
}
