/// Finds where values end. When that is unclear, the rest of the line belongs to the value.
extension SecretScanner {
  /// Masks the word after an option, or after a name in prose.
  mutating func maskNextWord(_ start: Int) {
    if maskQuoted(start) { return }
    copy(to: start)
    mask(to: endOfWord(start))
  }

  /// Masks a value in quotes; false when there is none.
  mutating func maskQuoted(_ start: Int) -> Bool {
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
  func endOfPlain(_ kind: Separator.Kind, isFirst: Bool, isQuery: Bool) -> Int {
    if quoteDepth == nil, !isQuery, isFirst || (kind == .colon && openBraces == 0) {
      return withoutBlanks(line.count)
    }
    if isQuery { return endOfQuery() }
    if quoteDepth == nil, let end = endOfBrackets() { return end }
    if kind == .equals { return endOfWord(index) }
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

  func endOfWord(_ start: Int) -> Int {
    line[start...].firstIndex { $0.isBlank || isEndOfText($0) } ?? line.count
  }

  private func endOfQuery() -> Int {
    line[index...].firstIndex { $0.isBlank || $0.isQuote || "&#".utf8.contains($0) } ?? line.count
  }

  /// Finds the end of the list or object that begins at `index`, including text that directly
  /// follows it; nil when none begins there.
  private func endOfBrackets() -> Int? {
    let isTuple =
      line[index] == UInt8(ascii: "(") && index + 1 < line.count && line[index + 1].isQuote
    guard isTuple || "[{".utf8.contains(line[index]) else { return nil }
    var depth = 0
    for end in index..<line.count {
      if "[{(".utf8.contains(line[end]) { depth += 1 }
      if "]})".utf8.contains(line[end]) { depth -= 1 }
      if depth == 0 {
        let next = end + 1
        return next == line.count || isTerminator(line[next]) ? next : endOfWord(next)
      }
    }
    return line.count
  }

  private func isTerminator(_ byte: UInt8) -> Bool {
    byte.isBlank || byte.isQuote || ",;}])&\\<".utf8.contains(byte)
  }
}
