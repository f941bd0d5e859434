/// Reads escaped characters of URLs, JSON and HTML.
enum EscapedCharacters {
  private static let entities: [([UInt8], UInt8)] = [
    ("&quot;", 0x22), ("&#34;", 0x22), ("&apos;", 0x27), ("&#39;", 0x27), ("&amp;", 0x26),
    ("&#61;", 0x3D), ("&#58;", 0x3A), ("&lt;", 0x3C), ("&gt;", 0x3E), ("&#x27;", 0x27),
    ("&#x22;", 0x22),
  ].map { (Array($0.0.utf8), $0.1) }

  static func character(in line: [UInt8], at index: Int) -> (UInt8, Int)? {
    switch line[index] {
    case UInt8(ascii: "%"):
      var start = index + 1
      // The percent sign itself may be escaped.
      while line[start...].starts(with: "25"), start + 3 < line.count, start < index + 7,
        value(line, start + 2) != nil
      {
        start += 2
      }
      return value(line, start).map { ($0 < 0x20 ? 0x20 : $0, start + 2 - index) }
    case UInt8(ascii: "\\"):
      guard line[index...].starts(with: "\\u00") || line[index...].starts(with: "\\x") else {
        return nil
      }
      let start = index + (line[index + 1] == UInt8(ascii: "u") ? 4 : 2)
      guard let byte = value(line, start), (0x20..<0x7F).contains(byte) else { return nil }
      return (byte, start + 2 - index)
    case UInt8(ascii: "&"):
      return entities.first { line[index...].starts(with: $0.0) }.map { ($0.1, $0.0.count) }
    default: return nil
    }
  }

  private static func value(_ line: [UInt8], _ start: Int) -> UInt8? {
    guard start + 1 < line.count, line[start].isHexadecimal, line[start + 1].isHexadecimal else {
      return nil
    }
    func digit(_ byte: UInt8) -> UInt8 { byte.isDigit ? byte - 0x30 : byte.lowercased - 0x61 + 10 }
    return digit(line[start]) * 16 + digit(line[start + 1])
  }
}
