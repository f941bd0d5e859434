/// Finds secrets in URLs: passwords of users, and the paths of webhooks.
extension SecretScanner {
  /// What precedes the secret part of a webhook's URL.
  private static let webhooks = [
    "hooks.slack.com/services/", "hooks.slack.com/workflows/", "hooks.slack.com/triggers/",
    "/open-apis/bot/v2/hook/", "/open-apis/bot/hook/", "/api/webhooks/", "/webhookb2/",
    "api.telegram.org/bot", "sctapi.ftqq.com/", "sc.ftqq.com/", "hooks.zapier.com/hooks/catch/",
    "api.day.app/", "/webhook/incoming/", "maker.ifttt.com/trigger/",
    "events.pagerduty.com/integration/", "/flow/api/trigger-webhook/",
    "discordapp.com/api/webhooks/",
  ].map { Array($0.utf8) }

  /// Masks the password in `scheme://user:password@host`, and the secret part of a webhook's path.
  mutating func scanURL() {
    copy(to: index + 3)
    if index >= url.end {
      let rest = line[index...].prefix { !$0.isBlank && !$0.isQuote && !"<>`".utf8.contains($0) }
      url = (rest.endIndex, rest.lastIndex(of: UInt8(ascii: "@")))
      if maskWebhook(rest) { return }
    }
    guard let at = url.at, at > index else { return maskCutPassword() }
    let user = line[index..<at].prefix(512)
    // A token may be the user, and the password a fixed word.
    if let colon = user.firstIndex(of: UInt8(ascii: ":")), at - colon <= 16 {
      let token = user[..<colon]
      if token.allSatisfy(\.isWord), Randomness.isGenerated(token, atLeast: 20),
        !line[colon..<at].contains(UInt8(ascii: "/"))
      {
        return mask(to: at)
      }
    }
    if user.endIndex == at, user.allSatisfy(\.isWord),
      Randomness.isGenerated(user, atLeast: 16) || RandomWords.kind(of: user) == .mixed
    {
      return mask(to: at)
    }
    guard let colon = line[index..<at].firstIndex(where: { ":/?#".utf8.contains($0) }),
      line[colon] == UInt8(ascii: ":"), colon + 1 < at
    else { return }
    let port = line[(colon + 1)..<at].prefix { $0.isDigit }
    // The colon precedes a port, and the @ belongs to the path.
    if !port.isEmpty, line[port.endIndex] == UInt8(ascii: "/") { return }
    let password = line[(colon + 1)..<at]
    if isReference(password) { return }
    copy(to: colon + 1)
    mask(to: at)
  }

  /// What precedes a colon in addresses without a password.
  private static let tags: Set<String> = [
    "sha256", "sha512", "sha1", "md5", "nginx", "alpine", "latest", "localhost",
  ]

  /// Masks the password of a URL that ends before its host, as in a truncated log.
  private mutating func maskCutPassword() {
    let rest = line[index..<max(index, url.end)].prefix(256)
    guard let colon = rest.firstIndex(where: { !$0.isWord && $0 != UInt8(ascii: ".") }),
      line[colon] == UInt8(ascii: ":")
    else { return }
    let cut = line[(colon + 1)..<rest.endIndex]
    var password = cut.trimmingEnd(".,;)]")
    if let dots = password.indices.first(where: { password[$0...].starts(with: "…") }) {
      password = password[..<dots]
    }
    let user = line[index..<colon].lowercasedText
    let isLast = line[rest.endIndex...].prefix(8).allSatisfy { !$0.isAlphanumeric }
    guard !Self.tags.contains(user), !password.contains(where: { "/?:<{$".utf8.contains($0) }),
      Randomness.isMadeUp(password), !Randomness.isVersion(password), !isReference(password),
      isLast || Randomness.isStrong(password)
    else { return }
    copy(to: colon + 1)
    mask(to: password.endIndex)
  }

  /// Whether the password of a URL stands for another one.
  private func isReference(_ password: ArraySlice<UInt8>) -> Bool {
    guard let first = password.first, password.count <= 64, let last = password.last else {
      return false
    }
    if password.count >= 3, password.allSatisfy({ $0 == first }), "*xX.".utf8.contains(first) {
      return true
    }
    if first == UInt8(ascii: "$") {
      let name = password.dropFirst().drop { $0 == UInt8(ascii: "{") }
      let hasName = name.trimmingEnd("}").allSatisfy { $0.isUppercase || $0.isDigit || $0 == 0x5F }
      return hasName && name.count > 1
    }
    if first == UInt8(ascii: "{") && last == UInt8(ascii: "}") { return true }
    let text = password.lowercasedText
    return ["%s", "[redacted]", "(redacted)", "redacted", "<password>"].contains(text)
  }

  /// Masks the secret part of a webhook's path; false when the URL is none.
  private mutating func maskWebhook(_ rest: ArraySlice<UInt8>) -> Bool {
    // The host and the path before the secret are short.
    let head = rest.prefix(160)
    for marker in Self.webhooks {
      var part = head
      while let start = part.firstIndex(of: marker[0]) {
        let secret = start + marker.count
        if line[start...].starts(with: marker), secret < rest.endIndex {
          let end = line[secret..<rest.endIndex].firstIndex { ",)]}?\\".utf8.contains($0) }
          guard let end = Optional(end ?? rest.endIndex), end - secret >= 8,
            line[secret..<end].contains(where: \.isDigit)
          else { return false }
          copy(to: secret)
          mask(to: end)
          return true
        }
        part = part[(start + 1)...]
      }
    }
    return false
  }

  /// Words before a colon and the address of a person.
  private static let addressees: Set<String> = [
    "mailto", "email", "mail", "from", "to", "cc", "bcc", "user", "sender", "author", "by",
    "contact", "acct", "sip", "xmpp", "pkg", "npm", "workspace", "sha256", "git",
  ]

  /// Masks the password in `user:password@host` without a scheme, as in the addresses of databases
  /// in Go; false when there is none.
  mutating func maskSchemelessPassword(after word: ArraySlice<UInt8>) -> Bool {
    let colon = word.endIndex
    guard word.count <= 32, colon + 1 < line.count, line[colon] == UInt8(ascii: ":") else {
      return false
    }
    let before = word.startIndex > 0 ? line[word.startIndex - 1] : 0x20
    guard before.isBlank || before.isQuote || "=(,".utf8.contains(before) else { return false }
    let rest = line[(colon + 1)...].prefix(160).prefix { !$0.isBlank && !$0.isQuote }
    guard let at = rest.lastIndex(of: UInt8(ascii: "@")), at > colon + 1, at + 1 < rest.endIndex
    else {
      return false
    }
    let password = line[(colon + 1)..<at]
    let host = line[(at + 1)..<rest.endIndex]
    let isDatabase = host.starts(with: "tcp(") || host.starts(with: "unix(")
    let hasPort =
      host.firstIndex(of: UInt8(ascii: ":")).map {
        $0 + 1 < host.endIndex && line[$0 + 1].isDigit
      } ?? false
    if Randomness.isVersion(host), host.count(where: { $0 == UInt8(ascii: ".") }) < 3 {
      return false
    }
    let isPlausible =
      isDatabase || Randomness.isStrong(password)
      || (hasPort || host.contains(UInt8(ascii: "/"))) && Randomness.isMadeUp(password)
    guard isPlausible, host.first.map({ $0.isAlphanumeric }) == true, !isReference(password),
      !password.contains(where: { "/\\".utf8.contains($0) }), !host.starts(with: "sha"),
      !Self.addressees.contains(word.lowercasedText)
    else { return false }
    copy(to: colon + 1)
    mask(to: at)
    return true
  }
}
