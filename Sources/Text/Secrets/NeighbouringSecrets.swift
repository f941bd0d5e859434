/// Finds random words near the name of a secret. This is the last resort, for sentences, tables and
/// code of any form; what such lines also contain, such as the hash of a commit, stays.
extension SecretScanner {
  /// How far from the name of a secret a random word may be, in bytes.
  private static let reach = (before: 128, after: 64)

  /// Notes the random words near the names that ``scan()`` has found.
  mutating func scanNeighbours() {
    guard !names.isEmpty else { return }
    let found = secrets
    var (position, name, secret) = (0, 0, 0)
    var hasHash: Bool?
    while position < line.count {
      guard line[position].isAlphanumeric else {
        position += 1
        continue
      }
      let word = RandomWords.word(in: line, at: position)
      position = word.endIndex
      while name < names.count, names[name].lowerBound < word.startIndex { name += 1 }
      while secret < found.count, found[secret].upperBound <= word.startIndex { secret += 1 }
      guard word.count >= 8, secret == found.count || found[secret].lowerBound >= word.endIndex,
        let kind = RandomWords.kind(of: word)
      else { continue }
      let isNear =
        name > 0 && word.startIndex - names[name - 1].upperBound <= Self.reach.before
        || name < names.count && names[name].lowerBound - word.endIndex <= Self.reach.after
      guard isNear, RandomWords.isAlone(word, in: line) else { continue }
      if kind == .hexadecimal {
        let isHash = hasHash ?? RandomWords.mentionsHash(line)
        hasHash = isHash
        if isHash || word.startIndex <= beginning { continue }
        // Without a colon, 40 digits are mostly the hash of a commit.
        let before = line[..<word.startIndex].suffix(2)
        if word.count == 40, !before.contains(UInt8(ascii: ":")) { continue }
      }
      add(word.indices)
    }
  }

  /// Whether random words near the name may be the secret.
  func hasNeighbours(_ name: SecretName) -> Bool {
    guard name.kind == .certain, !name.isDescription, !name.isFile, !name.isQuantity else {
      return false
    }
    // Paths and files are named after secrets, too.
    let (start, end) = (name.range.lowerBound, name.range.upperBound)
    if start > 0, line[start - 1] == UInt8(ascii: "/") { return false }
    guard end < line.count else { return true }
    if line[end] == UInt8(ascii: "/") { return false }
    return line[end] != UInt8(ascii: ".") || end + 1 == line.count || !line[end + 1].isAlphanumeric
  }
}

/// Tells words that a generator made from identifiers and names, without the help of a name beside
/// them.
enum RandomWords {
  enum Kind { case hexadecimal, mixed }

  /// Returns the word at a position: what Base64 and its forms for URLs contain.
  static func word(in line: [UInt8], at start: Int) -> ArraySlice<UInt8> {
    let word = line[start...].prefix { $0.isWord || $0 == UInt8(ascii: "+") || $0 == 0x2F }
    let padding = line[word.endIndex...].prefix(2).prefix { $0 == UInt8(ascii: "=") }
    // A single sign after a short word separates it from a value.
    return padding.isEmpty || word.count < 20 ? word : line[start..<padding.endIndex]
  }

  /// Returns how a generator made a word; nil for other words.
  static func kind(of word: ArraySlice<UInt8>) -> Kind? {
    guard (8...512).contains(word.count), word.contains(where: \.isDigit),
      word.contains(where: { $0.isLetter })
    else { return nil }
    if word.allSatisfy({ $0.isHexadecimal || $0 == UInt8(ascii: "-") }) {
      // A UUID has hyphens.
      return word.count >= 32 && !word.contains(UInt8(ascii: "-")) ? .hexadecimal : nil
    }
    let (changes, run) = measure(word)
    if word.contains(where: { "+/=".utf8.contains($0) }) {
      return word.count >= 32 && changes >= 8 && run <= 6 ? .mixed : nil
    }
    let hasCapitals = word.contains(where: \.isUppercase)
    let hasSmall = word.contains { $0.isLetter && !$0.isUppercase }
    if hasCapitals, hasSmall {
      return word.count >= 20
        ? (changes >= 6 && run <= 7 ? .mixed : nil)
        : changes >= 4 && run <= (word.count < 10 ? 3 : 4) ? .mixed : nil
    }
    return word.count >= 20 && changes >= 6 && run <= 8 && word.allSatisfy(\.isAlphanumeric)
      ? .mixed : nil
  }

  /// Returns how often a word changes between small letters, capitals and digits, and how many
  /// small letters it has in a row.
  private static func measure(_ word: ArraySlice<UInt8>) -> (changes: Int, run: Int) {
    var (changes, run, longest) = (0, 0, 0)
    var previous: UInt8 = 0
    for byte in word {
      let isSmall = byte.isLetter && !byte.isUppercase
      run = isSmall ? run + 1 : 0
      longest = max(longest, run)
      if previous.isAlphanumeric, byte.isAlphanumeric,
        previous.isDigit != byte.isDigit
          || byte.isUppercase && previous.isLetter && !previous.isUppercase
      {
        changes += 1
      }
      previous = byte
    }
    return (changes, longest)
  }

  /// Words before a random word that make it one that everybody may see.
  private static let publicNames: Set<String> = [
    "commit", "commits", "sha", "sha1", "sha224", "sha256", "sha384", "sha512", "md5", "digest",
    "image", "id", "ids", "uuid", "guid", "etag", "fingerprint", "hash", "checksum", "integrity",
    "revision", "rev", "tag", "ref", "head", "index", "build", "version", "release", "request",
    "trace", "span", "nonce", "serial", "keyid", "kid", "uid", "user", "username", "account",
    "bucket", "container", "pod", "node", "host", "hostname", "cert", "certificate", "layer",
    "blob", "snapshot", "branch", "object", "tree", "parent", "file", "class", "method", "table",
    "column", "ed25519", "rsa", "public", "job", "run", "session", "transaction", "device",
    "resourceversion", "correlation", "appid", "app", "client", "openid", "unionid", "order",
    "module", "package", "artifact", "cache", "into", "event", "message", "task", "volume",
  ]
  /// Words between such a word and its value.
  private static let links: Set<String> = [
    "is", "was", "to", "from", "of", "by", "with", "no", "number", "key", "at", "id", "named",
  ]
  /// Names whose values may be the secret that the line is about.
  private static let neutralLabels: Set<String> = [
    "value", "got", "received", "input", "actual", "val", "content", "data", "new", "pass", "user",
  ]

  /// Whether a word is not a part of a path, a name or an address, and not the value of a name with
  /// another meaning.
  static func isAlone(_ word: ArraySlice<UInt8>, in line: [UInt8]) -> Bool {
    let end = word.endIndex
    if end < line.count {
      let next = end + 1 < line.count ? line[end + 1] : 0x20
      if "(=%/$@".utf8.contains(line[end]) { return false }
      if ".:~".utf8.contains(line[end]), next.isAlphanumeric || next == 0x2F { return false }
    }
    var start = word.startIndex
    while start > 0, line[start - 1].isQuote || line[start - 1] == 0x60 { start -= 1 }
    let isQuoted = start < word.startIndex
    while isQuoted, start > 0, line[start - 1] == UInt8(ascii: "\\") { start -= 1 }
    guard start > 0 else { return true }
    let before = line[start - 1]
    if ":/".utf8.contains(before), isAccount(line[..<(start - 1)].suffix(32)) { return true }
    if "/@#$%&?.\\-+_~*^".utf8.contains(before) { return false }
    if before == UInt8(ascii: "("), !isQuoted, start > 1, line[start - 2].isAlphanumeric {
      return false
    }
    let preceding = line[..<start].suffix(64)
    let label = word.prefix(8).prefix { $0.isLetter }
    if label.endIndex < end, "-_".utf8.contains(line[label.endIndex]),
      prefixes.contains(label.lowercasedText) || publicNames.contains(label.lowercasedText)
    {
      return false
    }
    if before.isBlank || before.isForeign || before == UInt8(ascii: ":") {
      let text = preceding.trimmingEnd(" \t:")
      if foreignNames.contains(where: { text.suffix($0.count).elementsEqual($0) }) { return false }
    }
    if ":=".utf8.contains(before) {
      if preceding.dropLast().last.map({ $0.isForeign }) == true { return true }
      let label = lastWord(preceding.dropLast())
      return neutralLabels.contains(label)
    }
    let words = preceding.split { !$0.isWord && !$0.isForeign }.suffix(2).map(\.lowercasedText)
    guard let last = words.last else { return true }
    let isLinked = words.count == 2 && links.contains(last) && publicNames.contains(words[0])
    return !isLinked && !publicNames.contains(last) && !last.hasPrefix("ssh-")
  }

  private static let prefixes: Set<String> = ["req", "trace", "corr", "ver", "wf", "exec"]
  /// What precedes a random word in Chinese that everybody may see.
  private static let foreignNames = [
    "指纹", "提交", "用户", "号", "版本", "校验和", "摘要", "镜像", "哈希", "标识", "文件", "分支", "容器", "请求", "会话", "任务",
    "用户名", "账户", "主机",
  ].map { Array($0.utf8) }

  private static func lastWord(_ text: ArraySlice<UInt8>) -> String {
    let end = text.lastIndex { $0.isWord }.map { $0 + 1 } ?? text.startIndex
    let start = text[..<end].lastIndex { !$0.isAlphanumeric }.map { $0 + 1 } ?? text.startIndex
    return text[start..<end].lowercasedText
  }

  /// Whether a text ends with the name of a user, as in `credentials admin:x` and `admin/x`.
  private static func isAccount(_ text: ArraySlice<UInt8>) -> Bool {
    let name = Array(text.reversed().prefix { $0.isLetter }.reversed())[...]
    guard (2...16).contains(name.count), name.count < text.count,
      !publicNames.contains(name.lowercasedText)
    else { return false }
    let before = text[text.endIndex - name.count - 1]
    return before.isBlank || before.isForeign || before.isQuote
  }

  private static let hashes = [
    "commit", "sha1", "sha256", "sha512", "md5", "digest", "etag", "fingerprint", "checksum",
    "integrity", "uuid", "trace", "index", "cache", "revision", "image", "blob", "x.509", "merge",
    "head ",
  ].map { Array($0.utf8) }
  private static let hashStarts = Set(hashes.map { $0[0] })

  /// Whether a line speaks of a hash or an ID that everybody may see.
  static func mentionsHash(_ line: [UInt8]) -> Bool {
    line.indices.contains { index in
      hashStarts.contains(line[index].lowercased)
        && hashes.contains { hash in
          line[index...].prefix(hash.count).lazy.map(\.lowercased).elementsEqual(hash)
        }
    }
  }
}
