/// Finds literals in code and markup: declarations, arguments, elements of XML.
extension SecretScanner {
  /// Finds the literal in a declaration such as `password: str = "x"`, or after an operator for
  /// defaults, as in `process.env.TOKEN || "x"`.
  func declaration(_ name: SecretName) -> Int? {
    guard name.kind == .certain, !name.isDescription, !name.isFile else { return nil }
    let rest = line[name.range.upperBound...].prefix(80)
    let sign: Int
    if rest.first == UInt8(ascii: ":") {
      let type = rest.dropFirst().prefix { $0 != UInt8(ascii: "=") && !$0.isQuote }
      guard type.count <= 40, type.last?.isBlank == true,
        type.trimmed.first?.isLetter == true
          || "&[*?".utf8.contains(type.trimmed.first ?? 0),
        type.trimmed.allSatisfy({ $0.isWord || "<>[]?.&*|' ".utf8.contains($0) })
      else { return nil }
      sign = type.endIndex + 1
    } else {
      let blanks = rest.prefix { $0.isBlank || $0 == UInt8(ascii: ")") }
      guard
        let text = ["|| ", "?? ", "or "].first(where: { rest[blanks.endIndex...].starts(with: $0) }
        ),
        !blanks.isEmpty
      else { return nil }
      sign = blanks.endIndex + text.utf8.count
    }
    let start = sign + line[min(sign, line.count)...].prefix { $0.isBlank }.count
    guard start > name.range.upperBound, start + 1 < line.count, line[start].isQuote,
      line[start + 1] != line[start]
    else { return nil }
    let value = SecretCandidate(line, from: start, form: .assignment, isSpaced: true)
    return HarmlessValues.contains(value, name: name, in: line) ? nil : start
  }

  /// Masks the content of an XML element with the name, or of one with an attribute of that value;
  /// false when there is none.
  mutating func maskElement(_ word: Range<Int>) -> Bool {
    var start = word.upperBound
    guard word.lowerBound > 0, start < line.count else { return false }
    if line[start...].starts(with: "</") {
      // `<name>password</name><value>x</value>`
      guard let sibling = siblingElement(after: start) else { return false }
      let content = line[sibling...].prefix(4096).prefix { $0 != UInt8(ascii: "<") }
      guard !content.isEmpty else { return false }
      copy(to: sibling)
      mask(to: content.endIndex)
      return true
    }
    if line[start].isQuote { start += 1 }
    guard start + 1 < line.count, line[start] == UInt8(ascii: ">"), !line[start + 1].isBlank else {
      return false
    }
    start += 1
    if line[word.lowerBound - 1] != UInt8(ascii: "<") && line[start - 2] != UInt8(ascii: "\"")
      && line[word.lowerBound - 1] != UInt8(ascii: ":")
    {
      return false
    }
    let content = line[start...].prefix(4096).prefix { $0 != UInt8(ascii: "<") }
    guard !content.isEmpty,
      line[content.endIndex...].starts(with: "</")
        || content.endIndex == line.count && line[word.lowerBound - 1] == UInt8(ascii: "<")
    else { return false }
    let value = SecretCandidate(line, from: start, form: .assignment, isSpaced: false)
    let isLabel = !content.contains(where: \.isDigit) && SecretNames.name(content.prefix(64)) != nil
    if HarmlessValues.isPlaceholder(value) || isLabel || "@:/],)|".utf8.contains(line[start]) {
      return false
    }
    if content.starts(with: "<![CDATA[") { start += 9 }
    copy(to: start)
    mask(to: content.endIndex)
    return true
  }

  /// Finds the content of the element that follows an end tag.
  private func siblingElement(after start: Int) -> Int? {
    let end = line[start...].prefix(40).firstIndex(of: UInt8(ascii: ">"))
    guard let end else { return nil }
    let next = end + 1 + line[(end + 1)...].prefix { $0.isBlank }.count
    let tag = line[next...].prefix(40)
    guard tag.first == UInt8(ascii: "<"), tag.dropFirst().first != UInt8(ascii: "/"),
      let close = tag.firstIndex(of: UInt8(ascii: ">"))
    else { return nil }
    return ["value", "string"].contains { tag.dropFirst().starts(with: $0) } ? close + 1 : nil
  }

  private static let setters: Set<String> = ["set", "with", "use", "secret"]

  /// Masks a literal that a program passes to a function such as `set_password`; false when there
  /// is none.
  mutating func maskArgument(_ name: SecretName) -> Bool {
    let start = name.range.upperBound
    guard name.kind == .certain, start + 2 < line.count, line[start] == UInt8(ascii: "("),
      line[start + 1].isQuote, !name.isDescription
    else { return false }
    let word = line[name.range]
    let value = SecretCandidate(line, from: start + 1, form: .assignment, isSpaced: false)
    let plain = word.allSatisfy { $0.isLetter } && !word.dropFirst().contains { $0.isUppercase }
    let isCapital = word.allSatisfy { $0.isUppercase }
    let isSetter = Self.setters.contains { word.lowercasedText.hasPrefix($0) }
    guard isSetter || plain || isCapital, !value.text.contains(where: { $0.isBlank || $0 == 0x3A }),
      value.text.count >= 4, !HarmlessValues.contains(value, name: name, in: line)
    else { return false }
    return maskQuoted(start + 1)
  }
}
