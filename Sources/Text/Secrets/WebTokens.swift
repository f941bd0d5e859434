/// Recognizes JSON Web Tokens, and what follows the names of schemes of HTTP.
enum WebTokens {
  /// Finds the secret part of a JSON Web Token, see RFC 7519: three parts, of which the first two
  /// are JSON in Base64. The end of the second part may be missing, as in a truncated log.
  ///
  /// - Parameters:
  ///   - word: the word in `line` that may be the first part.
  ///   - line: the line.
  /// - Returns: nil when the word does not begin a token.
  static func secret(_ word: ArraySlice<UInt8>, in line: [UInt8]) -> Range<Int>? {
    let start = Array("eyJ".utf8)
    guard
      let first = word.indices.first(where: { index in
        word[index] == start[0] && word[index...].starts(with: start)
          && (index == word.startIndex || !word[index - 1].isAlphanumeric)
      })
    else { return nil }
    var end = word.endIndex
    var parts = 1
    var hasTwoObjects = false
    while parts < 5, end < line.count, line[end] == UInt8(ascii: ".") {
      let part = line[(end + 1)...].prefix { $0.isWord }
      if part.isEmpty { break }
      if parts == 1 { hasTwoObjects = part.starts(with: "eyJ") }
      end = part.endIndex
      parts += 1
    }
    let isLong = word.endIndex - first >= 16
    return parts >= 3 || parts == 2 && hasTwoObjects && isLong ? (first + start.count)..<end : nil
  }

  private static let prose: Set<String> = [
    "token", "tokens", "auth", "authentication", "authorization", "scheme", "credentials", "header",
    "format", "is", "was", "must", "required", "missing", "invalid", "not", "realm", "or", "and",
    "error", "expected", "type", "prefix", "security", "expires_in", "expires", "scope",
  ]

  /// Whether a word after "bearer" is prose.
  static func isProse(afterScheme word: ArraySlice<UInt8>) -> Bool {
    prose.contains(word.trimmingEnd(".=").lowercasedText)
  }

  /// Whether a word after "basic" may be a user and a password in Base64, rather than prose.
  static func isBasic(_ word: ArraySlice<UInt8>) -> Bool {
    let isAcronym = word.count <= 5 && word.allSatisfy(\.isUppercase)
    return word.count >= 4 && !isAcronym
      && word.dropFirst().contains { $0.isDigit || $0.isUppercase || "+/=".utf8.contains($0) }
  }
}
