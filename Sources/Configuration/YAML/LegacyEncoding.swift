internal import ReleaseModel
internal import Text

/// The encoding that a text which is not UTF-8 probably has.
enum LegacyEncoding: String {
  case utf16 = "UTF-16"
  /// The superset of GBK and GB2312.
  case chinese = "GB18030"
  case western = "ISO-8859-1"

  /// Guesses the encoding of a text.
  init(of bytes: [UInt8]) {
    let hasMark = bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
    self = hasMark ? .utf16 : Self.isChinese(bytes) ? .chinese : .western
  }

  /// Returns the hint that converts a file to UTF-8.
  func hint(_ file: String) -> Hint {
    let (old, new) = (file.shellQuoted, (file + ".utf8").shellQuoted)
    return Hint(
      "the text looks like \(rawValue); convert it to UTF-8",
      shell: "iconv -f \(rawValue) -t UTF-8 \(old) > \(new) && mv \(new) \(old)")
  }

  /// Whether all bytes above 127 form pairs of GBK, most of them with the high second byte that
  /// common characters have. After a letter of ISO-8859-1 an ASCII letter follows more often.
  private static func isChinese(_ bytes: [UInt8]) -> Bool {
    var (pairs, common) = (0, 0)
    var rest = bytes[...]
    while let first = rest.popFirst() {
      if first < 0x80 { continue }
      guard (0x81...0xFE).contains(first), let second = rest.popFirst(),
        (0x40...0xFE).contains(second), second != 0x7F
      else { return false }
      pairs += 1
      if first >= 0xA1, second >= 0xA1 { common += 1 }
    }
    return common >= 2 && common * 4 >= pairs * 3
  }
}
