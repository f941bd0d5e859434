/// Finds literals that a call passes as a secret by its place, such as `Auth('ID', 'SECRET')`.
enum CallSecrets {
  /// How the names of functions and types end that take a name or an ID, and a secret.
  private static let endings = [
    "auth", "credential", "credentials", "credentials.create", "login", "acsclient",
    "getconnection",
    "authentication", "authenticationtoken", "defaultprofile", "getprofile", "stsauth",
    "authenticate", "signin",
  ]

  /// Finds the last literal but a name between the parentheses after a word, if it may be a
  /// password.
  static func secret(after word: ArraySlice<UInt8>, in line: [UInt8]) -> Range<Int>? {
    guard word.endIndex < line.count, word.count >= 4 else { return nil }
    var start = word.endIndex
    var name = word.suffix(40).lowercasedText
    if name.hasSuffix("credentials"), line[start...].starts(with: ".create(") {
      start += 7
      name = "credentials"
    }
    guard line[start] == UInt8(ascii: "("), endings.contains(where: { name.hasSuffix($0) }) else {
      return nil
    }
    let arguments = line[(start + 1)...].prefix(256).prefix { $0 != UInt8(ascii: ")") }
    let parts = arguments.split(separator: UInt8(ascii: ",")).map(\.trimmed)
    guard (1...5).contains(parts.count) else { return nil }
    for part in parts.count == 1 ? parts[...] : parts.dropFirst() {
      guard let quote = part.first, quote.isQuote, part.last == quote, part.count > 6 else {
        continue
      }
      let literal = part.dropFirst().dropLast()
      if literal.contains(where: { $0.isBlank || "/:".utf8.contains($0) }) { continue }
      let isRandom = RandomWords.kind(of: literal) != nil
      let isSecond = parts.count == 2
      if isRandom || isSecond && Randomness.isMadeUp(literal) && !isIdentifier(literal) {
        return literal.indices
      }
    }
    return nil
  }

  /// Whether a literal looks like the name of something in code, such as `AuthController2`.
  private static func isIdentifier(_ literal: ArraySlice<UInt8>) -> Bool {
    literal.allSatisfy { $0.isWord } && literal.dropLast().allSatisfy { !$0.isDigit }
      && literal.contains(where: \.isUppercase) && literal.first?.isUppercase == true
      && literal.dropFirst().contains(where: \.isUppercase)
  }

  private static let keyIDs = ["LTAI", "AKIA", "AKID", "ASIA", "AKLT", "AKTP", "STS"]

  /// Whether a word is the ID of an access key, near which its secret may be.
  static func isKeyID(_ word: ArraySlice<UInt8>) -> Bool {
    keyIDs.contains { word.starts(with: $0) }
  }
}
