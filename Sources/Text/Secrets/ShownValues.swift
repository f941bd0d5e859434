/// Recognizes objects, packages and pages that are shown beside the name of a secret.
enum ShownValues {
  /// Whether a library shows an object without its value, as in `SecretStr('****')`.
  static func isHiddenObject(_ value: SecretCandidate) -> Bool {
    guard !value.isQuoted, value.text.first.map({ $0.isLetter }) == true else { return false }
    let type = value.text.prefix(32).prefix { $0.isLetter }
    let inside = value.text[type.endIndex...].drop { $0 == UInt8(ascii: "b") }
    guard inside.first == UInt8(ascii: "("),
      let end = inside.prefix(48).firstIndex(of: UInt8(ascii: ")"))
    else { return false }
    let content = inside[..<end].dropFirst().drop { $0 == UInt8(ascii: "b") }
    return type.first?.isUppercase == true && content.allSatisfy { $0.isQuote || $0 == 0x2A }
  }

  private static let packagings = [
    "jar:", "war:", "pom:", "aar:", "ear:", "zip:", "bundle:", "test-jar:", "maven-plugin:",
    "tar.gz:",
  ]

  /// Whether the name is that of a package in Maven, followed by its kind and its version.
  static func isArtifact(_ value: SecretCandidate) -> Bool {
    value.form == .colon && !value.isSpaced
      && packagings.contains { value.text.starts(with: $0) }
  }

  /// Whether the value is the address of a page, as in `Reset your password: https://a.b/c`.
  static func isLink(
    _ value: SecretCandidate, name: SecretName, in line: [UInt8]
  ) -> Bool {
    guard name.isPassword, value.form == .colon, value.isSpaced, !value.isQuoted,
      value.text.starts(with: "https://") || value.text.starts(with: "http://")
    else { return false }
    let before = line[..<name.range.lowerBound].suffix(8).lowercasedText
    return [" your ", " the ", " a ", " my "].contains { before.hasSuffix($0) }
      && !value.text.contains(UInt8(ascii: "@"))
  }
}
