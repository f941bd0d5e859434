/// Finds passwords on command lines of programs whose options do not name them, and in the commands
/// of databases and mail servers.
struct CommandPasswords {
  private typealias Options = PasswordOptions.Options

  /// Options of several programs that are followed by a user and a password.
  private static let pairs: Set<String> = ["--creds", "--src-creds", "--dest-creds"]
  /// Words that are followed by a user and a password.
  private static let accounts: Set<String> = [
    "add_user", "change_password", "authenticate_user", "wpa_passphrase",
  ]
  /// Words that are followed by a password.
  private static let keywords: Set<String> = [
    "requirepass", "masterauth", "bindpw", "rootpw", "rootbindpw", "rocommunity", "rwcommunity",
  ]

  private var options: Options?
  /// Whether the line passes a text to a program that reads a password; nil before it was asked.
  private var isPiped: Bool?

  /// Returns the range of the secret that the word introduces or contains.
  mutating func secret(at word: ArraySlice<UInt8>, in line: [UInt8]) -> Range<Int>? {
    guard word.first == UInt8(ascii: "-") else {
      guard (2...14).contains(word.count) else { return nil }
      let text = String(decoding: word, as: UTF8.self)
      if let options = PasswordOptions.programs[text], isProgram(word, in: line) {
        self.options = options
      }
      if Self.keywords.contains(text) {
        guard let value = value(after: word.endIndex, in: line), !isVariable(value, in: line) else {
          return nil
        }
        let isLast = line[value.upperBound...].prefix(8).allSatisfy { $0.isBlank || $0.isQuote }
        return isLast || Randomness.isMadeUp(line[value]) ? value : nil
      }
      if Self.accounts.contains(text), isProgram(word, in: line),
        let user = value(after: word.endIndex, in: line), user.lowerBound > word.endIndex,
        line[word.endIndex].isBlank, let password = value(after: user.upperBound, in: line)
      {
        return isVariable(password, in: line) ? nil : password
      }
      return introduced(by: text, word, in: line)
    }
    if word.count > 6, Self.pairs.contains(word.lowercasedText) {
      return password(after: UInt8(ascii: ":"), in: value(after: word.endIndex, in: line), of: line)
    }
    if options == nil, word.elementsEqual("--user".utf8) || word.elementsEqual("--auth".utf8) {
      let password = password(
        after: UInt8(ascii: ":"), in: value(after: word.endIndex, in: line), of: line)
      return password.flatMap { Randomness.isMadeUp(line[$0]) ? $0 : nil }
    }
    guard let options, word.count <= 128 else { return nil }
    for (option, form) in options {
      if let secret = secret(word, option, form, in: line) { return secret }
    }
    return nil
  }

  private func isProgram(_ word: ArraySlice<UInt8>, in line: [UInt8]) -> Bool {
    guard word.startIndex > 0 else { return true }
    let before = line[word.startIndex - 1]
    return before.isBlank || before.isQuote || "/;|&(`=".utf8.contains(before)
  }

  private func secret(
    _ word: ArraySlice<UInt8>, _ option: String, _ form: PasswordOptions.Form, in line: [UInt8]
  ) -> Range<Int>? {
    guard word.starts(with: option) else { return nil }
    let rest = word.dropFirst(option.utf8.count)
    switch form {
    case .attached:
      if !rest.isEmpty { return rest.startIndex..<end(rest.startIndex, in: line) }
      guard rest.endIndex < line.count, !line[rest.endIndex].isBlank,
        !",]=".utf8.contains(line[rest.endIndex])
      else { return nil }
      if line[rest.endIndex].isQuote {
        let next = line[(rest.endIndex + 1)...].first ?? 0x20
        if next.isBlank || ",]".utf8.contains(next) { return nil }
        return value(after: rest.endIndex, in: line)
      }
      let secret = rest.endIndex..<end(rest.endIndex, in: line)
      return isVariable(secret, in: line) ? nil : secret
    case .separate:
      return rest.isEmpty
        ? value(after: word.endIndex, in: line).flatMap { isVariable($0, in: line) ? nil : $0 }
        : nil
    case .pair(let separator):
      if rest.isEmpty {
        return password(after: separator, in: value(after: word.endIndex, in: line), of: line)
      }
      guard option.utf8.count == 2 else { return nil }
      return password(
        after: separator, in: rest.startIndex..<end(rest.startIndex, in: line), of: line)
    }
  }

  private func isVariable(_ range: Range<Int>, in line: [UInt8]) -> Bool {
    let word = line[range]
    if word.first == UInt8(ascii: "<"), word.last == UInt8(ascii: ">") { return true }
    return word.starts(with: "$(") || word.starts(with: "${")
      || word.count > 1
        && word.first == UInt8(ascii: "$")
        && word.dropFirst().allSatisfy { $0.isUppercase || $0.isDigit || $0 == UInt8(ascii: "_") }
      || word.count >= 3 && word.allSatisfy { $0 == UInt8(ascii: "*") }
  }

  private func password(after separator: UInt8, in range: Range<Int>?, of line: [UInt8]) -> Range<
    Int
  >? {
    guard let range, let sign = line[range].prefix(256).firstIndex(of: separator),
      sign + 1 < range.upperBound
    else { return nil }
    let password = (sign + 1)..<range.upperBound
    return isVariable(password, in: line) ? nil : password
  }

  /// Finds the password in statements of SQL and Redis, and in what is piped to a program.
  private mutating func introduced(
    by text: String, _ word: ArraySlice<UInt8>, in line: [UInt8]
  ) -> Range<Int>? {
    let before = line[..<word.startIndex].suffix(16).lowercasedText
    switch text {
    case "BY", "by":
      let isStatement = line[..<word.startIndex].suffix(64).lowercasedText.contains("identified ")
      guard isStatement, let value = value(after: word.endIndex, in: line) else { return nil }
      let isLiteral =
        line[value.lowerBound - 1].isQuote || text == "BY" || Randomness.isMadeUp(line[value])
      return !isLiteral || line[value].lowercasedWord == "password" ? nil : value
    case "htpasswd":
      let options = line[word.endIndex...].prefix(64)
      guard
        options.contains(" -b") || options.contains(" -nb") || options.contains(" -cb")
          || options.contains(" -Bb") || options.contains(" -bc")
      else { return nil }
      let end = line.lastIndex { !$0.isBlank }.map { $0 + 1 } ?? line.count
      let start = line[..<end].lastIndex { $0.isBlank }.map { $0 + 1 } ?? end
      return start > word.endIndex && !isVariable(start..<end, in: line) ? start..<end : nil
    case "alias" where before.hasSuffix("mc ") && line[word.endIndex...].starts(with: " set "):
      let words = line[word.endIndex...].split { $0.isBlank }
      guard words.count == 5, let last = words.last, !isVariable(last.indices, in: line) else {
        return nil
      }
      return last.indices
    case "FOR", "for":
      guard before.hasSuffix("set password ") else { return nil }
      let rest = line[word.endIndex...].prefix(200)
      return rest.firstIndex(of: UInt8(ascii: "=")).flatMap { value(after: $0, in: line) }
    case "PLAIN", "LOGIN", "XOAUTH2":
      guard before.hasSuffix("auth ") || before.hasSuffix("authenticate ") else { return nil }
      return value(after: word.endIndex, in: line)
    case "AUTH", "auth": return authentication(word, in: line)
    case "PASS":
      let isCommand = before.isEmpty || before.hasSuffix("> ") || before.hasSuffix("c: ")
      guard isCommand, let value = value(after: word.endIndex, in: line),
        value.upperBound == line.count,
        line[word.endIndex].isBlank, Randomness.isMadeUp(line[value]),
        !line[value].contains(where: { "./".utf8.contains($0) })
      else { return nil }
      return value
    case "on" where line[word.endIndex...].starts(with: " >"):
      let start = word.endIndex + 2
      return start < line.count && !line[start].isBlank ? start..<end(start, in: line) : nil
    case "sqlplus", "expdp", "impdp", "thin":
      // The user, a slash, the password and the address.
      let rest = line[word.endIndex...].prefix(128).drop { $0.isBlank || $0 == UInt8(ascii: ":") }
        .prefix { !$0.isBlank }
      guard let slash = rest.firstIndex(of: UInt8(ascii: "/")),
        let at = rest[slash...].lastIndex(of: UInt8(ascii: "@")), slash + 1 < at
      else { return nil }
      return (slash + 1)..<at
    case "login" where line[word.endIndex...].starts(with: "("):
      return secondArgument(after: word.endIndex, in: line)
    case "login":
      guard before.hasSuffix("vault "), let value = value(after: word.endIndex, in: line) else {
        return nil
      }
      return line[value].contains(UInt8(ascii: "=")) ? nil : value
    case "echo", "printf":
      let isPiped = self.isPiped ?? Self.pipes(line)
      self.isPiped = isPiped
      guard isPiped, let value = value(after: word.endIndex, in: line) else { return nil }
      return isVariable(value, in: line) ? nil : value
    default: return nil
    }
  }

  /// Finds the second of two literals between parentheses, if it may be a password.
  private func secondArgument(after start: Int, in line: [UInt8]) -> Range<Int>? {
    let arguments = line[start...].prefix(128).prefix { $0 != UInt8(ascii: ")") }
    let parts = arguments.split(separator: UInt8(ascii: ",")).map(\.trimmed)
    guard parts.count == 2, let quote = parts[1].first, quote.isQuote,
      parts[1].last == quote, parts[1].count > 4
    else { return nil }
    let literal = parts[1].dropFirst().dropLast()
    return Randomness.isMadeUp(literal) ? literal.startIndex..<literal.endIndex : nil
  }

  /// Finds the password after `AUTH` in Redis, which may follow the name of a user.
  private func authentication(_ word: ArraySlice<UInt8>, in line: [UInt8]) -> Range<Int>? {
    guard word.endIndex < line.count, line[word.endIndex].isBlank || line[word.endIndex].isQuote,
      let first = value(after: word.endIndex, in: line)
    else { return nil }
    let candidate = line[first]
    let isCommand = word.first == UInt8(ascii: "A")
    if Randomness.isStrong(candidate) || isCommand && Randomness.isMadeUp(candidate) {
      return first
    }
    guard isCommand, candidate.allSatisfy(\.isWord),
      let second = value(after: first.upperBound, in: line), Randomness.isMadeUp(line[second])
    else { return nil }
    return second
  }

  /// Whether the line pipes something to a program that reads a password.
  private static func pipes(_ line: [UInt8]) -> Bool {
    let readers = ["-stdin", "chpasswd", "sudo -S", "cryptsetup", "kinit", "passphrase-fd", "su -"]
      .map {
        Array($0.utf8)
      }
    return line.contains(UInt8(ascii: "|"))
      && line.indices.contains { index in
        readers.contains { line[index] == $0[0] && line[index...].starts(with: $0) }
      }
  }

  private func end(_ start: Int, in line: [UInt8]) -> Int {
    line[start...].firstIndex { $0.isBlank || $0.isQuote } ?? line.count
  }

  /// Finds the next word, which may be in quotes or an element of a list.
  private func value(after index: Int, in line: [UInt8]) -> Range<Int>? {
    let start = line[index...].firstIndex {
      !$0.isBlank && !$0.isQuote && !",=\\".utf8.contains($0)
    }
    guard let start, start > index, line[start] != UInt8(ascii: "-") || line[start - 1].isQuote
    else {
      return nil
    }
    var stop = end(start, in: line)
    if line[start - 1].isQuote {
      stop = line[start...].firstIndex(of: line[start - 1]) ?? line.count
    }
    return stop > start ? start..<stop : nil
  }
}

extension ArraySlice<UInt8> {
  fileprivate var lowercasedWord: String { trimmingEnd(";,").lowercasedText }
}
