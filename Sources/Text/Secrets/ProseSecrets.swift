/// Finds secrets that follow their names without a sign: options, tables, sentences.
extension SecretScanner {
  /// Masks the value after a name and a blank.
  mutating func scanAfterBlank(_ name: SecretName, _ separator: Separator) {
    let start = separator.start
    // An option of a program that stores a secret under this name.
    let options = ["--body ", "--value ", "--secret-string ", "--body=", "--value="]
    if name.kind == .certain, let option = options.first(where: { line[start...].starts(with: $0) })
    {
      let next = start + option.utf8.count
      let value = SecretCandidate(line, from: min(next, line.count), form: .option, isSpaced: true)
      if next < line.count, !HarmlessValues.contains(value, name: name, in: line) {
        return maskNextWord(next)
      }
    }
    if isOption(name.range), name.kind != .parameter, name.kind != .generated {
      if isValueOfOption(name, separator) { return maskNextWord(start) }
      return copy(to: name.range.upperBound)
    }
    if let value = valueInProse(name, from: start) { return maskNextWord(value) }
    copy(to: name.range.upperBound)
  }

  private func isValueOfOption(_ name: SecretName, _ separator: Separator) -> Bool {
    let start = separator.start
    let value = SecretCandidate(line, from: start, form: .option, isSpaced: true)
    if line[start...].starts(with: "--") { return false }
    if "<>|;)".utf8.contains(line[start]), line[(start + 1)...].first.map({ $0.isBlank }) != false {
      return false
    }
    if name.isSwitch || name.isDescription
      || value.text.starts(with: "id=") && line[name.range].suffix(8).elementsEqual("--secret".utf8)
    {
      return Randomness.isGenerated(value.word, atLeast: 20)
        && !value.word.contains(UInt8(ascii: "="))
    }
    return !HarmlessValues.contains(value, name: name, in: line) && !isUsage(name, value: start)
  }

  /// Masks the next cell of a table.
  mutating func scanCell(_ name: SecretName, _ separator: Separator) {
    let value = SecretCandidate(line, from: separator.start, form: .prose, isSpaced: true)
    guard name.kind == .certain, !name.isDescription, !name.isFile,
      Randomness.isMadeUp(value.word), !Randomness.isVersion(value.word),
      !value.word.contains(UInt8(ascii: "(")) || Randomness.isStrong(value.word)
    else { return copy(to: name.range.upperBound) }
    maskNextWord(separator.start)
  }

  /// Finds the value in a sentence; nil when none follows.
  private func valueInProse(_ name: SecretName, from start: Int) -> Int? {
    guard name.kind == .certain else { return nil }
    if line[beginning...].starts(with: "machine ")
      || line[beginning...].starts(with: "default login ")
    {
      return start
    }
    if name.isDescription || name.isFile { return nil }
    if let value = valueAfterVerb(name, start) { return value }
    let value = SecretCandidate(line, from: start, form: .prose, isSpaced: true)
    let word = value.word
    if word.isEmpty || References.contains(value, name: name, in: line) {
      return valueAfterGap(name, start)
    }
    if value.isQuoted {
      let isSecret =
        name.isPassword && name.kind == .certain && !value.text.contains { $0.isBlank }
        ? word.count >= 4 && !isReported(name) : Randomness.isStrong(word)
      return isSecret && !HarmlessValues.isPlaceholder(value) && !Randomness.isVersion(word)
        && !Randomness.isAddress(word) ? start : nil
    }
    let token = line[start...].prefix { $0.isTokenCharacter }
    if Randomness.isGenerated(token, atLeast: name.isPassword ? 10 : 16),
      !Randomness.isAddress(token),
      !Randomness.isDimension(token)
    {
      return start
    }
    // The quote that ends a string may follow.
    let whole = line[start...].prefix(128).prefix { !$0.isBlank }.trimmingEnd(":,.;)]")
      .trimmingEnd("\"")
    if name.isPassword, name.kind == .certain, Randomness.isMadeUp(whole),
      !Randomness.isVersion(word), !whole.contains(where: { "()=<>[]:".utf8.contains($0) })
    {
      return start
    }
    return valueAfterGap(name, start)
  }

  /// Whether a parser or a checker reports the name.
  private func isReported(_ name: SecretName) -> Bool {
    let before = line[..<name.range.lowerBound].suffix(24).lowercasedText
    return [
      "no ", "invalid ", "unknown ", "missing ", "field ", "option ", "parameter ", "column ",
    ]
    .contains { before.hasSuffix($0) }
  }

  private static let verbs = [
    "is set to ", "was set to ", "set to ", "is now ", "is ", "is: ", "was changed to ",
    "changed to ",
    "was reset to ", "has been reset to ", "has been set to ", "has been changed to ", "reset to ",
    "updated to ", "was ", "equals ", "will be ", "as ", "are ", "to ", "has value ",
    "has the value ", "with value ", "with the value ", "with ", "should be ", "must be ",
  ].map { Array($0.utf8) }

  private func valueAfterVerb(_ name: SecretName, _ start: Int) -> Int? {
    guard let verb = Self.verbs.first(where: { line[start...].starts(with: $0) }) else {
      return nil
    }
    var next = start + verb.count
    next += line[next...].prefix { $0.isBlank || $0 == UInt8(ascii: ":") }.count
    guard next < line.count else { return nil }
    let value = SecretCandidate(line, from: next, form: .prose, isSpaced: true)
    let whole = line[next...].prefix(128).prefix { !$0.isBlank }
    if HarmlessValues.isPlaceholder(value) || Randomness.isAddress(whole)
      || Randomness.isDimension(value.word)
    {
      return nil
    }
    if value.isQuoted {
      if value.text.contains(where: { $0.isBlank }) || value.word.isEmpty { return nil }
      // What is moved or renamed may be quoted, too.
      let isVague = ["to ", "with "].contains { line[start...].starts(with: $0) }
      return isVague && !Randomness.isMadeUp(value.text) ? nil : next
    }
    if ["to ", "with ", "must be ", "should be "].contains(where: {
      line[start...].starts(with: $0)
    }) {
      return Randomness.isStrong(whole) ? next : nil
    }
    return Randomness.isMadeUp(whole) || Randomness.isGenerated(value.word, atLeast: 10)
      || name.isPassword && (4...12).contains(whole.count) && whole.allSatisfy(\.isDigit)
      ? next : nil
  }

  /// Finds a value at the end of the line after a sentence, as in `password for the user app: x`.
  private func valueAfterGap(_ name: SecretName, _ start: Int) -> Int? {
    let rest = line[start...].prefix(160)
    guard "(fgoi".utf8.contains(rest.first ?? 0),
      ["for ", "(", "of ", "generated ", "is generated "].contains(where: { rest.starts(with: $0) })
    else { return nil }
    let ends = rest.indices.filter { index in
      index + 1 < rest.endIndex && rest[index + 1].isBlank && ":=>".utf8.contains(rest[index])
        || rest[index...].starts(with: " is ")
    }
    guard let end = ends.last else { return nil }
    var next = end + (line[end] == 0x20 ? 4 : 1)
    next += line[next...].prefix { $0.isBlank }.count
    guard next < line.count else { return nil }
    let value = line[next...].prefix(129).prefix { !$0.isBlank }
    let isLast = line[value.endIndex...].prefix(64).allSatisfy { $0.isBlank }
    return Randomness.isStrong(value) || isLast && value.count >= 6 && Randomness.isMadeUp(value)
      ? next : nil
  }
}
