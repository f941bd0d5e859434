/// The name of a secret in a line.
struct SecretName {
  /// How sure it is that a value beside the name is a secret.
  enum Kind {
    /// Whatever the value is.
    case certain
    /// Unless the value looks like a number, a path or a word with another meaning.
    case short
    /// Only if a generator made the value.
    case generated
    /// Only if a generator made the value, and the name is a parameter of a URL.
    case parameter
  }

  var range: Range<Int>
  var kind: Kind
  /// Whether the name's value describes a secret, as in `token_type`.
  var isDescription = false
  /// Whether the name's value is a file, as in `password_file`.
  var isFile = false
  /// Whether the name's value may be a number of things, as in `max_tokens`.
  var isQuantity = false
  /// Whether the name is that of a password, which may be a plain word.
  var isPassword = false
  /// Whether the name is in Chinese.
  var isForeign = false
  /// Whether the words before the name deny that a value follows, as in `--no-password`.
  var isSwitch = false
}

/// Recognizes the names of secrets.
enum SecretNames {
  /// The parts of secret names, in lower case and without separators.
  private static let parts = [
    "token", "password", "passwd", "passphrase", "passcode", "secret", "apikey", "aeskey",
    "privatekey", "privkey", "accesskey", "accountkey", "signingkey", "signkey", "encryptionkey",
    "encryptkey", "masterkey", "hmackey", "jwtkey", "sessionkey", "licensekey", "webhookkey",
    "storagekey", "sharedkey", "subscriptionkey", "authkey", "deploykey", "serverkey", "cipherkey",
    "functionkey", "recoverykey", "secretkey", "apiv3key", "mchkey", "paykey", "credential",
    "authorization", "cookie", "mnemonic", "passwort", "kennwort", "pincode", "authcode",
    "connectionstring", "authtok", "securekey", "tlspsk", "wpapsk", "presharedkey",
  ].map { Array($0.utf8) }
  /// How a longer word goes on that only begins like the name of a secret, such as `tokenizer`.
  private static let otherWords = [
    "token": ["iz", "is", "bucket"],
    "secret": ["ar", "ion", "iv", "ly", "stor", "servic", "smanager"],
    "password": ["less"], "cookie": ["cutter", "jar"], "credential": ["ed", "ing"],
  ]
  /// The endings of secret names. They need a word before them, because PWD alone is a directory.
  private static let endings: Set<String> = ["pass", "pwd", "pw", "psk", "passw"]
  /// The words of names whose values describe a secret, but are none.
  private static let descriptions: Set<String> = [
    "type", "types", "count", "counter", "limit", "limits", "length", "len", "min", "max",
    "expires",
    "expire", "expired", "expiry", "expiration", "ttl", "age", "secure", "name", "names", "url",
    "uri", "endpoint", "policy", "policies", "hashers", "hasher", "validators", "validator",
    "lifetime", "lifetimes", "required", "enabled", "disabled", "reset", "changed", "version",
    "domain", "samesite", "httponly", "manager", "error", "errors", "prompt", "field", "fields",
    "strength", "rotation", "class", "classes", "backend", "format", "header", "headers", "exists",
    "provider", "store", "cache", "helper", "view", "form", "middleware", "ref", "usage", "budget",
    "used", "jar", "parser", "arn", "bytes", "size", "algorithm", "alg", "status", "state",
    "source", "timeout", "authentication", "in", "at", "encryption", "handler", "failed", "stdin",
    "fd", "env", "command", "cmd", "generator", "missing", "invalid", "present", "pull", "issuer",
    "audience", "scope", "scopes", "duration", "seconds", "minutes", "hours", "days", "attempts",
    "retries", "interval", "label", "title", "placeholder", "mode", "engine", "manager", "regex",
    "pattern", "rule", "rules", "complexity", "history", "bucket", "rate", "quota", "window",
    "created", "updated", "issued", "verified", "valid", "set", "exception", "namespace", "mount",
    "group", "index", "column", "table", "model", "schema", "prefix", "suffix", "kind", "refresher",
    "rotated", "changes", "resets", "protected", "protection", "supplied", "given", "left", "check",
    "checks", "checker", "agent", "watcher", "refresh", "review", "lookup", "identity", "hint",
  ]
  private static let files: Set<String> = [
    "file", "files", "filename", "path", "paths", "dir", "directory", "location", "folder",
    "filepath", "keyfile", "passwordfile", "tokenfile", "secretfile",
  ]
  /// Words before a name that make its value a number.
  private static let quantities: Set<String> = [
    "num", "n", "max", "min", "total", "input", "output", "prompt", "completion", "used",
    "remaining",
    "available", "avg", "count", "per", "cached", "generated", "reasoning",
  ]
  /// Words before the name of an option after which no value follows.
  private static let switches: Set<String> = [
    "no", "ask", "prompt", "disable", "enable", "without", "show", "hide", "require", "skip",
    "generate", "list", "dump", "count",
  ]

  /// Recognizes the name of a secret, whatever separates its words.
  static func name(_ word: ArraySlice<UInt8>) -> SecretName? {
    guard word.count >= 2 else { return nil }
    // The end of a very long name decides.
    let end = word.suffix(256)
    let (letters, beginnings) = letters(of: end)
    // In sudoers, NOPASSWD is followed by commands.
    if letters.isEmpty || letters.starts(with: "nopass".utf8) { return nil }
    let words = words(letters, beginnings)
    if let match = lastPart(in: letters, beginnings) {
      return name(word, words, beginnings, match)
    }
    if let last = words.last, words.count > 1 || last.count > 4,
      endings.contains(last)
        || last.count > 4 && last.hasSuffix("pass") && !["bypass", "compass"].contains(last)
    {
      let isCertain = words.count > 1 && endings.contains(last)
      return SecretName(
        range: word.startIndex..<word.endIndex, kind: isCertain ? .certain : .short,
        isPassword: true)
    }
    return WeakNames.kind(of: words).map {
      SecretName(
        range: word.startIndex..<word.endIndex, kind: $0,
        isPassword: words.last?.hasPrefix("p") == true)
    }
  }

  /// Whether the value of the name is a secret.
  static func isSecret(_ word: ArraySlice<UInt8>) -> Bool {
    name(word).map { $0.kind == .certain && !$0.isDescription && !$0.isFile } ?? false
  }

  private static func name(
    _ word: ArraySlice<UInt8>, _ words: [String], _ beginnings: [Int], _ match: Range<Int>
  ) -> SecretName {
    var name = SecretName(range: word.startIndex..<word.endIndex, kind: .certain)
    let following = zip(words, beginnings).filter { $0.1 >= match.upperBound }.map(\.0)
    let preceding = zip(words, beginnings).filter { $0.1 < match.lowerBound }.map(\.0)
    name.isFile = following.last.map { files.contains($0) } ?? false
    // The value of a name such as `token_id` or `secret_key` may be one.
    name.isDescription =
      !name.isFile
      && (following.contains { descriptions.contains($0) } || preceding.contains("pull"))
    name.isQuantity =
      words.last.map { last in
        ["tokens", "cookies", "secrets", "keys"].contains { last.hasSuffix($0) }
      } == true
      || preceding.contains { quantities.contains($0) }
      || following.contains { quantities.contains($0) }
    name.isSwitch = words.first.map { switches.contains($0) } ?? false
    let joined = words.joined()
    name.isPassword =
      ["passw", "passphrase", "passcode", "kennwort"].contains {
        joined.contains($0)
      } || joined.hasSuffix("psk")
    return name
  }

  /// Returns the letters and digits of a name in lower case, and where each of its words begins.
  private static func letters(of word: ArraySlice<UInt8>) -> (letters: [UInt8], beginnings: [Int]) {
    var letters: [UInt8] = []
    var beginnings: [Int] = [0]
    letters.reserveCapacity(word.count)
    for index in word.indices {
      let byte = word[index]
      guard byte.isAlphanumeric else {
        if beginnings.last != letters.count { beginnings.append(letters.count) }
        continue
      }
      if index > word.startIndex, byte.isUppercase, beginnings.last != letters.count {
        let isCapital = !word[index - 1].isUppercase
        let isLastCapital =
          index + 1 < word.endIndex && word[index + 1].isLetter && !word[index + 1].isUppercase
        if isCapital || isLastCapital { beginnings.append(letters.count) }
      }
      letters.append(byte.lowercased)
    }
    if beginnings.last == letters.count, letters.count > 0 { beginnings.removeLast() }
    return (letters, beginnings)
  }

  private static func words(_ letters: [UInt8], _ beginnings: [Int]) -> [String] {
    beginnings.indices.map { index in
      let end = index + 1 < beginnings.count ? beginnings[index + 1] : letters.count
      return String(decoding: letters[beginnings[index]..<end], as: UTF8.self)
    }
  }

  /// Finds the last part that makes a name secret; nil when there is none.
  private static func lastPart(in letters: [UInt8], _ beginnings: [Int]) -> Range<Int>? {
    var last: Range<Int>?
    for index in letters.indices {
      for part in parts where letters[index] == part[0] && letters[index...].starts(with: part) {
        let end = index + part.count
        let next = beginnings.first { $0 >= end } ?? letters.count
        let rest = String(decoding: letters[end..<next], as: UTF8.self)
        let others = otherWords[String(decoding: part, as: UTF8.self)] ?? []
        if others.contains(where: { rest.hasPrefix($0) }) { continue }
        last = index..<(rest == "s" || rest == "file" ? (rest == "s" ? next : end) : end)
      }
    }
    return last
  }
}
