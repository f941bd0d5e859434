/// The lines below a secret name in YAML or JSON: a block of text, a list, a section, or the rest
/// of a long text. Every line that is indented further than the name belongs to the block.
struct SecretBlock {
  /// A secret name at the beginning of a line, whose value may continue on the following lines.
  struct Start: Equatable {
    /// The column of the name, in bytes from 0.
    var column: Int
    /// Whether the line ends after the name, so that a list may begin in the same column.
    var isEmpty: Bool
  }

  private var start: Start?

  mutating func begin(_ start: Start?) { self.start = start }

  /// Masks a line of the block; nil after the end of the block, or when there is none.
  mutating func masked(_ line: [UInt8]) -> [UInt8]? {
    guard let start else { return nil }
    let indent = line.prefix { $0.isBlank }.count
    if indent == line.count { return line }
    let isItem =
      line[indent] == UInt8(ascii: "-") && (indent + 1 == line.count || line[indent + 1].isBlank)
    if indent > start.column || (start.isEmpty && indent == start.column && isItem) {
      return maskedContent(of: line, from: indent)
    }
    self.start = nil
    return nil
  }

  /// Masks what follows the dashes and the name.
  private func maskedContent(of line: [UInt8], from indent: Int) -> [UInt8] {
    var start = indent
    while start + 1 < line.count, line[start] == UInt8(ascii: "-"), line[start + 1].isBlank {
      start += 1 + line[(start + 1)...].prefix { $0.isBlank }.count
    }
    let name = line[start...].prefix { $0.isWord || $0.isQuote }
    if !name.isEmpty, name.endIndex < line.count, line[name.endIndex] == UInt8(ascii: ":"),
      name.endIndex + 1 == line.count || line[name.endIndex + 1].isBlank
    {
      start = name.endIndex + 1
      start += line[start...].prefix { $0.isBlank }.count
    }
    let content = line[start...]
    if content.allSatisfy({ $0.isBlank || "{}[],".utf8.contains($0) }) { return line }
    return line[..<start] + Array(Secrets.mask.utf8)
  }
}
