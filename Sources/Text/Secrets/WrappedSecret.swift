/// Finds a secret that the end of a line has split: a program that wraps its lines, or overwrites them with
/// carriage returns, writes a part of it, or of its name, on the next line.
struct WrappedSecret {
  /// How much of both lines is looked at, in bytes.
  private static let window = 256

  /// The end of the line before, as it was written.
  private var end: [UInt8] = []

  /// Masks the parts of a secret at the end of the last line and at the beginning of the next one.
  ///
  /// - Parameters:
  ///   - line: the next line.
  ///   - lines: the lines before, in which secrets are masked.
  mutating func mask(in line: inout [UInt8], _ lines: inout [[UInt8]]) {
    let end = self.end
    self.end = Array(line.suffix(Self.window))
    let start = line.prefix(Self.window).prefix { !$0.isBlank }
    // A program that wraps a word does not change the color in it.
    guard let last = end.last, !last.isBlank, !start.isEmpty, !start.contains(where: { $0 < 0x20 })
    else { return }
    var scanner = SecretScanner(end + start)
    scanner.scan()
    // The beginning of the next line is a part of the secret only if it is no word of a language: what
    // comes after a whole secret begins a line of its own.
    guard let secret = scanner.secrets.first(where: { $0.upperBound > end.count }),
      Self.isPart(scanner.line[max(end.count, secret.lowerBound)..<secret.upperBound])
    else { return }
    let mask = Array(Secrets.mask.utf8)
    let first = max(0, secret.lowerBound - end.count)
    line.replaceSubrange(first..<(secret.upperBound - end.count), with: mask)
    let before = end[min(secret.lowerBound, end.count)...]
    if !before.isEmpty, let last = lines.indices.last, lines[last].suffix(before.count) == before {
      lines[last].replaceSubrange((lines[last].count - before.count)..., with: mask)
    }
  }

  /// Whether a word may be a part of a generated or made-up secret.
  private static func isPart(_ word: ArraySlice<UInt8>) -> Bool {
    word.count >= 4 && word.contains(where: \.isDigit) && word.contains { $0.isLetter }
      && word.allSatisfy(\.isTokenCharacter)
      && !Randomness.isVersion(word) && !Randomness.isDimension(word) && !Randomness.isAddress(word)
  }
}
