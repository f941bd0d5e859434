/// What stands where a secret may be: a bounded part of the line, since a harmless value is short.
struct SecretCandidate {
  /// How the value is attached to its name.
  enum Form {
    /// A value is a value: `password=required`.
    case assignment
    /// A sentence may follow: `password: is required`.
    case colon
    /// The name is an option of a program.
    case option
    /// The name and the value are neighbours in prose.
    case prose
  }

  /// The content of the quotes, or the rest of the line.
  let text: ArraySlice<UInt8>
  /// The first word, without what ends it in a list.
  let word: ArraySlice<UInt8>
  let isQuoted: Bool
  let form: Form
  /// Whether blanks precede the value.
  let isSpaced: Bool

  init(_ line: [UInt8], from start: Int, form: Form, isSpaced: Bool) {
    (self.form, self.isSpaced) = (form, isSpaced)
    let limit = 256
    var value = line[start...].prefix(limit)
    while value.first == UInt8(ascii: "\\") { value = value.dropFirst() }
    if let first = value.first, "bruf".utf8.contains(first),
      value.dropFirst().first.map({ $0.isQuote }) == true
    {
      value = value.dropFirst()
    }
    if let quote = value.first, quote.isQuote || quote == UInt8(ascii: "`") {
      value = value.dropFirst()
      let end = value.firstIndex(of: quote) ?? value.endIndex
      text = value[..<end].trimmingEnd("\\")
      word = text.prefix { !$0.isBlank }
      isQuoted = true
    } else {
      text = value
      word = value.prefix { !$0.isBlank && !$0.isQuote && !",;)]}&|\\<".utf8.contains($0) }
      isQuoted = false
    }
  }

  /// The only word of the value; nil when there are more.
  var single: ArraySlice<UInt8>? {
    if isQuoted { return text.count == word.count ? word : nil }
    let following = text[word.endIndex...]
    let rest = following.drop { $0.isBlank }
    guard let next = rest.first else { return word }
    if rest.count == following.count { return ",;)]}#|\\\"'<".utf8.contains(next) ? word : nil }
    return ",;)]}#|".utf8.contains(next) ? word : nil
  }

  /// The value after the name of a scheme, as in `Bearer $TOKEN`; nil when it begins with none.
  func credentials(in line: [UInt8]) -> SecretCandidate? {
    guard ["bearer", "basic", "token", "apikey", "jwt", "digest"].contains(word.lowercasedText)
    else {
      return nil
    }
    let start = word.endIndex + line[word.endIndex...].prefix { $0.isBlank }.count
    guard start > word.endIndex, start < line.count else { return nil }
    return SecretCandidate(line, from: start, form: .assignment, isSpaced: true)
  }
}

/// Recognizes what follows the name of a secret, but plainly is none: nothing, a reference, a
/// placeholder, a number of tokens, a sentence about the secret.
enum HarmlessValues {
  static func contains(
    _ value: SecretCandidate, name: SecretName, in line: [UInt8]
  ) -> Bool {
    let word = value.word
    if value.text.isEmpty || !value.isQuoted && isEmpty(value.text) { return true }
    if isPlaceholder(value) || References.contains(value, name: name, in: line) { return true }
    if isNothing(value) || ShownValues.isLink(value, name: name, in: line) { return true }
    if line[name.range].suffix(13).lowercasedText == "authorization",
      let credentials = value.credentials(in: line), !credentials.text.isEmpty
    {
      return isPlaceholder(credentials) || References.contains(credentials, name: name, in: line)
    }
    if name.isDescription {
      let word = word.trimmingEnd(".,;:")
      let isKey =
        Randomness.isGenerated(word, atLeast: 20)
        || word.allSatisfy(\.isWord) && !word.contains(UInt8(ascii: "-"))
          && Randomness.isGenerated(word, atLeast: 8)
      return !isKey || Randomness.isDimension(word) || word.contains { ":/.".utf8.contains($0) }
    }
    if name.isFile { return isPath(value.isQuoted ? value.text : word) }
    if name.isQuantity, isCount(word) && !value.isQuoted || isListOfCounts(value.text) {
      return true
    }
    if ShownValues.isArtifact(value) || isVersion(value, name: name, in: line)
      || isSchema(value.text)
    {
      return true
    }
    return ProseValues.contains(value, name: name)
      || value.form == .option && continuations.contains(word.lowercasedText)
  }

  /// Whether the value is an empty list, or the next name follows without a value.
  private static func isEmpty(_ text: ArraySlice<UInt8>) -> Bool {
    if ["{}", "[]", "()"].contains(where: { text.starts(with: $0) }) {
      return text.dropFirst(2).first.map { $0.isBlank || ",;)]}".utf8.contains($0) } ?? true
    }
    guard let first = text.first, ",;&".utf8.contains(first) else { return false }
    let name = text.dropFirst().drop { $0.isBlank }.prefix {
      $0.isLetter || $0 == UInt8(ascii: "_")
    }
    let isName = name.endIndex < text.endIndex && text[name.endIndex] == UInt8(ascii: "=")
    return !name.isEmpty && isName
  }

  /// Words that follow the name of an option in a sentence.
  private static let continuations: Set<String> = [
    "or", "and", "is", "to", "option", "flag", "options", "must", "cannot", "instead", "argument",
    "are",
    "was", "required", "has", "if", "when", "for", "in", "as", "will", "needs", "not", "requires",
    "parameter", "unless", "build", "flags", "switch", "but", "by", "does",
  ]
  private static let nothing: Set<String> = [
    "none", "null", "nil", "true", "false", "undefined", "yes", "no", "n/a", "(none)", "nan",
    "redacted", "filtered", "masked", "scrubbed", "(null)", "*none*", "[]", "{}", "()", "none;",
  ]

  /// Whether the value says that there is none, whether there is one, or that it is not shown.
  private static func isNothing(_ value: SecretCandidate) -> Bool {
    guard let single = value.single, single.count <= 10 else { return false }
    let text = single.trimmingEnd(".:").lowercasedText
    // The permissions that a token has.
    if value.form == .colon, !value.isSpaced, !value.isQuoted, ["read", "write"].contains(text) {
      return true
    }
    return nothing.contains(text) && !(value.isQuoted && ["yes", "no"].contains(text))
  }

  /// Whether the value stands for another one.
  static func isPlaceholder(_ value: SecretCandidate) -> Bool {
    let (text, word) = (value.text, value.word)
    guard let first = text.first else { return true }
    if isRedaction(text) || ShownValues.isHiddenObject(value) { return true }
    // A sequence of one sign.
    if word.count >= 3, word.allSatisfy({ $0 == first }), "*xX.-#_?".utf8.contains(first) {
      return true
    }
    if ["•", "●", "…", "＊", "＿"].contains(where: { text.starts(with: $0) }) { return true }
    // Some programs show the first and the last characters.
    if word.contains("***"),
      word.count(where: { $0 != UInt8(ascii: "*") }) <= (word.contains("****") ? 8 : 4)
    {
      return true
    }
    let lower = text.prefix(40).lowercasedText
    guard
      let your = ["your", "insert", "put", "enter", "replace", "paste"].first(where: {
        lower.hasPrefix($0)
      })
    else { return false }
    let rest = lower.dropFirst(your.count)
    return rest.first.map { "-_ <".contains($0) } == true
      && ["key", "token", "pass", "secret", "api", "here", "value", "credential"].contains {
        rest.contains($0)
      } && !word.contains(where: \.isDigit)
  }

  private static let redactions: Set<String> = [
    "redacted", "filtered", "hidden", "masked", "removed", "secret", "protected", "none", "empty",
    "unset", "not set", "no value", "null", "set", "scrubbed", "sensitive", "sensitive value",
    "nil", "known after apply", "undefined", "encrypted", "omitted", "missing", "not shown",
    "data", "base64", "auto", "generated", "default",
  ]

  /// Whether another program has replaced the value, as in `[REDACTED]` and `<password>`.
  private static func isRedaction(_ text: ArraySlice<UInt8>) -> Bool {
    guard let first = text.first, "[(<{".utf8.contains(first) else { return false }
    // The mask itself is masked again, so that nothing between two masks stays.
    let inside = text.dropFirst().prefix(48).prefix { !"])>}".utf8.contains($0) }
    guard inside.endIndex < text.endIndex, "])>}".utf8.contains(text[inside.endIndex]) else {
      return false
    }
    if inside.elementsEqual("masked".utf8) { return false }
    if first == UInt8(ascii: "("), !inside.isEmpty, inside.allSatisfy(\.isForeign) { return true }
    let next = text[inside.endIndex...].dropFirst().first ?? 0x20
    guard next.isBlank || next.isQuote || ",;)]}&@/:>|\\".utf8.contains(next) else { return false }
    if first == UInt8(ascii: "<") {
      return !inside.isEmpty
        && inside.allSatisfy { $0.isWord || $0.isForeign || " .|:=*/".utf8.contains($0) }
        && !Randomness.isMadeUp(inside)
    }
    return redactions.contains(inside.lowercasedText)
      || inside.count >= 3 && inside.allSatisfy { $0 == UInt8(ascii: "*") }
  }

  /// Whether the value is the path of a file.
  private static func isPath(_ text: ArraySlice<UInt8>) -> Bool {
    if text.contains(where: { "/\\~".utf8.contains($0) }) { return true }
    guard let dot = text.lastIndex(of: UInt8(ascii: ".")) else { return false }
    let ending = text[(dot + 1)...]
    return text.first == UInt8(ascii: ".")
      || (1...5).contains(ending.count) && ending.allSatisfy { $0.isLetter }
  }

  /// Whether the value is a number of things.
  private static func isCount(_ word: ArraySlice<UInt8>) -> Bool {
    let digits = word.drop { "~<>=".utf8.contains($0) }
    guard let first = digits.first, first.isDigit, digits.count <= 9 else { return false }
    let rest = digits.drop { $0.isDigit || "._/".utf8.contains($0) }
    return rest.isEmpty || rest.count == 1 && "kKmMB%".utf8.contains(rest.first ?? 0)
  }

  /// Whether the value is an object that describes the field, such as `{"type": "string"}`.
  private static func isSchema(_ text: ArraySlice<UInt8>) -> Bool {
    guard text.first == UInt8(ascii: "{") else { return false }
    let rest = text.dropFirst().drop { $0.isBlank || $0.isQuote || $0 == UInt8(ascii: "\\") }
    guard rest.starts(with: "type") else { return false }
    let type = rest.dropFirst(4).prefix(12).drop { !$0.isLetter }
    return ["string", "number", "boolean", "object", "array", "integer"].contains {
      type.lowercasedText.hasPrefix($0.prefix(4))
    }
  }

  /// Whether the value is an object of numbers, such as `{"input": 12, "output": 40}`.
  private static func isListOfCounts(_ text: ArraySlice<UInt8>) -> Bool {
    guard text.first == UInt8(ascii: "{"), let end = text.firstIndex(of: UInt8(ascii: "}")) else {
      return false
    }
    let parts = text[..<end].dropFirst().split(separator: UInt8(ascii: ","))
    return !parts.isEmpty
      && parts.allSatisfy { part in
        guard let colon = part.firstIndex(of: UInt8(ascii: ":")) else { return false }
        return isCount(part[(colon + 1)...].trimmed)
      }
  }

  /// Whether the name is that of a package, and the value its version.
  private static func isVersion(
    _ value: SecretCandidate, name: SecretName, in line: [UInt8]
  ) -> Bool {
    let word = value.single ?? value.word
    guard Randomness.isVersion(word) else { return false }
    let dots = word.count { $0 == UInt8(ascii: ".") }
    let isPackage =
      line[name.range].contains(UInt8(ascii: "-")) && !line[name.range].starts(with: "-")
    if value.isQuoted {
      return value.form == .colon
        && ("^~".utf8.contains(word.first ?? 0) || dots >= 2 && (isPackage || !name.isPassword))
        && !line[name.range].contains { $0.isUppercase || $0 == UInt8(ascii: "_") }
    }
    let operators = line[..<word.startIndex].suffix(2)
    return ["==", "~=", ">=", "<="].contains { operators.starts(with: $0) }
      && (!name.isPassword || isPackage)
  }
}
