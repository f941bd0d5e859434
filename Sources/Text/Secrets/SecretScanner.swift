/// Masks the secrets of one line, which it reads once from left to right.
struct SecretScanner {
  let line: [UInt8]
  var output: [UInt8] = []
  var index = 0
  /// How many backslashes precede the `"` of the string that the scanner is in; nil outside of
  /// strings.
  var quoteDepth: Int?
  /// How many `{` are open.
  private(set) var openBraces = 0
  /// A secret name at the beginning of the line, whose value may continue on the next lines.
  var blockStart: SecretBlock.Start?
  /// The word that contained the last URL: its end, and the position of its last `@`.
  private var url: (end: Int, at: Int?) = (0, nil)

  /// The position of the first character that is neither a blank nor a dash.
  let beginning: Int

  init(_ line: [UInt8]) {
    self.line = line
    beginning = line.prefix { $0.isBlank || $0 == UInt8(ascii: "-") }.count
  }

  mutating func masked() -> [UInt8] {
    output.reserveCapacity(line.count)
    while index < line.count {
      let byte = line[index]
      if byte.isWord {
        scanWord(line[index...].prefix { $0.isWord })
      } else if byte == UInt8(ascii: ":"), line[index...].starts(with: "://".utf8) {
        scanURL()
      } else {
        scanOther(byte)
      }
    }
    return output
  }

  /// Copies text that is not secret to the output.
  mutating func copy(to end: Int) {
    output += line[index..<end]
    index = end
  }

  /// Writes the mask to the output in place of a secret.
  mutating func mask(to end: Int) {
    output += Secrets.mask.utf8
    index = end
  }

  // MARK: - Words, URLs and other characters

  private mutating func scanWord(_ word: ArraySlice<UInt8>) {
    if let secret = SecretWords.webToken(word, in: line) {
      copy(to: secret.lowerBound)
      mask(to: secret.upperBound)
    } else if let secret = SecretWords.token(in: word) {
      copy(to: secret)
      mask(to: word.endIndex)
    } else if SecretWords.isSecretName(word) {
      scanSecretName(word)
    } else {
      copy(to: word.endIndex)
      scanCredentials(after: word)
    }
  }

  private mutating func scanOther(_ byte: UInt8) {
    if byte == UInt8(ascii: "\"") {
      let backslashes = self.backslashes(before: index)
      if let depth = quoteDepth {
        if closes(backslashes, depth) { quoteDepth = nil }
      } else {
        quoteDepth = backslashes
      }
    }
    if byte == UInt8(ascii: "{") { openBraces += 1 }
    if byte == UInt8(ascii: "}") { openBraces = max(0, openBraces - 1) }
    copy(to: index + 1)
  }

  /// Masks what follows `Bearer` or `Basic`, anywhere on the line.
  private mutating func scanCredentials(after scheme: ArraySlice<UInt8>) {
    guard scheme.count == 5 || scheme.count == 6 else { return }
    let name = String(decoding: scheme, as: UTF8.self).lowercased()
    let start = index + line[index...].prefix { $0.isBlank }.count
    guard start > index else { return }
    let word = line[start...].prefix { $0.isTokenCharacter }
    let isSecret =
      switch name {
      case "bearer": !word.isEmpty && !SecretWords.isProse(afterScheme: word)
      case "basic": SecretWords.isBasic(word)
      default: false
      }
    if isSecret {
      copy(to: start)
      mask(to: word.endIndex)
    }
  }

  /// Masks the password in `scheme://user:password@host`.
  private mutating func scanURL() {
    copy(to: index + 3)
    if index >= url.end {
      let rest = line[index...].prefix { !$0.isBlank && !$0.isQuote && !"<>".utf8.contains($0) }
      url = (rest.endIndex, rest.lastIndex(of: UInt8(ascii: "@")))
    }
    guard let at = url.at, at > index,
      let colon = line[index..<at].firstIndex(where: { ":/?#".utf8.contains($0) }),
      line[colon] == UInt8(ascii: ":"), colon + 1 < at
    else { return }
    let port = line[(colon + 1)..<at].prefix { $0.isDigit }
    // The colon precedes a port, and the @ belongs to the path.
    if !port.isEmpty, line[port.endIndex] == UInt8(ascii: "/") { return }
    copy(to: colon + 1)
    mask(to: at)
  }

  // MARK: - Quotes

  /// Returns how many backslashes directly precede a position.
  func backslashes(before index: Int) -> Int {
    var start = index
    while start > 0, line[start - 1] == UInt8(ascii: "\\") { start -= 1 }
    return index - start
  }

  /// Whether a quote after `backslashes` backslashes ends a string whose opening quote had `depth`
  /// of them. JSON within JSON doubles the backslashes and adds one.
  func closes(_ backslashes: Int, _ depth: Int) -> Bool {
    backslashes % (2 * depth + 2) <= depth
  }
}
