/// Finds passwords on command lines of programs that know them by their places.
enum PositionalPasswords {
  /// The words of commands: `*` is any word, `…*` a word with that beginning, and `!` the password.
  /// Options between them are skipped.
  private static let commands: [String: [[String]]] = {
    let texts = [
      "poetry config http-basic.* * !", "poetry config pypi-token.* !",
      "composer config http-basic.* * !", "composer config bearer.* !",
      "composer config github-oauth.* !", "composer config gitlab-token.* !",
      "mc alias set * * * !", "mc config host add * * * !", "mc admin user add * * !",
      "mcli alias set * * * !", "mcli config host add * * * !", "mcli admin user add * * !",
      "qshell account * !", "rclone obscure !", "net use * \\\\* !", "net user * !",
      "bundle config set * *:!", "bundle config * *:!", "smbpasswd * !", "vncpasswd !",
      "vault unseal !", "vault operator unseal !", "bw unlock !", "bw login * !",
      "upx login * * !", "doctl auth init !", "ngrok authtoken !", "ngrok config add-authtoken !",
      "snyk auth !", "etcdctl user add *:!", "mosquitto_passwd * * !", "influx auth * !",
      "isql * * !",
    ]
    var commands: [String: [[String]]] = [:]
    for text in texts {
      let words = text.split(separator: " ").map(String.init)
      commands[words[0], default: []].append(Array(words.dropFirst()))
    }
    return commands
  }()

  /// Returns the password of a command that begins with the word.
  static func secret(of program: String, _ word: ArraySlice<UInt8>, in line: [UInt8]) -> Range<
    Int
  >? {
    guard let patterns = commands[program], word.endIndex < line.count,
      line[word.endIndex].isBlank
    else { return nil }
    let words = line[word.endIndex...].prefix(512).split { $0.isBlank }
      .filter { $0.first != UInt8(ascii: "-") }.prefix(8)
    for pattern in patterns {
      if let password = match(Array(words), pattern) { return password }
    }
    return nil
  }

  private static func match(_ words: [ArraySlice<UInt8>], _ pattern: [String]) -> Range<Int>? {
    guard words.count >= pattern.count else { return nil }
    for (word, part) in zip(words, pattern) {
      if part == "*:!" {
        guard let colon = word.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        let password = word[(colon + 1)...]
        return Randomness.isMadeUp(password) && !password.starts(with: "//")
          ? password.indices : nil
      }
      if part == "!" {
        let password = word.drop { $0.isQuote }.prefix { !$0.isQuote && $0 != 0x60 }
        return isLiteral(password) ? password.indices : nil
      }
      let beginning = part.utf8.prefix { $0 != UInt8(ascii: "*") }
      guard part.hasSuffix("*") ? word.starts(with: beginning) : word.elementsEqual(part.utf8)
      else { return nil }
    }
    return nil
  }

  private static func isLiteral(_ word: ArraySlice<UInt8>) -> Bool {
    guard let first = word.first, word.count >= 4 else { return false }
    return Randomness.isMadeUp(word) && !"<$[/".utf8.contains(first) && !Randomness.isVersion(word)
  }

  /// Programs of databases that take a user, a slash, a password and possibly an address.
  private static let slashes: Set<String> = [
    "sqlplus", "expdp", "impdp", "thin", "exp", "imp", "rman", "disql", "sqlldr", "dexp", "dimp",
    "sqlcl",
  ]

  /// Finds the password in `USER/PASSWORD@ADDRESS` after such a program.
  static func slashed(_ program: String, _ word: ArraySlice<UInt8>, in line: [UInt8]) -> Range<
    Int
  >? {
    guard slashes.contains(program), word.endIndex < line.count else { return nil }
    let rest = line[word.endIndex...].prefix(192).drop { $0 == UInt8(ascii: ":") }
    for part in rest.split(whereSeparator: { $0.isBlank || $0.isQuote }).prefix(4) {
      let account = part.starts(with: "userid=") ? part.dropFirst(7) : part
      guard let slash = account.firstIndex(of: UInt8(ascii: "/")), slash > account.startIndex,
        account[..<slash].allSatisfy({ $0.isWord || "$#".utf8.contains($0) })
      else { continue }
      let end = account[slash...].lastIndex(of: UInt8(ascii: "@"))
      let password = account[(slash + 1)..<(end ?? account.endIndex)]
      let isClient = ["sqlplus", "sqlldr"].contains(program)
      let isSure = end != nil || isClient && Randomness.isMadeUp(password)
      let isWord = ["exp", "imp"].contains(program)
      if isWord, !Randomness.isMadeUp(password) { continue }
      if password.isEmpty || !isSure || password.first == UInt8(ascii: "$") { continue }
      return password.indices
    }
    return nil
  }

  private static let readers = [
    "-stdin", "chpasswd", "sudo -S", "cryptsetup", "kinit", "passphrase-fd", "su -", "passwd",
    "pass insert", "secret create", "secrets versions add", "secret set",
  ].map { Array($0.utf8) }

  /// Whether a part of a line runs a program that reads a password.
  static func reads(_ line: ArraySlice<UInt8>) -> Bool {
    line.indices.contains { index in
      readers.contains { line[index] == $0[0] && line[index...].starts(with: $0) }
    }
  }

  /// Finds the password in a line of `.pgpass`: the host, the port, the database, the user and the
  /// password, with colons between them.
  static func entry(_ line: [UInt8], from start: Int) -> Range<Int>? {
    let word = line[start...].prefix(320).prefix { !$0.isBlank && !$0.isQuote }
    let fields = word.split(
      separator: UInt8(ascii: ":"), maxSplits: 5, omittingEmptySubsequences: false)
    guard fields.count == 5, let password = fields.last else { return nil }
    let port = fields[1]
    let isPort =
      port.elementsEqual("*".utf8)
      || port.count >= 4 && port.count <= 5 && port.allSatisfy(\.isDigit)
    let areNames = fields[2...3].allSatisfy { field in
      field.allSatisfy { $0.isWord || "*.\\".utf8.contains($0) }
    }
    return isPort && areNames && Randomness.isMadeUp(password) && !Randomness.isVersion(password)
      && !Randomness.isDimension(password) ? password.indices : nil
  }
}
