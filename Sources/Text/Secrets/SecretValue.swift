/// Finds the values that follow secret names.
extension SecretScanner {
  /// What separates a name from its value.
  private enum Separator { case colon, equals, comma, blank, none }

  /// Copies a secret name and masks its value, in YAML, JSON, HTTP headers, variables, options and
  /// prose.
  mutating func scanSecretName(_ word: ArraySlice<UInt8>) {
    let isFirst = isAtBeginning(word.startIndex)
    let closing = line[word.endIndex...].prefix(4).prefix { $0.isQuote || "\\])".utf8.contains($0) }
    let isQuoted = closing.contains { $0.isQuote }
    let (separator, start) = separator(
      after: closing.endIndex, isQuoted: isQuoted, isOption: isOption(word))
    if separator == .colon, isFirst {
      blockStart = .init(column: word.startIndex, isEmpty: start == line.count)
    }
    if separator == .none || start == line.count { return copy(to: word.endIndex) }
    if separator == .blank { return maskNextWord(start) }
    let isQuery = word.startIndex > 0 && "?&".utf8.contains(line[word.startIndex - 1])
    if isQuoted { quoteDepth = nil }
    if maskQuoted(start) || separator == .comma {
      if index < word.endIndex { copy(to: word.endIndex) }
      return
    }
    copy(to: start)
    let end = endOfPlain(separator, isFirst: isFirst, isQuery: isQuery)
    // A sign that begins a block on the following lines is not secret.
    if blockStart != nil, Self.blockSigns.contains(Array(line[start..<end])) {
      return copy(to: end)
    }
    if end > start { mask(to: end) }
  }

  private static let blockSigns = ["{", "[", "|", "|-", "|+", ">", ">-", ">+"].map {
    Array($0.utf8)
  }

  /// Whether the name is that of an option, which may contain dots.
  private func isOption(_ word: ArraySlice<UInt8>) -> Bool {
    let before = line[..<word.startIndex].suffix(64)
    let rest = before.reversed().prefix { $0.isWord || $0 == UInt8(ascii: ".") }
    return line[word.startIndex - rest.count] == UInt8(ascii: "-")
  }

  /// Whether only a quote or `export` precedes the position on its line, apart from the indent.
  private func isAtBeginning(_ start: Int) -> Bool {
    if start <= beginning { return true }
    if line[beginning].isQuote { return start == beginning + 1 }
    return start == beginning + 7 && line[beginning..<start].elementsEqual("export ".utf8)
  }

  private func separator(
    after end: Int, isQuoted: Bool, isOption: Bool
  ) -> (Separator, start: Int) {
    let start = end + line[end...].prefix { $0.isBlank }.count
    guard start < line.count else { return (.none, start) }
    func value(_ signs: String) -> Int {
      let next = start + line[start...].prefix { signs.utf8.contains($0) }.count
      return next + line[next...].prefix { $0.isBlank }.count
    }
    switch line[start] {
    case UInt8(ascii: ":") where !line[start...].starts(with: "://".utf8):
      return (.colon, value(":="))
    case UInt8(ascii: "="): return (.equals, value("=>"))
    case UInt8(ascii: ",") where isQuoted: return (.comma, value(","))
    case _ where start > end && !isQuoted:
      let isValue = isOption && !line[start...].starts(with: "--".utf8)
      let random = line[start...].prefix { $0.isTokenCharacter }
      return isValue || SecretWords.isRandom(random) ? (.blank, start) : (.none, start)
    default: return (.none, start)
    }
  }

  // MARK: - Values

  /// Masks the word after an option, or after a name in prose.
  private mutating func maskNextWord(_ start: Int) {
    if maskQuoted(start) { return }
    copy(to: start)
    mask(to: endOfWord(start))
  }

  /// Masks a value in quotes; false when there is none.
  private mutating func maskQuoted(_ start: Int) -> Bool {
    var quote = start
    // Python has prefixes for bytes and other kinds of strings.
    if "bruf".utf8.contains(line[start]), start + 1 < line.count, line[start + 1].isQuote {
      quote += 1
    }
    quote += line[quote...].prefix { $0 == UInt8(ascii: "\\") }.count
    guard quote < line.count, line[quote].isQuote else { return false }
    // A quote that ends the current string begins no value.
    if quoteDepth != nil, line[quote] == UInt8(ascii: "\""), closesText(quote) { return false }
    let end = endOfQuoted(quote)
    copy(to: quote + 1)
    guard end < line.count else {
      if index < line.count { mask(to: line.count) }
      return true
    }
    let isEmpty = end == quote + 1
    let content = end - min(backslashes(before: quote), backslashes(before: end))
    if content > index { mask(to: content) }
    copy(to: end + 1)
    if index < line.count {
      // Python has triple quotes, and in a shell a word continues after a quote.
      if isEmpty, line[index] == line[quote] {
        mask(to: line.count)
      } else if !isTerminator(line[index]) {
        mask(to: endOfWord(index))
      }
    }
    return true
  }

  /// Finds the quote that matches an opening quote; the end of the line when there is none.
  private func endOfQuoted(_ quote: Int) -> Int {
    let depth = backslashes(before: quote)
    var end = quote + 1
    while end < line.count {
      if line[end] == line[quote] {
        // In YAML, a doubled quote does not end a string.
        let isDoubled =
          line[end] == UInt8(ascii: "'") && end + 1 < line.count && line[end + 1] == line[end]
        if !isDoubled, closes(backslashes(before: end), depth) { return end }
        if isDoubled { end += 1 }
      }
      end += 1
    }
    return line.count
  }

  private func closesText(_ quote: Int) -> Bool {
    quoteDepth.map { closes(backslashes(before: quote), $0) } ?? false
  }

  /// Finds the end of the unquoted value that begins at `index`.
  private func endOfPlain(_ separator: Separator, isFirst: Bool, isQuery: Bool) -> Int {
    if quoteDepth == nil, !isQuery, isFirst || (separator == .colon && openBraces == 0) {
      return withoutBlanks(line.count)
    }
    if isQuery { return endOfQuery() }
    if quoteDepth == nil, let end = endOfBrackets() { return end }
    if separator == .equals { return endOfWord(index) }
    let stops = quoteDepth == nil ? ",}" : ""
    return withoutBlanks(
      line[index...].firstIndex { isEndOfText($0) || stops.utf8.contains($0) } ?? line.count)
  }

  private func withoutBlanks(_ end: Int) -> Int {
    var end = end
    while end > index + 1, line[end - 1].isBlank { end -= 1 }
    return end
  }

  private func isEndOfText(_ byte: UInt8) -> Bool {
    quoteDepth != nil && (byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\"))
  }

  private func endOfWord(_ start: Int) -> Int {
    line[start...].firstIndex { $0.isBlank || isEndOfText($0) } ?? line.count
  }

  private func endOfQuery() -> Int {
    line[index...].firstIndex { $0.isBlank || $0.isQuote || "&#".utf8.contains($0) } ?? line.count
  }

  /// Finds the end of the list or object that begins at `index`, including text that directly
  /// follows it; nil when none begins there.
  private func endOfBrackets() -> Int? {
    guard "[{".utf8.contains(line[index]) else { return nil }
    var depth = 0
    for end in index..<line.count {
      if "[{".utf8.contains(line[end]) { depth += 1 }
      if "]}".utf8.contains(line[end]) { depth -= 1 }
      if depth == 0 {
        let next = end + 1
        return next == line.count || isTerminator(line[next]) ? next : endOfWord(next)
      }
    }
    return line.count
  }

  private func isTerminator(_ byte: UInt8) -> Bool {
    byte.isBlank || byte.isQuote || ",;}])&\\".utf8.contains(byte)
  }
}
