/// The boundary of the program: every text from outside passes it before it is printed, recorded, sent
/// or encoded, and nothing else masks or neutralizes text.
///
/// Text from outside is what programs print, what a service answers, what people type, the names in
/// archives and releases, values of the configuration, the environment, and the messages of the
/// system. ``Message`` applies the boundary to the parts of a sentence; programs' output passes it in
/// ``MaskedOutput`` and ``lines(_:)``.
///
/// Secrets are masked; see ``Secrets``. Neutralized are the characters that control a terminal, change
/// the direction of writing or hide text, and the beginnings of commands to the logs of GitHub Actions
/// and Azure Pipelines.
package enum Outgoing {
  /// Returns free text as one line without secrets.
  package static func line(_ text: String) -> String {
    Secrets.masked(flat(maskedAndHarmless(Array(text.utf8))))
  }

  /// Returns the output of a program, of any number of lines, without secrets. Bytes that are not
  /// UTF-8 become replacement characters.
  package static func lines(_ output: [UInt8]) -> [UInt8] {
    maskedAndHarmless(output)
  }

  /// Returns the output of a program in which some identifiers are known.
  ///
  /// - Parameters:
  ///   - output: the lines.
  ///   - identifiers: what is not masked for its own form, where it is a whole word.
  /// - Returns: the lines without secrets.
  package static func lines(_ output: [UInt8], keeping identifiers: [String]) -> [UInt8] {
    let known = KnownIdentifiers(identifiers, in: output)
    return known.restored(in: lines(known.text))
  }

  /// Returns free text, in which some identifiers are known, as one line without secrets.
  ///
  /// - Parameters:
  ///   - text: the text.
  ///   - identifiers: what is not masked for its own form, where it is a whole word.
  /// - Returns: the line.
  static func line(_ text: String, keeping identifiers: [String]) -> String {
    let known = KnownIdentifiers(identifiers, in: Array(text.utf8))
    let line = line(String(decoding: known.text, as: UTF8.self))
    return String(decoding: known.restored(in: Array(line.utf8)), as: UTF8.self)
  }

  /// Returns a value as it may be shown beside its name: the mask, if the name is that of a secret.
  package static func value(_ value: String, named name: String) -> String {
    Secrets.masked(flat(harmless(Array(value.utf8))), named: name)
  }

  /// Whether masking would change an identifier, which therefore can't be accepted.
  package static func isSecret(_ identifier: String) -> Bool {
    Secrets.masked(identifier) != identifier
  }

  /// Returns an identifier as one line. It is never masked. The commands in it to the log of a workflow
  /// are neutralized with those of the whole message.
  static func identifier(_ text: String) -> String {
    if text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) { return text }
    var safe = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { safe.append(scalar.isHostile ? "?" : scalar) }
    return String(safe)
  }

  /// Returns lines as one.
  private static func flat(_ lines: [UInt8]) -> String {
    String(
      decoding: lines.map { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\t") ? 0x20 : $0 },
      as: UTF8.self)
  }

  /// Returns lines without secrets whose characters and words control nothing.
  private static func maskedAndHarmless(_ output: [UInt8]) -> [UInt8] {
    // What becomes a question mark may split a secret, or its name.
    let isPlain = output.allSatisfy {
      (0x20...0x7E).contains($0) || $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\t")
    }
    return Secrets.masked(harmless(isPlain ? output : Secrets.masked(output)))
  }

  /// Returns lines whose characters and words control nothing. Secrets in them are not masked.
  private static func harmless(_ output: [UInt8]) -> [UInt8] {
    let clean = LegibleText.clean(output)
    let text =
      clean.allSatisfy { $0 < 0x7F }
      ? clean
      : String(decoding: clean, as: UTF8.self).unicodeScalars.flatMap { scalar in
        let isLayout = scalar == "\n" || scalar == "\t"
        return Array(UTF8.encode(scalar.isHostile && !isLayout ? "?" : scalar)!)
      }
    return LogCommands.neutralized(text)
  }
}

extension Unicode.Scalar {
  /// Whether the character controls a terminal, disguises a text, or is invisible. The two joiners are
  /// not, without which some scripts and emoji can't be written.
  fileprivate var isHostile: Bool {
    isUnprintable && self != "\u{200C}" && self != "\u{200D}"
  }
}

/// The commands that a line of output can give to the log of a workflow: `::error::`, which has to
/// begin a line, and the older `##[error]` and `##vso[`.
enum LogCommands {
  /// Returns the line with a space in the beginning of each command.
  static func neutralized(_ line: String) -> String {
    let bytes = Array(line.utf8)
    return isSuspect(bytes) ? String(decoding: neutralized(bytes), as: UTF8.self) : line
  }

  /// Whether lines may contain a command.
  static func isSuspect(_ lines: some Collection<UInt8>) -> Bool {
    let (colon, hash) = (UInt8(ascii: ":"), UInt8(ascii: "#"))
    return zip(lines, lines.dropFirst()).contains { $0 == $1 && ($0 == colon || $0 == hash) }
  }

  /// Returns the lines with a space in the beginning of each command. Names such as `std::error::Error`
  /// do not change.
  static func neutralized(_ lines: [UInt8]) -> [UInt8] {
    if !isSuspect(lines) { return lines }
    return Array(
      lines.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        .map { neutralizedLine($0) }
        .joined(separator: [UInt8(ascii: "\n")]))
  }

  private static func neutralizedLine(_ line: ArraySlice<UInt8>) -> [UInt8] {
    let (colon, hash) = (UInt8(ascii: ":"), UInt8(ascii: "#"))
    func isPair(_ index: Int, of byte: UInt8) -> Bool {
      line[index] == byte && index + 1 < line.endIndex && line[index + 1] == byte
    }
    let lastColons = line.indices.last { isPair($0, of: colon) } ?? line.startIndex
    var safe: [UInt8] = []
    safe.reserveCapacity(line.count + 8)
    for index in line.indices {
      safe.append(line[index])
      if isPair(index, of: colon) {
        let name = line[(index + 2)...].prefix { $0.isAlphanumeric || $0 == UInt8(ascii: "-") }
        let isPartOfName = index > line.startIndex && line[index - 1].isWord
        if let first = name.first, !first.isDigit, lastColons >= name.endIndex, !isPartOfName {
          safe.append(UInt8(ascii: " "))
        }
      } else if index > line.startIndex, isPair(index - 1, of: hash) {
        let rest = line[(index + 1)...].drop { $0.isAlphanumeric }
        if rest.first == UInt8(ascii: "[") { safe.append(UInt8(ascii: " ")) }
      }
    }
    return safe
  }
}
