internal import ReleaseModel

/// The punctuation of Chinese and Japanese input methods, which looks like that of YAML but has no
/// meaning in it.
enum FullWidthPunctuation {
  private static let plain: [Unicode.Scalar: Character] = [
    "：": ":", "，": ",", "、": ",", "｛": "{", "｝": "}", "［": "[", "］": "]", "【": "[", "】": "]",
    "“": "\"", "”": "\"", "‘": "'", "’": "'", "＃": "#", "－": "-", "｜": "|", "＊": "*",
    "\u{3000}": " ", "\u{A0}": " ",
  ]

  /// Returns the error with a hint about such a character, if there is one on the line that the error
  /// names, or on the line before it, where a value that continues begins.
  static func explain(_ error: ReleasesError, in bytes: [UInt8], file: String) -> ReleasesError {
    guard error.code == .configuration, error.message.hasPrefix("\(file):"),
      let number = Int(error.message.dropFirst(file.count + 1).prefix { $0.isNumber })
    else { return error }
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for number in [number, number - 1] where lines.indices.contains(number - 1) {
      let text = String(decoding: lines[number - 1], as: UTF8.self)
      let content = text.prefix { $0 != "#" }.unicodeScalars
      guard let found = content.first(where: { plain[$0] != nil }), let meant = plain[found]
      else { continue }
      let code = String(found.value, radix: 16, uppercase: true)
      let name = "U+" + String(repeating: "0", count: max(0, 4 - code.utf8.count)) + code
      let shown = Character(found).isWhitespace ? name : "\(Character(found)) (\(name))"
      return ReleasesError(
        error.code, error.message,
        hint:
          "on line \(number), write \(meant == " " ? "a space" : "\(meant)") in place of \(shown)")
    }
    return error
  }
}
