/// Turns arbitrary bytes into lines that can be searched and displayed.
package enum LegibleText {
  private static let escape: UInt8 = 0x1B

  /// Removes terminal escape sequences, which could separate a secret from its name. Control
  /// characters other than tabs and line ends become question marks.
  package static func clean(_ bytes: [UInt8]) -> [UInt8] {
    var clean: [UInt8] = []
    clean.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      switch byte {
      case escape: index = endOfSequence(bytes, from: index)
      case UInt8(ascii: "\r") where index < bytes.count && bytes[index] == UInt8(ascii: "\n"): break
      case UInt8(ascii: "\n"), UInt8(ascii: "\t"): clean.append(byte)
      case 0..<0x20, 0x7F: clean.append(UInt8(ascii: "?"))
      default: clean.append(byte)
      }
    }
    return clean
  }

  /// Finds the end of a control sequence: parameters, then one letter, see ECMA-48, 5.4.
  private static func endOfSequence(_ bytes: [UInt8], from start: Int) -> Int {
    guard start < bytes.count, bytes[start] == UInt8(ascii: "[") else { return start }
    let parameters = bytes[(start + 1)...].prefix(64).prefix { (0x20...0x3F).contains($0) }
    let end = parameters.endIndex
    return end < bytes.count && (0x40...0x7E).contains(bytes[end]) ? end + 1 : end
  }

  /// Returns as many complete lines from the beginning as fit into `limit` bytes, and a last line
  /// that says how many bytes were omitted.
  package static func beginning(_ bytes: [UInt8], atMost limit: Int) -> [UInt8] {
    guard bytes.count > limit else { return bytes }
    let complete = bytes[..<limit].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    return bytes[..<complete] + Array("[\(bytes.count - complete) more bytes omitted]\n".utf8)
  }

  /// Returns the last `count` lines.
  package static func lastLines(_ count: Int, of bytes: [UInt8]) -> [UInt8] {
    var start = bytes.count
    if bytes.last == UInt8(ascii: "\n") { start -= 1 }
    for _ in 0..<count {
      guard let end = bytes[..<start].lastIndex(of: UInt8(ascii: "\n")) else { return bytes }
      start = end
    }
    return Array(bytes[(start + 1)...])
  }
}
