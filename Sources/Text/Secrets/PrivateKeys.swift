/// Blocks between `-----BEGIN … PRIVATE KEY-----` and its end, see RFC 7468; also where the text has
/// only one of the two, since a log was cut there, and where all of it stands on one line.
struct PrivateKeys {
  /// The text so far. An end without a beginning takes back what is before it.
  var lines: [[UInt8]] = []
  /// How many more lines may belong to the block; 0 outside.
  private var left = 0

  /// More lines than any key has.
  private static let longest = 200
  /// In characters; only the last line of a key is shorter.
  private static let narrowest = 40
  private static let begin = Array("-----BEGIN ".utf8)
  private static let end = Array("-----END ".utf8)

  /// The next line without what of it belongs to a key.
  mutating func take(_ line: [UInt8]) -> [UInt8] {
    var masked: [UInt8] = []
    var rest = line[...]
    if left > 0 {
      left -= 1
      guard let end = Self.marker(Self.end, in: rest) else { return Self.hidden(rest) }
      left = 0
      masked = Self.hidden(rest[..<end.lowerBound]) + rest[end]
      rest = rest[end.upperBound...]
    } else if let end = Self.marker(Self.end, in: rest),
      Self.marker(Self.begin, in: rest[..<end.lowerBound]) == nil
    {
      takeBack()
      masked = Self.withoutLastWord(rest[..<end.lowerBound]) + rest[end]
      rest = rest[end.upperBound...]
    }
    while let begin = Self.marker(Self.begin, in: rest) {
      masked += rest[..<begin.upperBound]
      rest = rest[begin.upperBound...]
      guard let end = Self.marker(Self.end, in: rest) else {
        left = Self.longest
        return masked + Self.hidden(rest)
      }
      masked += Self.hidden(rest[..<end.lowerBound]) + rest[end]
      rest = rest[end.upperBound...]
    }
    return masked + rest
  }

  /// Masks the lines of a key whose beginning is missing.
  private mutating func takeBack() {
    var narrowest = 1
    for index in lines.indices.suffix(Self.longest).reversed() {
      let word = Self.lastWord(of: lines[index][...])
      guard word.count >= narrowest, Self.isContent(word) else { return }
      lines[index] = Self.withoutLastWord(lines[index][...])
      narrowest = Self.narrowest
    }
  }

  private static func hidden(_ content: ArraySlice<UInt8>) -> [UInt8] {
    let indent = content.prefix { $0.isBlank }
    return indent.count == content.count ? Array(content) : indent + Array(Secrets.mask.utf8)
  }

  /// A line of a log begins with when and where; the key is at its end.
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

  /// Base64; line ends may be spelled as escapes.
  private static func isContent(_ word: ArraySlice<UInt8>) -> Bool {
    !word.isEmpty && word.allSatisfy { $0.isAlphanumeric || "+/=\\".utf8.contains($0) }
  }

  /// The first marker of a private key.
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
      // No label is longer.
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
