/// Masks secrets in text that other people will read: messages, the journal and the history, the log
/// of the host, pages, and reports attached to an issue.
///
/// Text from outside is masked where it enters the program, before it is truncated: what programs
/// print in ``MaskedOutput`` and `LastLines`, what a service answers in `HTTPResponse`, what people
/// type in `JournalText`. `ReleasesError` and `Notice` mask again whatever reaches them.
///
/// It recognizes names (`password: …`, `--token …`, `Authorization: …`) and shapes (private keys,
/// JSON Web Tokens, the tokens of well-known services, passwords in URLs). When the end of a secret
/// is unclear, the rest of the line is masked: masking too much is a nuisance, masking too little
/// is a leak.
package enum Secrets {
  /// The text that replaces a secret. The name of the secret, or the prefix of a token, is kept.
  package static let mask = "[masked]"

  /// Returns the text with masked secrets, line by line. Masking the result again changes nothing.
  /// The time is proportional to the length of the text.
  package static func masked(_ text: String) -> String {
    String(decoding: masked(Array(text.utf8)), as: UTF8.self)
  }

  /// Returns bytes in any encoding with masked secrets. Bytes that are not UTF-8 are not changed.
  package static func masked(_ text: [UInt8]) -> [UInt8] {
    var text = text
    // After a secret has been masked, the text next to it may turn out to be the name of another.
    for _ in 0..<maximumPasses {
      let masked = maskedOnce(text)
      if masked == text { break }
      text = masked
    }
    return text
  }

  /// Returns a value as it may be shown beside its name: the mask, if the name is that of a secret.
  package static func masked(_ value: String, named name: String) -> String {
    SecretWords.isSecretName(Array(name.utf8)[...]) ? mask : masked(value)
  }

  /// The maximum number of passes; no known text needs as many.
  private static let maximumPasses = 8

  private static func maskedOnce(_ text: [UInt8]) -> [UInt8] {
    var keys = PrivateKeys()
    var block = SecretBlock()
    for line in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      let rest = keys.masked(Array(line))
      if let inside = block.masked(rest) {
        keys.lines.append(inside)
        continue
      }
      var scanner = SecretScanner(rest)
      keys.lines.append(scanner.masked())
      block.begin(scanner.blockStart)
    }
    return Array(keys.lines.joined(separator: [UInt8(ascii: "\n")]))
  }
}

/// The lines below a secret name in YAML or JSON: a block of text, a list, a section, or the rest
/// of a long text. Every line that is indented further than the name belongs to the block.
struct SecretBlock {
  /// A secret name at the beginning of a line, whose value may continue on the following lines.
  struct Start: Equatable {
    /// The column of the name, in bytes from 0.
    var column: Int
    /// Whether the line ends after the name, so that a list may begin in the same column.
    var isEmpty: Bool
  }

  private var start: Start?

  mutating func begin(_ start: Start?) { self.start = start }

  /// Masks a line of the block; nil after the end of the block, or when there is none.
  mutating func masked(_ line: [UInt8]) -> [UInt8]? {
    guard let start else { return nil }
    let indent = line.prefix { $0.isBlank }.count
    if indent == line.count { return line }
    let isItem =
      line[indent] == UInt8(ascii: "-") && (indent + 1 == line.count || line[indent + 1].isBlank)
    if indent > start.column || (start.isEmpty && indent == start.column && isItem) {
      return maskedContent(of: line, from: indent)
    }
    self.start = nil
    return nil
  }

  /// Masks what follows the dashes and the name.
  private func maskedContent(of line: [UInt8], from indent: Int) -> [UInt8] {
    var start = indent
    while start + 1 < line.count, line[start] == UInt8(ascii: "-"), line[start + 1].isBlank {
      start += 1 + line[(start + 1)...].prefix { $0.isBlank }.count
    }
    let name = line[start...].prefix { $0.isWord || $0.isQuote }
    if !name.isEmpty, name.endIndex < line.count, line[name.endIndex] == UInt8(ascii: ":"),
      name.endIndex + 1 == line.count || line[name.endIndex + 1].isBlank
    {
      start = name.endIndex + 1
      start += line[start...].prefix { $0.isBlank }.count
    }
    let content = line[start...]
    if content.allSatisfy({ $0.isBlank || "{}[],".utf8.contains($0) }) { return line }
    return line[..<start] + Array(Secrets.mask.utf8)
  }
}
