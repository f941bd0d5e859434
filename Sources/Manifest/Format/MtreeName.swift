/// Encodes names as in mtree(5): a byte that is not plain becomes a backslash and three octal
/// digits; see vis(3).
enum MtreeName {
  /// Appends an encoded name.
  static func append(_ name: String, to text: inout [UInt8]) {
    for byte in name.utf8 {
      if isPlain(byte) {
        text.append(byte)
      } else {
        text.append(UInt8(ascii: "\\"))
        for shift in [6, 3, 0] { text.append(UInt8(ascii: "0") + (byte >> UInt8(shift)) & 7) }
      }
    }
  }

  /// Decodes a name; nil when `append` would not write it, or it is not UTF-8.
  static func decode(_ bytes: ManifestText) -> String? {
    guard bytes.position(of: UInt8(ascii: "\\")) != nil else {
      return String(validating: UnsafeBufferPointer(rebasing: bytes), as: UTF8.self)
    }
    var decoded: [UInt8] = []
    var rest = bytes
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\") else {
        decoded.append(byte)
        continue
      }
      let digits = rest.prefix(3)
      guard digits.count == 3, digits.allSatisfy({ (0x30...0x37).contains($0) }) else { return nil }
      let value = digits.reduce(0) { $0 * 8 + Int($1 - 0x30) }
      guard (1...255).contains(value) else { return nil }
      decoded.append(UInt8(value))
      rest.removeFirst(3)
    }
    return String(validating: decoded, as: UTF8.self)
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "\\"), UInt8(ascii: "#"), UInt8(ascii: "="), UInt8(ascii: "*"),
      UInt8(ascii: "?"), UInt8(ascii: "["):
      false
    default: (0x21...0x7E).contains(byte)
    }
  }
}
