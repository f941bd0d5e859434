/// Tells words that a generator or a careful person made up from words of a language, versions and
/// dates.
enum Randomness {
  /// How often a word changes between small letters, capitals and digits. Words of a language do so
  /// at most once or twice, also when hyphens join several of them.
  private static func changes(in word: ArraySlice<UInt8>) -> Int {
    var changes = 0
    var previous: UInt8 = 0
    for byte in word {
      if previous.isAlphanumeric, byte.isAlphanumeric {
        if previous.isDigit != byte.isDigit {
          changes += 1
        } else if byte.isUppercase, !previous.isUppercase, previous.isLetter {
          changes += 1
        }
      }
      previous = byte
    }
    return changes
  }

  /// Whether a word is as long and as mixed as a key in hexadecimal or Base64.
  ///
  /// - Parameters:
  ///   - word: the word.
  ///   - length: the minimum length.
  /// - Returns: whether a generator made the word.
  static func isGenerated(_ word: ArraySlice<UInt8>, atLeast length: Int) -> Bool {
    let word = word.prefix(512)
    return word.count >= length && word.contains(where: \.isDigit)
      && word.contains { $0.isLetter }
      && (changes(in: word) >= 4 || word.count >= 20 && word.allSatisfy(\.isHexadecimal))
  }

  private static let signs = Array("!@#$%^&*~+?=".utf8)
  /// Names of algorithms and the like, which have digits.
  private static let technical = [
    "sha", "md5", "utf", "base64", "base32", "x509", "oauth", "http", "ipv", "aes", "ed25519",
    "rsa",
    "argon", "pbkdf", "bcrypt", "scrypt", "pkcs", "python", "tls1", "tlsv", "ssh2", "http2",
  ]

  /// Whether a person could have made up the word as a password: letters with digits or signs.
  static func isMadeUp(_ word: ArraySlice<UInt8>) -> Bool {
    let word = word.trimmingEnd(".,:;!?)\"'")
    guard (6...128).contains(word.count), word.contains(where: { $0.isLetter }),
      word.contains(where: { $0.isDigit || signs.contains($0) })
    else { return false }
    if isDimension(word) || isAddress(word) { return false }
    let text = word.lowercasedText
    return !technical.contains { text.hasPrefix($0) }
  }

  /// Whether the word is so mixed that it can't be a name with a number.
  static func isStrong(_ word: ArraySlice<UInt8>) -> Bool {
    let word = word.trimmingEnd(".,:;\"'")
    guard word.count >= 8, isMadeUp(word) else { return false }
    let classes = [
      word.contains(where: \.isDigit), word.contains(where: \.isUppercase),
      word.contains { $0.isLetter && !$0.isUppercase }, word.contains { signs.contains($0) },
    ].count { $0 }
    return classes >= 3 || isGenerated(word, atLeast: 10)
  }

  /// Whether the word is a number with a unit, a version, a date or a time.
  static func isDimension(_ word: ArraySlice<UInt8>) -> Bool {
    let digits = word.drop { "v^~<>=+-".utf8.contains($0.lowercased) }
    guard digits.first?.isDigit == true else { return false }
    let rest = digits.drop { $0.isDigit || ".:,/".utf8.contains($0) }
    // 12ms, 3.6MB, 1.2.3-rc1, 2026-12-01T00:00:00Z
    if rest.count <= 2 { return rest.allSatisfy { !signs.contains($0) || $0 == 0x25 } }
    let hasDots = digits[..<rest.startIndex].contains { ".:".utf8.contains($0) }
    if hasDots, rest.first.map({ "-+abr".utf8.contains($0) }) == true, rest.count <= 12 {
      return true
    }
    return digits.dropFirst(4).first == UInt8(ascii: "-")
      && digits.prefix(10).allSatisfy { $0.isDigit || $0 == UInt8(ascii: "-") }
  }

  /// Whether the word is a path, a URL, or the address of a person or host.
  static func isAddress(_ word: ArraySlice<UInt8>) -> Bool {
    if word.contains("://") { return true }
    if let first = word.first, "/~.".utf8.contains(first) || word.starts(with: "-") { return true }
    if let slash = word.firstIndex(of: UInt8(ascii: "/")) {
      return word[..<slash].allSatisfy { $0.isWord || $0 == UInt8(ascii: ".") }
        && !word.contains { "+=!$#".utf8.contains($0) }
    }
    guard let at = word.firstIndex(of: UInt8(ascii: "@")), at > word.startIndex else {
      return false
    }
    let host = word[(at + 1)...]
    return
      (host.contains(UInt8(ascii: ".")) || host.starts(with: "localhost") || host.starts(with: "%"))
      && word[..<at].allSatisfy { $0.isWord || ".'".utf8.contains($0) }
      || host.first.map { $0.isQuote } == true
  }

  /// Whether the word is a version, such as `1.2.3`, `^4.0.1` or `v2.0`.
  static func isVersion(_ word: ArraySlice<UInt8>) -> Bool {
    let digits = word.drop { "^~=<>v".utf8.contains($0) }
    guard digits.count <= 24, digits.first?.isDigit == true else { return false }
    let parts = digits.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return parts.count >= 2
      && parts.prefix(2).allSatisfy { !$0.isEmpty && $0.allSatisfy(\.isDigit) }
  }
}
