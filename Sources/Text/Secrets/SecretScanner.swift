/// One line, read once from left to right.
struct SecretScanner {
  let line: [UInt8]
  var out: [UInt8] = []
  var index = 0
  /// How many backslashes stand before the `"` of the text the scanner is in; nil outside.
  var quoteDepth: Int?
  /// How many `{` are open.
  private(set) var braces = 0
  /// A secret name at the beginning of the line, whose value may go on beneath it.
  var opened: SecretBlock.Opening?
  /// The text without blanks that a URL was last seen in: its end, and its last `@`.
  private var url: (end: Int, at: Int?) = (0, nil)

  /// Where the first thing stands that does not merely indent.
  let beginning: Int

  init(_ line: [UInt8]) {
    self.line = line
    beginning = line.prefix { $0.isBlank || $0 == UInt8(ascii: "-") }.count
  }

  mutating func masked() -> [UInt8] {
    out.reserveCapacity(line.count)
    while index < line.count {
      let byte = line[index]
      if byte.isWord {
        takeWord(line[index...].prefix { $0.isWord })
      } else if byte == UInt8(ascii: ":"), line[index...].starts(with: "://".utf8) {
        takeURL()
      } else {
        takeOther(byte)
      }
    }
    return out
  }

  /// Takes over what is no secret.
  mutating func copy(to end: Int) {
    out += line[index..<end]
    index = end
  }

  /// Leaves out what is one.
  mutating func hide(to end: Int) {
    out += Secrets.mask.utf8
    index = end
  }

  // MARK: - What is met

  private mutating func takeWord(_ word: ArraySlice<UInt8>) {
    if let secret = SecretWords.webToken(word, in: line) {
      copy(to: secret.lowerBound)
      hide(to: secret.upperBound)
    } else if let secret = SecretWords.token(in: word) {
      copy(to: secret)
      hide(to: word.endIndex)
    } else if SecretWords.isSecretName(word) {
      takeName(word)
    } else {
      copy(to: word.endIndex)
      takeCredentials(after: word)
    }
  }

  private mutating func takeOther(_ byte: UInt8) {
    if byte == UInt8(ascii: "\"") {
      let backslashes = self.backslashes(before: index)
      if let depth = quoteDepth {
        if closes(backslashes, depth) { quoteDepth = nil }
      } else {
        quoteDepth = backslashes
      }
    }
    if byte == UInt8(ascii: "{") { braces += 1 }
    if byte == UInt8(ascii: "}") { braces = max(0, braces - 1) }
    copy(to: index + 1)
  }

  /// `Bearer …` and `Basic …`, wherever they stand.
  private mutating func takeCredentials(after scheme: ArraySlice<UInt8>) {
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
      hide(to: word.endIndex)
    }
  }

  /// The password in `scheme://user:password@host`.
  private mutating func takeURL() {
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
    // The colon was before a port, and the @ is somewhere in the path.
    if !port.isEmpty, line[port.endIndex] == UInt8(ascii: "/") { return }
    copy(to: colon + 1)
    hide(to: at)
  }

  // MARK: - Quotes

  func backslashes(before index: Int) -> Int {
    var start = index
    while start > 0, line[start - 1] == UInt8(ascii: "\\") { start -= 1 }
    return index - start
  }

  /// Whether a quote behind so many backslashes ends a text whose own quote had `depth`: JSON within
  /// JSON doubles them, and adds one.
  func closes(_ backslashes: Int, _ depth: Int) -> Bool {
    backslashes % (2 * depth + 2) <= depth
  }
}
