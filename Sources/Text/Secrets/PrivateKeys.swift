/// Masks private keys between `-----BEGIN … PRIVATE KEY-----` and the end marker, see RFC 7468. A
/// key is also found when one marker is missing, as in a truncated log, and when it is on one line.
struct PrivateKeys {
  /// The masked lines so far. When an end marker has no begin marker, the lines before it are
  /// masked afterwards.
  var lines: [[UInt8]] = []
  /// How many more lines may belong to the current key; 0 outside of a key.
  private var remainingLines = 0

  /// The maximum number of lines of a key; no key has as many.
  private static let maximumLines = 200
  /// The minimum length of a key's lines in characters, except for the last line.
  private static let minimumLength = 40
  private static let begin = Array("-----BEGIN ".utf8)
  private static let end = Array("-----END ".utf8)

  /// Returns the next line, in which everything that belongs to a key is masked.
  mutating func masked(_ line: [UInt8]) -> [UInt8] {
    var masked: [UInt8] = []
    var rest = line[...]
    if remainingLines > 0 {
      remainingLines -= 1
      guard let end = Self.marker(Self.end, in: rest) else { return Self.hidden(rest) }
      remainingLines = 0
      masked = Self.hidden(rest[..<end.lowerBound]) + rest[end]
      rest = rest[end.upperBound...]
    } else if let end = Self.marker(Self.end, in: rest),
      Self.marker(Self.begin, in: rest[..<end.lowerBound]) == nil
    {
      maskPrecedingLines()
      masked = Self.withoutLastWord(rest[..<end.lowerBound]) + rest[end]
      rest = rest[end.upperBound...]
    }
    while let begin = Self.marker(Self.begin, in: rest) {
      masked += rest[..<begin.upperBound]
      rest = rest[begin.upperBound...]
      guard let end = Self.marker(Self.end, in: rest) else {
        remainingLines = Self.maximumLines
        return masked + Self.hidden(rest)
      }
      masked += Self.hidden(rest[..<end.lowerBound]) + rest[end]
      rest = rest[end.upperBound...]
    }
    return masked + rest
  }

  /// Masks the lines of a key whose begin marker is missing.
  private mutating func maskPrecedingLines() {
    var minimumLength = 1
    for index in lines.indices.suffix(Self.maximumLines).reversed() {
      let word = Self.lastWord(of: lines[index][...])
      guard word.count >= minimumLength, Self.isContent(word) else { return }
      lines[index] = Self.withoutLastWord(lines[index][...])
      minimumLength = Self.minimumLength
    }
  }

  private static func hidden(_ content: ArraySlice<UInt8>) -> [UInt8] {
    let indent = content.prefix { $0.isBlank }
    return indent.count == content.count ? Array(content) : indent + Array(Secrets.mask.utf8)
  }

  /// Masks the last word of a line. In a log, the time and the source come before the key.
  private static func withoutLastWord(_ line: ArraySlice<UInt8>) -> [UInt8] {
    let word = lastWord(of: line)
    guard isContent(word) else { return Array(line) }
    return line[..<word.startIndex] + Array(Secrets.mask.utf8) + line[word.endIndex...]
  }

  private static func lastWord(of line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var end = line.endIndex
    while end > line.startIndex, line[end - 1].isBlank { end -= 1 }
    var start = end
    while start > line.startIndex, !line[start - 1].isBlank { start -= 1 }
    return line[start..<end]
  }

  /// Whether a word may be Base64, possibly with escaped line ends.
  private static func isContent(_ word: ArraySlice<UInt8>) -> Bool {
    !word.isEmpty && word.allSatisfy { $0.isAlphanumeric || "+/=\\".utf8.contains($0) }
  }

  /// Finds the first begin or end marker of a private key.
  private static func marker(
    _ opening: [UInt8], in line: ArraySlice<UInt8>
  ) -> Range<Int>? {
    var rest = line
    while let dash = rest.firstIndex(of: UInt8(ascii: "-")) {
      rest = rest[dash...]
      guard rest.starts(with: opening) else {
        rest = rest.dropFirst()
        continue
      }
      // No label is longer than 40 characters.
      let label = rest.dropFirst(opening.count).prefix(40).prefix {
        $0.isAlphanumeric || $0 == UInt8(ascii: " ")
      }
      let isPrivate = String(decoding: label, as: UTF8.self).contains("PRIVATE KEY")
      if isPrivate, line[label.endIndex...].starts(with: "-----".utf8) {
        return dash..<(label.endIndex + 5)
      }
      rest = rest[label.endIndex...]
    }
    return nil
  }
}
