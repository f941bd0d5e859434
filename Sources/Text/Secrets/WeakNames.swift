/// Recognizes names that have other meanings, too.
enum WeakNames {
  private static let short: Set<String> = [
    "pass", "pwd", "pw", "psk", "passw", "mima", "userpass", "requirepass", "masterauth",
    "storepass",
    "keypass", "bindpw", "rootpw",
  ]
  private static let generated: Set<String> = [
    "key", "auth", "session", "sid", "sessionid", "sessid", "jsessionid", "phpsessid", "salt", "ak",
    "sk", "ticket", "otp", "totp", "pepper", "sessions", "keys",
  ]
  private static let parameters: Set<String> = [
    "sig", "sign", "signature", "code", "jscode", "key", "ossaccesskeyid", "hash", "k", "t",
    "hdnts", "policy", "invite",
  ]
  /// Words before `key` that make it the name of something that everybody may see.
  private static let neutral: Set<String> = [
    "public", "pub", "primary", "foreign", "sort", "cache", "partition", "routing", "host", "dedup",
    "idempotency", "lock", "request", "object", "map", "row", "group", "unique", "publishable",
    "index", "config", "message", "queue", "event", "shard", "hotkey", "keyboard", "restore",
    "trusted",
    "gpg", "json", "redis", "s3", "range", "lookup", "metric",
  ]

  static func kind(of words: [String]) -> SecretName.Kind? {
    guard let last = words.last else { return nil }
    if short.contains(last), words.count == 1 || last != "pw" { return .short }
    if words.count > 1, words.dropLast().contains(where: { neutral.contains($0) }) {
      return nil
    }
    if generated.contains(last) || words.joined() == "sessionid" || last.hasSuffix("sessid") {
      return .generated
    }
    return parameters.contains(last) || words.joined() == "jscode" ? .parameter : nil
  }

  /// Words before `key`, `code` or `phrase` that make both together the name of a secret.
  private static let qualifiers: [String: Set<String>] = [
    "key": [
      "api", "access", "secret", "private", "account", "encryption", "signing", "license", "shared",
      "master", "session", "auth", "webhook", "deploy", "storage", "subscription", "recovery",
      "aes",
      "hmac", "jwt", "secure", "preshared",
    ],
    "code": ["recovery", "backup", "security", "otp", "verification", "mfa", "2fa", "pin", "auth"],
    "phrase": ["pass", "recovery", "seed"], "word": ["pass"],
    "codes": ["recovery", "backup", "security"],
    "string": ["connection"],
  ]

  /// Whether a word is the end of a name that consists of two words with a blank between them.
  static func endsName(_ word: ArraySlice<UInt8>, in line: [UInt8]) -> Bool {
    guard (3...6).contains(word.count), word.startIndex > 1, line[word.startIndex - 1] == 0x20,
      let words = qualifiers[word.lowercasedText]
    else { return false }
    let before = line[..<(word.startIndex - 1)].suffix(16)
    let start = before.lastIndex { !$0.isAlphanumeric }.map { $0 + 1 } ?? before.startIndex
    return words.contains(before[start...].lowercasedText)
  }
}
