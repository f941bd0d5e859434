/// Finds what separates a name from its value.
extension SecretScanner {
  /// What separates a name from its value, and where the value begins.
  struct Separator {
    enum Kind { case colon, equals, comma, blank, cell, none }

    var kind: Kind
    var start: Int
    /// Whether blanks precede the value.
    var isSpaced: Bool
  }

  func separator(after end: Int, of name: SecretName, isQuoted: Bool) -> Separator {
    let start = end + line[end...].prefix { $0.isBlank }.count
    let isSpaced = start > end
    let none = Separator(kind: .none, start: start, isSpaced: isSpaced)
    guard start < line.count else { return none }
    func found(_ kind: Separator.Kind, _ signs: String) -> Separator {
      let next = start + line[start...].prefix { signs.utf8.contains($0) }.count
      let value = next + line[next...].prefix { $0.isBlank }.count
      return Separator(kind: kind, start: value, isSpaced: value > next)
    }
    if let pair = valueOfPair(after: start, isQuoted: isQuoted) { return pair }
    let rest = line[start...]
    if let value = valueAfterLeader(start) ?? valueAfterRemark(start, isSpaced: isSpaced) {
      return Separator(kind: .cell, start: value, isSpaced: true)
    }
    switch line[start] {
    case UInt8(ascii: ":")
    where rest.starts(with: "::") && !isQuoted && !name.isPassword
      && rest.dropFirst(2).first?.isLetter == true
      && !Randomness.isMadeUp(rest.prefix(66).dropFirst(2).prefix { $0.isWord }):
      // The name of a module in code.
      return none
    case UInt8(ascii: ":") where !rest.starts(with: "://"): return found(.colon, ":=")
    case UInt8(ascii: "="): return found(.equals, "=>")
    case UInt8(ascii: "-") where rest.starts(with: "->"): return found(.colon, "->")
    case UInt8(ascii: "~") where rest.starts(with: "~="): return found(.equals, "~=")
    case 0x5C where !isQuoted && (rest.starts(with: "\\t")):
      return Separator(kind: .cell, start: min(start + 2, line.count), isSpaced: true)
    case UInt8(ascii: "<") where isSpaced && rest.starts(with: "<- "): return found(.cell, "<-")
    case UInt8(ascii: ",") where isQuoted: return found(.comma, ",")
    case UInt8(ascii: "|") where !rest.starts(with: "||"): return found(.cell, "|")
    case 0xE2 where ["│", "┃", "║", "┆", "╎"].contains { rest.starts(with: $0) }:
      let next = start + 3
      return Separator(
        kind: .cell, start: next + line[next...].prefix { $0.isBlank }.count, isSpaced: true)
    case 0xE2 where rest.starts(with: "→"):
      let next = start + 3
      let value = next + line[next...].prefix { $0.isBlank }.count
      return Separator(kind: .colon, start: value, isSpaced: true)
    case _ where isSpaced && (!isQuoted || isPartOfForm(name, at: start)):
      return Separator(kind: .blank, start: start, isSpaced: true)
    default: return none
    }
  }

  /// Finds the value after a line of dots or other signs, as in `password ........ x`.
  private func valueAfterLeader(_ start: Int) -> Int? {
    let sign = line[start]
    var end = start
    if line[start...].starts(with: "…") {
      while line[end...].starts(with: "…") { end += 3 }
    } else if line[start...].starts(with: "···") {
      while line[end...].starts(with: "·") { end += 2 }
    } else {
      guard ".-_~".utf8.contains(sign) else { return nil }
      let signs = line[start...].prefix { $0 == sign }
      guard signs.count >= 3 else { return nil }
      end = signs.endIndex
    }
    end += line[end...].prefix { $0.isBlank || ">:=[|".utf8.contains($0) }.count
    return end < line.count ? end : nil
  }

  /// Finds the value after a remark and a sign, as in `password(initial): x`.
  private func valueAfterRemark(_ start: Int, isSpaced: Bool) -> Int? {
    let isList = line[start] == UInt8(ascii: "[")
    guard isList || line[start] == UInt8(ascii: "(") && !isSpaced else { return nil }
    let closing = isList ? UInt8(ascii: "]") : UInt8(ascii: ")")
    guard let end = line[start...].prefix(64).firstIndex(of: closing) else { return nil }
    var next = end + 1 + line[(end + 1)...].prefix { $0.isBlank }.count
    guard next < line.count, ":=[".utf8.contains(line[next]), next > start + 1,
      !line[next...].starts(with: "==")
    else { return nil }
    next += line[next...].prefix { ":=>[".utf8.contains($0) }.count
    next += line[next...].prefix { $0.isBlank }.count
    return next < line.count ? next : nil
  }

  /// Whether a value follows the name of a part of a form, as in `name="password" x`.
  private func isPartOfForm(_ name: SecretName, at start: Int) -> Bool {
    line[..<name.range.lowerBound].suffix(6).elementsEqual("name=\"".utf8)
      && Randomness.isStrong(line[start...].prefix(128).prefix { !$0.isBlank })
      && !line[start...].prefix(128).prefix { !$0.isBlank }.contains(UInt8(ascii: "="))
  }

  private static let valueKeys = ["value", "Value", "VALUE", "default", "content", "val", "v"].map {
    Array($0.utf8)
  }

  /// Finds the value in pairs such as `{"name": "DB_PASSWORD", "value": "x"}`.
  private func valueOfPair(after index: Int, isQuoted: Bool) -> Separator? {
    var start = index
    if ",;".utf8.contains(line[start]) {
      start += 1
      start += line[start...].prefix { $0.isBlank }.count
    } else if !isQuoted, start > 0, !line[start - 1].isBlank {
      return nil
    }
    start += line[start...].prefix(3).prefix { $0.isQuote || $0 == UInt8(ascii: "\\") }.count
    guard start < line.count,
      let key = Self.valueKeys.first(where: { line[start...].starts(with: $0) })
    else { return nil }
    start += key.count
    start += line[start...].prefix(3).prefix { $0.isQuote || $0 == UInt8(ascii: "\\") }.count
    start += line[start...].prefix { $0.isBlank }.count
    guard start < line.count, ":=".utf8.contains(line[start]) else { return nil }
    let kind = line[start] == UInt8(ascii: ":") ? Separator.Kind.colon : .equals
    let next = start + 1
    let value = next + line[next...].prefix { $0.isBlank }.count
    return Separator(kind: kind, start: value, isSpaced: value > next)
  }

  /// Whether `==` compares a name with something in code.
  func isComparison(_ name: SecretName, from end: Int, to start: Int) -> Bool {
    let sign = line[end..<start]
    guard sign.first.map({ $0.isBlank }) == true, sign.trimmed.starts(with: "=="),
      sign.last.map({ $0.isBlank }) == true, start < line.count, line[start].isLetter,
      line[start...].prefix(64).prefix(while: { $0.isWord || ".()[]".utf8.contains($0) }).count > 1
    else { return false }
    let before = line[..<name.range.lowerBound].suffix(64)
    return [
      "if ", "if(", "if (", "while ", "assert ", "return ", "unless ", "and ", "or ", "&& ",
      "|| ", "when ", "require(", "assert(",
    ].contains { before.contains($0) }
  }

  // MARK: - Where names stand

  /// Whether the name is that of an option, which may contain dots.
  func isOption(_ name: Range<Int>) -> Bool {
    let before = line[..<name.lowerBound].suffix(64)
    let rest = before.reversed().prefix { $0.isWord || $0 == UInt8(ascii: ".") }
    let start = name.lowerBound - rest.count
    guard line[start] == UInt8(ascii: "-") else { return false }
    // A hyphen on its own begins an element of a list.
    return start + 1 < line.count && !line[start + 1].isBlank
  }

  /// Whether only a quote or `export` precedes the position on its line, apart from the indent.
  func isAtBeginning(_ start: Int) -> Bool {
    if start <= beginning { return true }
    if line[beginning].isQuote { return start == beginning + 1 }
    return start == beginning + 7 && line[beginning..<start].elementsEqual("export ".utf8)
  }

  /// Whether the name is that of a path that a server answers, or what a parser found.
  func isPartOfOther(_ name: SecretName, before value: ArraySlice<UInt8>) -> Bool {
    let start = name.range.lowerBound
    guard !name.isForeign, start > 0 else { return false }
    if line[start - 1] == UInt8(ascii: "/") {
      return value.count == 3 && value.allSatisfy(\.isDigit)
    }
    guard line[name.range].prefix(8).lowercasedText.hasPrefix("token"), name.range.count <= 6 else {
      return false
    }
    let before = line[..<start].suffix(13).lowercasedText
    return ["unexpected ", "unrecognized ", "illegal "].contains { before.hasSuffix($0) }
  }

  /// Whether the option belongs to the description of a command.
  func isUsage(_ name: SecretName, value start: Int) -> Bool {
    let word = line[start...].prefix(40).prefix { !$0.isBlank && !"],|)".utf8.contains($0) }
    if word.first == UInt8(ascii: "<") { return word.last == UInt8(ascii: ">") }
    if word.first == UInt8(ascii: "[") {
      return line[word.endIndex...].first == UInt8(ascii: "]")
        && word.dropFirst().allSatisfy { $0.isUppercase || $0 == UInt8(ascii: "_") }
    }
    guard word.count <= 24, !word.isEmpty else { return false }
    let next = line[word.endIndex...].prefix(2)
    let isCapital = word.allSatisfy { $0.isUppercase || $0 == UInt8(ascii: "_") }
    if isCapital {
      let isInBrackets = next.first.map { "]|)".utf8.contains($0) } == true
      let own = line[name.range].suffix(24).map { $0.lowercased }
      let text = word.map(\.lowercased)
      let isOwnName = own.suffix(text.count).elementsEqual(text)
      let isBegin = line[..<name.range.lowerBound].suffix(64).allSatisfy { $0.isBlank }
      return isInBrackets || isOwnName || (isBegin && next.elementsEqual("  ".utf8))
    }
    let types = ["string", "str", "text", "value", "file", "stringArray", "strings"]
    return types.contains { word.elementsEqual($0.utf8) }
      && (next.isEmpty || next.elementsEqual("  ".utf8) || next.first == UInt8(ascii: "]"))
  }
}
