extension UInt8 {
  var isDigit: Bool { (0x30...0x39).contains(self) }
  var isUppercase: Bool { (0x41...0x5A).contains(self) }
  var isLetter: Bool { isUppercase || (0x61...0x7A).contains(self) }
  var isAlphanumeric: Bool { isDigit || isLetter }
  var isHexadecimal: Bool { isDigit || (0x61...0x66).contains(lowercased) }
  var lowercased: UInt8 { isUppercase ? self + 0x20 : self }
  /// Whether names and tokens may contain the character.
  var isWord: Bool { isAlphanumeric || self == UInt8(ascii: "_") || self == UInt8(ascii: "-") }
  /// Whether Base64, or a token in HTTP, may contain the character.
  var isTokenCharacter: Bool { isWord || "._~+/=".utf8.contains(self) }
  /// Whether the character separates words.
  var isBlank: Bool { self <= 0x20 || self == 0x7F }
  var isQuote: Bool { self == UInt8(ascii: "\"") || self == UInt8(ascii: "'") }
  /// Whether the character is a part of one that is not ASCII.
  var isForeign: Bool { self >= 0x80 }
}

extension ArraySlice<UInt8> {
  /// The text in lower case; words that are compared with it are short.
  var lowercasedText: String { String(decoding: prefix(64).map(\.lowercased), as: UTF8.self) }

  /// The text without the characters at its end.
  func trimmingEnd(_ characters: String) -> ArraySlice<UInt8> {
    var text = self
    while let last = text.last, characters.utf8.contains(last) { text = text.dropLast() }
    return text
  }

  /// The text without blanks around it.
  var trimmed: ArraySlice<UInt8> {
    var text = drop { $0.isBlank }
    while let last = text.last, last.isBlank { text = text.dropLast() }
    return text
  }

  func starts(with text: String) -> Bool { starts(with: text.utf8) }

  /// Whether the text contains another one; both are short.
  func contains(_ text: String) -> Bool {
    guard let first = text.utf8.first else { return true }
    return indices.contains { self[$0] == first && self[$0...].starts(with: text.utf8) }
  }
}
