/// Recognizes values that refer to a secret elsewhere: variables, templates, code.
enum References {
  private static let beginnings = [
    "$(", "{{", "%s", "%d", "%v", "%q", "${{", "<%=", "os.environ", "process.env", "getenv(",
    "env(", "ENV[", "environ[", "environ.get", "ENC[", "file:/", "env:", "vault:", "@/", "@-",
    "System.getenv", "os.Getenv", "os.getenv", "std::env", "op://", "arn:aws", "ssm:/", "!vault",
    "!Ref", "!Sub", "!secret", "ref+", "secretref:", "@Microsoft.KeyVault", "$env:", "$ENV{",
    "getpass.", "crypto.randomBytes", "valueFrom", "secretKeyRef", "import.meta.env",
  ].map { Array($0.utf8) }
  /// The first parts of expressions in code; a value with digits is none.
  private static let expressions: Set<String> = [
    "env", "config", "settings", "self", "this", "request", "req", "secrets", "vars", "args",
    "viper", "cfg", "ctx", "params", "module", "local", "var", "options", "opts", "props", "state",
    "conf", "kwargs", "flask", "input", "values", "response", "res", "event", "context",
  ]

  static func contains(_ value: SecretCandidate, name: SecretName, in line: [UInt8]) -> Bool {
    let text = value.text
    guard let first = text.first else { return true }
    if first == UInt8(ascii: "$") { return isVariable(value) }
    if first == UInt8(ascii: "%"), text.dropFirst().first.map({ $0.isLetter }) == true,
      let end = text.dropFirst().firstIndex(of: UInt8(ascii: "%"))
    {
      return text[text.index(after: text.startIndex)..<end].allSatisfy(\.isWord)
    }
    if text.starts(with: "%("), text.prefix(64).contains(")s") { return true }
    if value.isQuoted, text.contains("{{"), text.contains("}}") { return true }
    if first == UInt8(ascii: "{"), value.isQuoted || value.form == .assignment {
      // A format with the name of a variable.
      let inside = text.dropFirst().prefix { $0.isWord || ".[]".utf8.contains($0) }
      if inside.endIndex < text.endIndex, text[inside.endIndex] == UInt8(ascii: "}"),
        inside.isEmpty || SecretNames.name(inside.suffix(24)) != nil
      {
        return true
      }
    }
    if beginnings.contains(where: { $0[0] == first && text.starts(with: $0) }) {
      return !hasDefault(text, line, value)
    }
    if value.isQuoted { return false }
    return isType(value) || isExpression(value, name: name, in: line)
      || isCode(value, name: name, in: line)
  }

  /// Whether the value is a property or an element, such as `settings.DB_PASSWORD`.
  private static func isExpression(
    _ value: SecretCandidate, name: SecretName, in line: [UInt8]
  ) -> Bool {
    let first = value.text.prefix(24).prefix { $0.isLetter }
    guard first.endIndex < value.text.endIndex, ".[(".utf8.contains(value.text[first.endIndex]),
      expressions.contains(first.lowercasedText)
    else { return false }
    let isInCall = line[..<name.range.lowerBound].suffix(256).contains(UInt8(ascii: "("))
    let next = value.text[value.word.endIndex...].first
    let isCode = value.form == .assignment || next.map { ",;)}".utf8.contains($0) } == true
    return (value.isSpaced && isCode || isInCall) && !value.word.contains(where: \.isDigit)
      && !hasDefault(value.text, line, value)
  }

  /// Whether the value is a variable of a shell. One with a default value may contain a secret.
  private static func isVariable(_ value: SecretCandidate) -> Bool {
    let body = value.text.dropFirst()
    guard let next = body.first else { return false }
    if next == UInt8(ascii: "(") { return !value.text.prefix(64).contains("echo") }
    if body.starts(with: "{{") { return true }
    if next == UInt8(ascii: "{") {
      let name = body.dropFirst().prefix {
        $0.isWord && $0 != UInt8(ascii: "-") || ".!:/".utf8.contains($0)
      }
      guard name.endIndex < body.endIndex,
        !name.isEmpty || body[name.endIndex] == UInt8(ascii: "}"),
        "}:-=+?%#/[^,".utf8.contains(body[name.endIndex])
      else { return false }
      let end = body[name.endIndex...].prefix(64).firstIndex(of: UInt8(ascii: "}")) ?? body.endIndex
      guard end < body.endIndex || value.text.count >= 200 else { return false }
      let operation = body[name.endIndex..<end]
      let hasDefault =
        operation.starts(with: "-") || operation.starts(with: "=") || operation.starts(with: "+")
      let fallback = operation.dropFirst()
      if hasDefault, !fallback.isEmpty { return fallback.first == UInt8(ascii: "$") }
      // A property with a default value.
      if let colon = name.firstIndex(of: UInt8(ascii: ":")), colon + 1 < name.endIndex,
        operation.isEmpty
      {
        return false
      }
      return true
    }
    if body.starts(with: "env:") { return true }
    let name = body.prefix { $0.isWord && $0 != UInt8(ascii: "-") }
    let rest =
      value.isQuoted
      ? body[name.endIndex...] : value.word[min(name.endIndex, value.word.endIndex)...]
    guard !name.isEmpty, rest.isEmpty || !value.isQuoted && rest.first == UInt8(ascii: ".") else {
      return false
    }
    if name.allSatisfy({ $0.isUppercase || $0.isDigit || $0 == UInt8(ascii: "_") }) { return true }
    return SecretNames.name(name) != nil && !name.contains(where: \.isDigit)
  }

  /// Whether a call reads a setting with a default value in quotes, which may be a secret.
  private static func hasDefault(
    _ text: ArraySlice<UInt8>, _ line: [UInt8], _ value: SecretCandidate
  ) -> Bool {
    guard !value.isQuoted else { return false }
    if let comma = text.prefix(96).firstIndex(of: UInt8(ascii: ",")) {
      let next = text[(comma + 1)...].drop { $0.isBlank }
      let key = text[..<comma].last.map { $0.isQuote } == true
      if key, let quote = next.first, quote.isQuote {
        return next.dropFirst().first != quote
      }
    }
    for sign in ["||", " or ", "??"] where text.prefix(96).contains(sign) { return true }
    return false
  }

  private static let types: Set<String> = [
    "str", "string", "int", "bytes", "bool", "boolean", "secretstr", "varchar",
  ]

  /// Whether the value is a type in the declaration of a parameter.
  private static func isType(_ value: SecretCandidate) -> Bool {
    guard value.form == .colon, value.isSpaced else { return false }
    let word = value.word.drop { "&*[?".utf8.contains($0) }.prefix { $0.isAlphanumeric }
    let text = word.lowercasedText
    if ["optional", "option"].contains(text) {
      return word.endIndex < value.text.endIndex && "[<".utf8.contains(value.text[word.endIndex])
    }
    guard types.contains(text) else { return false }
    let rest = value.text[word.endIndex...].drop { $0.isBlank }
    return rest.isEmpty || ",;)]}=?|!>(".utf8.contains(rest.first ?? 0)
  }

  private static let verbs = [
    "get", "make", "read", "load", "create", "generate", "fetch", "require", "decrypt", "parse",
    "find",
    "build", "new", "random", "request", "prompt", "input", "ask", "derive", "encode", "decode",
    "hash",
    "sign", "issue", "refresh", "token", "secret", "uuid", "use", "env", "lookup", "resolve",
    "verify",
  ]

  private static func isFunction(_ name: ArraySlice<UInt8>) -> Bool {
    let text = name.lowercasedText
    return name.first?.isUppercase == false && verbs.contains { text.hasPrefix($0) }
  }

  /// Whether the value is an expression in code that contains no literal.
  private static func isCode(
    _ value: SecretCandidate, name: SecretName, in line: [UInt8]
  ) -> Bool {
    let path = value.text.prefix(64).prefix { $0.isAlphanumeric || "._".utf8.contains($0) }
    guard !path.isEmpty, path.first.map({ $0.isLetter || $0 == UInt8(ascii: "_") }) == true else {
      return false
    }
    let rest = value.text[path.endIndex...]
    let isArgument = rest.first.map { ",)".utf8.contains($0) } == true && value.form == .assignment
    // `login(password=password)`, and `password=user.password`.
    if isArgument, line[..<name.range.lowerBound].contains(UInt8(ascii: "(")) {
      let last = path.lastIndex(of: UInt8(ascii: ".")).map { path[($0 + 1)...] } ?? path
      if !last.contains(where: \.isDigit), SecretNames.name(last) != nil { return true }
    }
    // A call, in code with blanks around the sign.
    guard value.isSpaced, value.form == .assignment, !path.contains(where: \.isDigit) else {
      return false
    }
    if rest.isEmpty || rest.elementsEqual(";".utf8) {
      // A variable with the name of a secret.
      let isKeyword = ["self", "this", "let", "const", "var", "val"].contains {
        line[..<name.range.lowerBound].suffix(8).lowercasedText.contains($0)
      }
      return isKeyword && SecretNames.name(path.suffix(32)) != nil
    }
    guard rest.first == UInt8(ascii: "("), path.contains(UInt8(ascii: ".")) || isFunction(path)
    else {
      return false
    }
    let arguments = rest.dropFirst()
    guard let end = arguments.firstIndex(of: UInt8(ascii: ")")) else { return false }
    let content = arguments[..<end]
    let hasLiteral = content.contains { $0.isQuote } && content.contains { !$0.isQuote }
    let hasNumber = content.contains(where: \.isDigit) && !content.contains(UInt8(ascii: "="))
    return !hasLiteral && !hasNumber
      && (end + 1 == rest.endIndex || ".; )".utf8.contains(rest[end + 1]))
  }
}
