/// Recognizes the names of secrets, and tokens by their shape.
enum SecretWords {
  /// The parts of secret names, in lower case and without separators.
  private static let parts = [
    "token", "password", "passwd", "passphrase", "secret", "apikey", "aeskey", "privatekey",
    "accesskey", "credential", "authorization", "cookie",
  ].map { Array($0.utf8) }
  /// The endings of secret names. They need a word before them, because PWD alone is a directory.
  private static let endings = ["_pass", "-pass", "_pwd", "-pwd"].map { Array($0.utf8) }

  /// Whether the value of the name is a secret, whatever separates the words of the name.
  static func isSecretName(_ word: ArraySlice<UInt8>) -> Bool {
    // The end of a very long name decides.
    let lower = word.suffix(256).map(\.lowercased)
    if endings.contains(where: { lower.count > $0.count && lower.suffix($0.count) == $0[...] }) {
      return true
    }
    let letters = lower.filter(\.isAlphanumeric)
    return letters.indices.contains { index in
      parts.contains { letters[index...].starts(with: $0) }
    }
  }

  /// The prefixes of the tokens of well-known services, and how many characters follow at least.
  private static let tokens: [(prefix: [UInt8], minimumLength: Int)] = [
    ("ghp_", 20), ("gho_", 20), ("ghu_", 20), ("ghs_", 20), ("ghr_", 20), ("github_pat_", 20),
    ("glpat-", 16), ("sk-", 16), ("AKIA", 16), ("ASIA", 16), ("LTAI", 12), ("AIza", 30),
    ("xoxb-", 16), ("xoxp-", 16), ("pypi-", 30),
  ].map { (Array($0.0.utf8), $0.1) }

  /// Finds the beginning of the secret part of such a token; nil when the word contains none.
  static func token(in word: ArraySlice<UInt8>) -> Int? {
    // Words of prose are in lower case, even when they are joined.
    guard let mixed = word.lastIndex(where: { $0.isDigit || $0.isUppercase }) else { return nil }
    for start in word.indices where start == word.startIndex || !word[start - 1].isAlphanumeric {
      for (prefix, minimumLength) in tokens where word[start...].starts(with: prefix) {
        let secret = word[(start + prefix.count)...]
        if secret.count >= minimumLength, mixed >= secret.startIndex { return secret.startIndex }
      }
    }
    return nil
  }

  /// Finds the secret part of a JSON Web Token, see RFC 7519: three parts, of which the first two
  /// are JSON in Base64.
  ///
  /// - Parameters:
  ///   - word: the word in `line` that may be the first part.
  ///   - line: the line.
  /// - Returns: nil when the word does not begin a token.
  static func webToken(_ word: ArraySlice<UInt8>, in line: [UInt8]) -> Range<Int>? {
    let start = Array("eyJ".utf8)
    guard
      let first = word.indices.first(where: { index in
        word[index...].starts(with: start)
          && (index == word.startIndex || !word[index - 1].isAlphanumeric)
      })
    else { return nil }
    var end = word.endIndex
    var parts = 1
    while parts < 5, end < line.count, line[end] == UInt8(ascii: ".") {
      let part = line[(end + 1)...].prefix { $0.isWord }
      if part.isEmpty { break }
      end = part.endIndex
      parts += 1
    }
    return parts >= 3 ? (first + start.count)..<end : nil
  }

  /// Whether a word after "bearer" is prose.
  static func isProse(afterScheme word: ArraySlice<UInt8>) -> Bool {
    let text = String(decoding: word.prefix(32), as: UTF8.self).lowercased()
    return ["token", "tokens", "auth", "authentication", "authorization"].contains(text)
  }

  /// Whether a word after "basic" may be a user and a password in Base64, rather than prose.
  static func isBasic(_ word: ArraySlice<UInt8>) -> Bool {
    word.count >= 4
      && word.dropFirst().contains { $0.isDigit || $0.isUppercase || "+/=".utf8.contains($0) }
  }

  /// Whether a word after a secret name is long and mixed enough to be hexadecimal or Base64.
  static func isRandom(_ word: ArraySlice<UInt8>) -> Bool {
    word.count >= 20 && word.contains(where: \.isDigit)
  }
}

extension UInt8 {
  var isDigit: Bool { (0x30...0x39).contains(self) }
  var isUppercase: Bool { (0x41...0x5A).contains(self) }
  var isAlphanumeric: Bool { isDigit || isUppercase || (0x61...0x7A).contains(self) }
  var lowercased: UInt8 { isUppercase ? self + 0x20 : self }
  /// Whether names and tokens may contain the character.
  var isWord: Bool { isAlphanumeric || self == UInt8(ascii: "_") || self == UInt8(ascii: "-") }
  /// Whether Base64, or a token in HTTP, may contain the character.
  var isTokenCharacter: Bool { isWord || "._~+/=".utf8.contains(self) }
  /// Whether the character separates words.
  var isBlank: Bool { self <= 0x20 || self == 0x7F }
  var isQuote: Bool { self == UInt8(ascii: "\"") || self == UInt8(ascii: "'") }
}
