/// Finds the values that follow secret names.
extension SecretScanner {
  /// Copies a secret name and masks its value, in YAML, JSON, HTTP headers, variables, options and
  /// prose.
  mutating func scanName(_ name: SecretName) {
    let word = name.range
    if hasNeighbours(name) { addName(word) }
    if name.kind == .certain || name.kind == .short, maskElement(word) { return }
    if maskArgument(name) || scanExpansion(name) { return }
    if let start = declaration(name) {
      copy(to: start)
      return maskValue(name, Separator(kind: .equals, start: start, isSpaced: true), false)
    }
    let closing = line[word.upperBound...].prefix(4).prefix {
      $0.isQuote || "\\])`*".utf8.contains($0)
    }
    let isQuoted = closing.contains { $0.isQuote }
    let separator = separator(after: closing.endIndex, of: name, isQuoted: isQuoted)
    guard separator.start < line.count else {
      if separator.kind == .colon || separator.kind == .none {
        beginBlock(name, separator, closing)
      }
      return copy(to: word.upperBound)
    }
    switch separator.kind {
    case .none: return copy(to: word.upperBound)
    case .blank: return scanAfterBlank(name, separator)
    case .cell: return scanCell(name, separator)
    case .comma where !isPair(name, separator): return copy(to: word.upperBound)
    default: break
    }
    beginBlock(name, separator, closing)
    if isHarmless(name, separator, closing) {
      blockStart = nil
      return copy(to: endOfReference(separator.start, name) ?? word.upperBound)
    }
    maskValue(name, separator, isQuoted)
  }

  /// Finds the end of a value in which other names may occur, but no secrets; nil for other values.
  private func endOfReference(_ start: Int, _ name: SecretName) -> Int? {
    let rest = line[start...].prefix(200)
    if rest.starts(with: "${"), let end = rest.firstIndex(of: UInt8(ascii: "}")) { return end + 1 }
    return line[name.range].lowercasedText.hasPrefix("loadcredential") ? endOfWord(start) : nil
  }

  private mutating func beginBlock(
    _ name: SecretName, _ separator: Separator, _ closing: ArraySlice<UInt8>
  ) {
    let isColon =
      separator.kind == .colon
      || (separator.start > 0 && line[separator.start - 1] == UInt8(ascii: ":"))
    let isBlock = name.kind == .certain && !name.isDescription && !name.isFile
    guard isColon, isBlock, isAtBeginning(name.range.lowerBound) else { return }
    blockStart = .init(column: name.range.lowerBound, isEmpty: separator.start == line.count)
  }

  private func isHarmless(
    _ name: SecretName, _ separator: Separator, _ closing: ArraySlice<UInt8>
  ) -> Bool {
    let form: SecretCandidate.Form = separator.kind == .colon ? .colon : .assignment
    let value = SecretCandidate(
      line, from: separator.start, form: form, isSpaced: separator.isSpaced)
    let start = name.range.lowerBound
    if separator.kind == .equals, isComparison(name, from: closing.endIndex, to: separator.start) {
      return true
    }
    if separator.kind == .colon, start > 0, line[start - 1] == UInt8(ascii: "/"),
      !separator.isSpaced, Randomness.isVersion(value.word)
    {
      // The name and the tag of an image.
      return true
    }
    if separator.kind == .colon, isPartOfOther(name, before: value.word),
      !Randomness.isStrong(value.word)
    {
      return true
    }
    if isLikelyFile(name, value) || isSubject(name, value) { return true }
    // Python has triple quotes, and a shell joins what follows.
    if value.isQuoted, value.text.isEmpty,
      let next = line[value.text.endIndex...].drop(while: { $0 == 0x5C }).dropFirst().first,
      !next.isBlank, !",;)}]&<#>\\|`".utf8.contains(next)
    {
      return false
    }
    switch name.kind {
    case .certain: return HarmlessValues.contains(value, name: name, in: line)
    case .short:
      let word = value.word
      let isResult =
        line[name.range].elementsEqual("PASS".utf8) && separator.kind == .colon
        || word.count <= 5 && word.allSatisfy { $0.isDigit || $0 == UInt8(ascii: "/") }
      return isResult || word.first == UInt8(ascii: "/") || word.isEmpty && !value.isQuoted
        || HarmlessValues.contains(value, name: name, in: line)
    case .generated, .parameter:
      let isParameter = start > 0 && "?&;".utf8.contains(line[start - 1])
      if name.kind == .parameter, !isParameter { return true }
      let isPair = line[name.range].suffix(4).lowercasedText == "auth"
      if isPair, let colon = value.word.firstIndex(of: UInt8(ascii: ":")),
        !value.word.contains("://")
      {
        return !Randomness.isMadeUp(value.word[(colon + 1)...])
      }
      if value.text.first == UInt8(ascii: "("),
        line[name.range].suffix(4).elementsEqual("auth".utf8)
      {
        return value.text.dropFirst().first?.isQuote != true
      }
      return !isGeneratedValue(value, isParameter: isParameter, name)
    }
  }

  /// Scans a name between braces, as in `${DB_PASSWORD:-x}`; false for other names.
  private mutating func scanExpansion(_ name: SecretName) -> Bool {
    let (start, end) = (name.range.lowerBound, name.range.upperBound)
    guard start > 1, line[(start - 2)..<start].elementsEqual("${".utf8), end < line.count,
      let close = line[end...].prefix(256).firstIndex(of: UInt8(ascii: "}"))
    else { return false }
    let operation = line[end..<close]
    var fallback = operation.drop { ":-=+".utf8.contains($0) }
    if fallback.startIndex == end || operation.contains(UInt8(ascii: "?")) { fallback = [] }
    copy(to: fallback.isEmpty ? close : fallback.startIndex)
    if !fallback.isEmpty, name.kind == .certain, fallback.first != UInt8(ascii: "$") {
      mask(to: close)
    }
    return true
  }

  /// The first words of subjects of commits.
  private static let imperatives: Set<String> = [
    "add", "added", "adds", "fix", "fixed", "fixes", "remove", "removed", "use", "move", "update",
    "apply",
    "make", "convert", "treat", "introduce", "replace", "rename", "refactor", "avoid", "allow",
    "handle",
    "support", "drop", "don't", "do", "ignore", "save", "document", "return", "improve", "simplify",
    "clean", "test", "check", "validate", "show", "print", "bump", "revert", "rotate", "rewrite",
    "split",
    "implement", "ensure", "prevent", "stop", "set", "store", "cache", "skip", "clarify",
  ]

  /// Whether the name is what a sentence after it is about, as in the subject of a commit.
  private func isSubject(_ name: SecretName, _ value: SecretCandidate) -> Bool {
    guard value.form == .colon, value.isSpaced, !value.isQuoted else { return false }
    let words = value.text.split { $0.isBlank }.prefix(12)
    let isInParentheses =
      name.range.lowerBound > 0 && line[name.range.lowerBound - 1] == UInt8(ascii: "(")
      && line[name.range.upperBound] == UInt8(ascii: ")")
    let text = line[name.range].lowercasedText
    let isKey = ["token", "key", "credential", "cookie"].contains { text.contains($0) }
    guard words.count >= 2, let first = words.first,
      isInParentheses
        || isKey && !name.isPassword && Self.imperatives.contains(first.lowercasedText)
    else { return false }
    return words.allSatisfy { word in
      !Randomness.isMadeUp(word) && !Randomness.isGenerated(word, atLeast: 8)
        && word.contains { $0.isLetter } && word.count <= 24
    }
  }

  /// Whether a generator made the value beside a name with several meanings.
  private func isGeneratedValue(
    _ value: SecretCandidate, isParameter: Bool, _ name: SecretName
  ) -> Bool {
    let text = value.text.prefix { $0.isTokenCharacter || $0 == UInt8(ascii: "%") }
    let word = isParameter ? text.prefix { $0 != UInt8(ascii: "&") } : text
    if line[name.range].suffix(3).lowercasedText == "otp" {
      return (4...10).contains(word.count) && word.allSatisfy(\.isDigit)
    }
    if !isParameter, word.contains(where: { ".~".utf8.contains($0) }) { return false }
    if word.starts(with: "base64") { return true }
    return Randomness.isGenerated(word, atLeast: isParameter || value.isQuoted ? 12 : 16)
      && !Randomness.isDimension(word)
      && !Randomness.isAddress(word.drop { $0 == UInt8(ascii: "/") })
  }

  /// Whether the value is a file in which a program expects keys or credentials.
  private func isLikelyFile(_ name: SecretName, _ value: SecretCandidate) -> Bool {
    let text = line[name.range].lowercasedText
    guard text.hasSuffix("credentials") || text.hasSuffix("key") || text.hasPrefix("loadcredential")
    else { return false }
    let path = value.isQuoted ? value.text : value.word
    if text.hasPrefix("loadcredential") { return path.contains(UInt8(ascii: "/")) }
    guard path.first.map({ "/~.".utf8.contains($0) }) == true else { return false }
    return [".json", ".pem", ".key", ".ini", ".yaml", ".yml", ".p12", ".der"].contains {
      path.suffix(5).reversed().starts(with: $0.utf8.reversed())
    } || path.contains("/id_") || path.contains("/.aws/")
  }

  /// Whether a comma separates a name from its value, rather than two names in a list.
  private func isPair(_ name: SecretName, _ separator: Separator) -> Bool {
    let value = SecretCandidate(
      line, from: separator.start, form: .option, isSpaced: separator.isSpaced)
    if isOption(name.range) { return true }
    let isPath = name.range.lowerBound > 0 && line[name.range.lowerBound - 1] == UInt8(ascii: "/")
    guard value.isQuoted, !isPath else { return false }
    if value.text.contains(where: { !$0.isLetter && $0 != UInt8(ascii: "_") }) { return true }
    // Only two elements between brackets, or the arguments of a call.
    let before = line[..<name.range.lowerBound].suffix(4).reversed().drop {
      $0.isQuote || "bruf\\".utf8.contains($0)
    }
    let after = line[value.text.endIndex...].prefix(8).drop {
      $0.isQuote || $0 == UInt8(ascii: "\\")
    }
    return before.first == UInt8(ascii: "(") && after.first == UInt8(ascii: ")")
  }

  private mutating func maskValue(_ name: SecretName, _ separator: Separator, _ isQuoted: Bool) {
    let start = separator.start
    let isQuery =
      name.range.lowerBound > 0 && "?&".utf8.contains(line[name.range.lowerBound - 1])
    if isQuoted { quoteDepth = nil }
    if maskQuoted(start) || separator.kind == .comma {
      maskReplacement()
      if index < name.range.upperBound { copy(to: name.range.upperBound) }
      return
    }
    copy(to: start)
    let isFirst = isAtBeginning(name.range.lowerBound)
    let end = endOfPlain(separator.kind, isFirst: isFirst, isQuery: isQuery)
    // A sign that begins a block on the following lines is not secret.
    if blockStart != nil, Self.blockSigns.contains(Array(line[start..<end].prefix(3))) {
      return copy(to: end)
    }
    if end > start { mask(to: end) }
  }

  /// Masks the new value in a difference, such as `"old" -> "new"`.
  private mutating func maskReplacement() {
    let start = index + 4
    guard start < line.count, line[index..<start].elementsEqual(" -> ".utf8), line[start].isQuote
    else {
      return
    }
    _ = maskQuoted(start)
  }

  private static let blockSigns = ["{", "[", "|", "|-", "|+", ">", ">-", ">+"].map {
    Array($0.utf8)
  }
}
