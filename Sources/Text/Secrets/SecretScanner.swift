/// Finds the secrets of one line, which it reads once from left to right.
struct SecretScanner {
  let line: [UInt8]
  /// The secrets, from left to right.
  private(set) var secrets: [Range<Int>] = []
  /// The names near which random words are secrets, from left to right.
  private(set) var names: [Range<Int>] = []
  private(set) var index = 0
  /// How many backslashes precede the `"` of the string that the scanner is in; nil outside of
  /// strings.
  var quoteDepth: Int?
  /// How many `{` are open.
  private(set) var openBraces = 0
  /// A secret name at the beginning of the line, whose value may continue on the next lines.
  var blockStart: SecretBlock.Start?
  /// The word that contained the last URL: its end, and the position of its last `@`.
  var url: (end: Int, at: Int?) = (0, nil)
  private var command = CommandPasswords()

  /// The position of the first character that is neither a blank nor a dash.
  let beginning: Int

  init(_ line: [UInt8]) {
    self.line = line
    beginning = line.prefix { $0.isBlank || $0 == UInt8(ascii: "-") }.count
  }

  mutating func scan() {
    if let password = PositionalPasswords.entry(line, from: beginning) {
      copy(to: password.lowerBound)
      mask(to: password.upperBound)
    }
    while index < line.count {
      let byte = line[index]
      if byte.isWord {
        scanWord(line[index...].prefix { $0.isWord })
      } else if byte == UInt8(ascii: ":"), line[index...].starts(with: "://") {
        scanURL()
      } else {
        scanOther(byte)
      }
    }
    scanNeighbours()
  }

  /// Leaves text that is not secret.
  mutating func copy(to end: Int) { index = end }

  /// Notes that the text from `index` on is a secret.
  mutating func mask(to end: Int) {
    secrets.append(index..<end)
    index = end
  }

  /// Notes another secret.
  mutating func add(_ secret: Range<Int>) { secrets.append(secret) }

  /// Notes a name near which random words are secrets.
  mutating func addName(_ range: Range<Int>) {
    if names.last.map({ $0.lowerBound < range.lowerBound }) ?? true { names.append(range) }
  }

  // MARK: - Words and other characters

  private mutating func scanWord(_ word: ArraySlice<UInt8>) {
    if let secret = WebTokens.secret(word, in: line) ?? TokenShapes.secret(in: word, of: line)
      ?? command.secret(at: word, in: line)
    {
      if CallSecrets.isKeyID(word) { addName(word.indices) }
      copy(to: secret.lowerBound)
      mask(to: secret.upperBound)
    } else if let secret = CallSecrets.secret(after: word, in: line) {
      copy(to: secret.lowerBound)
      mask(to: secret.upperBound)
    } else if !names.isEmpty, word.elementsEqual("input_value".utf8), isQuotedInput(word.endIndex) {
      maskNextWord(word.endIndex + 1)
    } else if let name = SecretNames.name(word), name.kind != .generated || !endsOtherName(word) {
      scanName(name)
    } else if WeakNames.endsName(word, in: line) {
      scanName(SecretName(range: word.startIndex..<word.endIndex, kind: .certain))
    } else if !maskSchemelessPassword(after: word) {
      copy(to: word.endIndex)
      scanCredentials(after: word)
    }
  }

  /// Whether the word belongs to a name of two words, such as `API key` or `cache key`.
  private func endsOtherName(_ word: ArraySlice<UInt8>) -> Bool {
    (3...4).contains(word.count) && word.startIndex > 1 && line[word.startIndex - 1] == 0x20
      && line[word.startIndex - 2].isLetter && word.lowercasedText.hasPrefix("key")
  }

  private mutating func scanOther(_ byte: UInt8) {
    if byte >= 0xE3, let name = ForeignNames.name(in: line, at: index) {
      return scanForeignName(name)
    }
    if byte == UInt8(ascii: "\"") {
      let backslashes = self.backslashes(before: index)
      if let depth = quoteDepth {
        if closes(backslashes, depth) { quoteDepth = nil }
      } else {
        quoteDepth = backslashes
      }
    }
    if byte == UInt8(ascii: "<"), line[index...].starts(with: "<<<") {
      let start = index + 3 + line[(index + 3)...].prefix { $0.isBlank }.count
      if start < line.count, line[start] != UInt8(ascii: "$"),
        PositionalPasswords.reads(line[..<index].suffix(256))
      {
        return maskNextWord(start)
      }
      return copy(to: index + 3)
    }
    if byte == UInt8(ascii: "{") { openBraces += 1 }
    if byte == UInt8(ascii: "}") { openBraces = max(0, openBraces - 1) }
    copy(to: index + 1)
  }

  /// Whether a validation error shows a string as the value that it rejects.
  private func isQuotedInput(_ end: Int) -> Bool {
    end + 1 < line.count && line[end] == UInt8(ascii: "=") && line[end + 1].isQuote
  }

  /// Masks what follows `Bearer` or `Basic`, anywhere on the line.
  private mutating func scanCredentials(after scheme: ArraySlice<UInt8>) {
    guard scheme.count == 5 || scheme.count == 6 else { return }
    let name = scheme.lowercasedText
    let start = index + line[index...].prefix { $0.isBlank }.count
    guard start > index else { return }
    let word = line[start...].prefix { $0.isTokenCharacter }
    // A parameter of a challenge, such as `realm="…"`.
    if word.last == UInt8(ascii: "="), word.endIndex < line.count, line[word.endIndex].isQuote {
      return
    }
    let isSecret =
      switch name {
      case "bearer": !word.isEmpty && !WebTokens.isProse(afterScheme: word)
      case "basic": WebTokens.isBasic(word)
      case "digest", "apikey":
        Randomness.isGenerated(word, atLeast: 20) && !word.starts(with: "sha")
      default: false
      }
    if isSecret {
      copy(to: start)
      mask(to: word.endIndex)
    }
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
