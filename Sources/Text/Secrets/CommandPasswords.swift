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
      guard (2...16).contains(word.count) else { return nil }
      let text = String(decoding: word, as: UTF8.self)
      if let options = PasswordOptions.programs[text], isProgram(word, in: line),
        !options.isEmpty || beginsCommand(word, in: line)
      {
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
    // A colon follows the scheme of a URL.
    if word.endIndex < line.count, ":.=".utf8.contains(line[word.endIndex]) { return false }
    return before.isBlank || before.isQuote || "/;|&(`=".utf8.contains(before)
  }

  /// Whether the word is the first one of a command, rather than a command within a program.
  private func beginsCommand(_ word: ArraySlice<UInt8>, in line: [UInt8]) -> Bool {
    let before = line[..<word.startIndex].suffix(32).trimmed
    guard let last = before.last else { return true }
    return !last.isAlphanumeric && last != UInt8(ascii: "/")
      || [" sudo", "exec", "then", "do"].contains { before.lowercasedText.hasSuffix($0) }
      || before.elementsEqual("sudo".utf8)
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
    case "login":
      guard before.hasSuffix("vault "), let value = value(after: word.endIndex, in: line) else {
        return nil
      }
      return line[value].contains(UInt8(ascii: "=")) ? nil : value
    case "echo", "printf":
      let isPiped =
        self.isPiped ?? (line.contains(UInt8(ascii: "|")) && PositionalPasswords.reads(line[...]))
      self.isPiped = isPiped
      return isPiped ? printed(after: word.endIndex, in: line) : nil
    case "PSK", "EAP", "XAUTH":
      guard let value = value(after: word.endIndex, in: line), line[value.lowerBound - 1].isQuote
      else { return nil }
      return value
    case "psk":
      guard word.endIndex < line.count, line[word.endIndex].isBlank,
        let value = value(after: word.endIndex, in: line), Randomness.isMadeUp(line[value])
      else { return nil }
      return value
    default:
      guard isProgram(word, in: line) || text == "thin" else { return nil }
      return PositionalPasswords.secret(of: text, word, in: line)
        ?? PositionalPasswords.slashed(text, word, in: line)
    }
  }

  /// Finds what `echo` or `printf` prints, after its options and its format.
  private func printed(after index: Int, in line: [UInt8]) -> Range<Int>? {
    var start = index
    for _ in 0..<3 {
      start += line[start...].prefix { $0.isBlank }.count
      let word = line[min(start, line.count)...].prefix(64).prefix { !$0.isBlank }
      let isFormat = word.contains(UInt8(ascii: "%")) && word.contains("%s")
      guard word.first == UInt8(ascii: "-") || isFormat && word.count <= 8 else { break }
      start = word.endIndex
    }
    guard start > index, let value = value(after: start - 1, in: line) else { return nil }
    return isVariable(value, in: line) ? nil : value
  }

  /// Finds the password after `AUTH` in Redis, which may follow the name of a user.
  private func authentication(_ word: ArraySlice<UInt8>, in line: [UInt8]) -> Range<Int>? {
    let isCall = word.startIndex > 0 && line[word.startIndex - 1] == UInt8(ascii: "/")
    guard word.endIndex < line.count, line[word.endIndex].isBlank || line[word.endIndex].isQuote,
      !isCall, let first = value(after: word.endIndex, in: line)
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
    // An empty string is an empty password.
    if ["\"\"", "''"].contains(where: { line[index..<start].contains($0) }) { return nil }
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
