/// Masks secrets in text that other people will read: messages, the journal and the history, the log
/// of the host, pages, and reports attached to an issue.
///
/// Text from outside is masked where it enters the program, before it is truncated: what programs
/// print in ``MaskedOutput`` and `LastLines`, what a service answers in `HTTPResponse`, what people
/// type in `JournalText`. `ReleasesError` and `Notice` mask again whatever reaches them.
///
/// A secret is recognized by one of a few ideas:
/// - A name that means secret, a separator and a value (``SecretNames``, `Separators`); what plainly
///   is none, such as a reference or a sentence, stays (``HarmlessValues``).
/// - A value that only a generator makes, beside a name with other meanings (``WeakNames``,
///   ``Randomness``).
/// - An option or a command that takes a password (``CommandPasswords``).
/// - Credentials in a URL, and the path of a webhook (`URLSecrets`).
/// - The shape of a token (``TokenShapes``, ``StructuredTokens``, ``WebTokens``, ``PrivateKeys``).
///
/// All of them see the line as a person reads it, and as it is when it is decoded (``HiddenForms``). A
/// secret that the end of a line has split is found with both lines (``WrappedSecret``).
/// When the end of a secret is unclear, the rest of the line is masked: masking too much is a
/// nuisance, masking too little is a leak.
package enum Secrets {
  /// The text that replaces a secret. The name of the secret, or the prefix of a token, is kept.
  package static let mask = "[masked]"

  /// Returns the text with masked secrets, line by line. Masking the result again changes nothing.
  /// The time is proportional to the length of the text.
  package static func masked(_ text: String) -> String {
    String(decoding: masked(Array(text.utf8)), as: UTF8.self)
  }

  /// Returns bytes in any encoding with masked secrets. Bytes that are not UTF-8 are not changed.
  package static func masked(_ text: [UInt8]) -> [UInt8] {
    var text = text
    // After a secret has been masked, the text next to it may turn out to be the name of another.
    for _ in 0..<maximumPasses {
      let masked = maskedOnce(text)
      if masked == text { break }
      text = masked
    }
    return text
  }

  /// Returns a value as it may be shown beside its name: the mask, if the name is that of a secret.
  package static func masked(_ value: String, named name: String) -> String {
    if SecretNames.isSecret(Array(name.utf8)[...]) { return mask }
    let beginning = Array("\(name)=".utf8)
    let masked = masked(beginning + Array(value.utf8))
    guard masked.starts(with: beginning) else { return self.masked(value) }
    return String(decoding: masked.dropFirst(beginning.count), as: UTF8.self)
  }

  /// The maximum number of passes; no known text needs as many.
  private static let maximumPasses = 8

  private static func maskedOnce(_ text: [UInt8]) -> [UInt8] {
    var keys = PrivateKeys()
    var block = SecretBlock()
    var wrapped = WrappedSecret()
    for line in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      var rest = keys.masked(Array(line))
      wrapped.mask(in: &rest, &keys.lines)
      // A terminal sequence at the beginning does not indent a line.
      if let inside = block.masked(HiddenForms.visible(rest)?.bytes ?? rest) {
        keys.lines.append(inside)
        continue
      }
      let (masked, start) = maskedLine(rest)
      keys.lines.append(masked)
      block.begin(start)
    }
    return Array(keys.lines.joined(separator: [UInt8(ascii: "\n")]))
  }

  /// Masks the secrets of a line as a person reads it, and of what it becomes when it is decoded.
  private static func maskedLine(_ line: [UInt8]) -> ([UInt8], SecretBlock.Start?) {
    let visible = HiddenForms.visible(line)
    var scanner = SecretScanner(visible?.bytes ?? line)
    scanner.scan()
    var secrets = scanner.secrets.map { visible?.original($0) ?? $0 }
    for form in [HiddenForms.decoded(line), HiddenForms.joined(line)] {
      guard let form else { continue }
      var scanner = SecretScanner(form.bytes)
      scanner.scan()
      secrets += scanner.secrets.map { form.original($0) }
    }
    return (masked(line, secrets), scanner.blockStart)
  }

  /// Replaces parts of a line by the mask.
  private static func masked(_ line: [UInt8], _ secrets: [Range<Int>]) -> [UInt8] {
    guard !secrets.isEmpty else { return line }
    var masked: [UInt8] = []
    masked.reserveCapacity(line.count)
    var end = 0
    for secret in secrets.sorted(by: { $0.lowerBound < $1.lowerBound }) where !secret.isEmpty {
      if secret.lowerBound >= end {
        masked += line[end..<secret.lowerBound]
        masked += mask.utf8
      }
      end = max(end, secret.upperBound)
    }
    return masked + line[end...]
  }
}
