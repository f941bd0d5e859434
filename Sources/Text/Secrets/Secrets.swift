/// Takes secrets out of text that strangers will read, such as a report attached to an issue.
///
/// It goes by names (`password: …`, `--token …`, `Authorization: …`) and by shapes (private keys,
/// JSON Web Tokens, the tokens of well-known services, passwords in URLs). Where it can't tell how
/// far a secret goes it takes the rest of the line: too much masked is a nuisance, too little a leak.
package enum Secrets {
  /// What stands where a secret was; what announced it (its name, its first letters) stays.
  package static let mask = "[masked]"

  /// The text without its secrets, line for line. Masking twice is masking once. Takes time in
  /// proportion to the length, whatever the text is.
  package static func masked(_ text: String) -> String {
    String(decoding: masked(Array(text.utf8)), as: UTF8.self)
  }

  /// The same for bytes of whatever encoding; what is no UTF-8 stays as it is.
  package static func masked(_ text: [UInt8]) -> [UInt8] {
    var text = text
    // With a secret gone, what stood beside it may be another one's name.
    for _ in 0..<passes {
      let masked = maskedOnce(text)
      if masked == text { break }
      text = masked
    }
    return text
  }

  /// More than any text has been seen to need.
  private static let passes = 8

  private static func maskedOnce(_ text: [UInt8]) -> [UInt8] {
    var keys = PrivateKeys()
    var block = SecretBlock()
    for line in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      let rest = keys.take(Array(line))
      if let inside = block.masked(rest) {
        keys.lines.append(inside)
        continue
      }
      var scanner = SecretScanner(rest)
      keys.lines.append(scanner.masked())
      block.begin(scanner.opened)
    }
    return Array(keys.lines.joined(separator: [UInt8(ascii: "\n")]))
  }
}

/// The lines beneath a name of YAML or JSON whose value is secret: a block of text, a list, a
/// section, or the rest of a long text. All that is indented further than the name is part of it.
struct SecretBlock {
  /// Where the value of a secret name began, at the beginning of a line.
  struct Opening: Equatable {
    /// Of the name, in bytes.
    var column: Int
    /// Nothing stands on the line of the name, so that a list may begin right beneath it.
    var isBare: Bool
  }

  private var open: Opening?

  mutating func begin(_ opening: Opening?) { open = opening }

  /// The line masked as part of the block; nil once the block is over, or where there is none.
  mutating func masked(_ line: [UInt8]) -> [UInt8]? {
    guard let open else { return nil }
    let indent = line.prefix { $0.isBlank }.count
    if indent == line.count { return line }
    let isItem =
      line[indent] == UInt8(ascii: "-") && (indent + 1 == line.count || line[indent + 1].isBlank)
    if indent > open.column || (open.isBare && indent == open.column && isItem) {
      return maskedContent(of: line, from: indent)
    }
    self.open = nil
    return nil
  }

  /// Dashes and the name stay, what is behind them goes.
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
