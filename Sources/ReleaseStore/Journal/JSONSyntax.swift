/// Checks that bytes are one JSON value, see RFC 8259, without decoding them, which takes much longer.
///
/// A line of the history with a valid checksum may have been written by hand.
struct JSONSyntax {
  private let bytes: UnsafeRawBufferPointer
  private var position = 0
  /// How many arrays and objects may be inside each other.
  private static let depthLimit = 32

  private init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// Whether the bytes are one value without spaces, in UTF-8.
  static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var syntax = JSONSyntax(bytes)
    return syntax.skipValue(depth: 0) && syntax.position == bytes.count
      && String(validating: bytes, as: UTF8.self) != nil
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skip(_ byte: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: byte) else { return false }
    position += 1
    return true
  }

  private mutating func skipValue(depth: Int) -> Bool {
    switch next {
    case UInt8(ascii: "\""): skipString()
    case UInt8(ascii: "{"): depth < Self.depthLimit && skipMembers("}", depth, areNamed: true)
    case UInt8(ascii: "["): depth < Self.depthLimit && skipMembers("]", depth, areNamed: false)
    case UInt8(ascii: "t"): skipWord("true")
    case UInt8(ascii: "f"): skipWord("false")
    case UInt8(ascii: "n"): skipWord("null")
    default: skipNumber()
    }
  }

  private mutating func skipMembers(
    _ end: Unicode.Scalar, _ depth: Int, areNamed: Bool
  ) -> Bool {
    position += 1
    if skip(end) { return true }
    repeat {
      if areNamed { guard skipString(), skip(":") else { return false } }
      guard skipValue(depth: depth + 1) else { return false }
    } while skip(",")
    return skip(end)
  }

  private mutating func skipString() -> Bool {
    guard skip("\"") else { return false }
    while let byte = next {
      position += 1
      if byte == UInt8(ascii: "\"") { return true }
      if byte < 0x20 { return false }
      guard byte == UInt8(ascii: "\\") else { continue }
      guard let escape = next else { return false }
      position += 1
      if escape == UInt8(ascii: "u") {
        for _ in 0..<4 {
          guard let digit = next, Self.isHexadecimal(digit) else { return false }
          position += 1
        }
      } else if !#""\/bfnrt"#.utf8.contains(escape) {
        return false
      }
    }
    return false
  }

  private mutating func skipWord(_ word: StaticString) -> Bool {
    let end = position + word.utf8CodeUnitCount
    guard end <= bytes.count,
      bytes[position..<end].elementsEqual(
        UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    else { return false }
    position = end
    return true
  }

  private mutating func skipNumber() -> Bool {
    _ = skip("-")
    if !skip("0") { guard skipDigits() else { return false } }
    if skip(".") { guard skipDigits() else { return false } }
    if skip("e") || skip("E") {
      if !skip("+") { _ = skip("-") }
      return skipDigits()
    }
    return true
  }

  /// Skips digits; false when there are none.
  private mutating func skipDigits() -> Bool {
    let start = position
    while let byte = next, (0x30...0x39).contains(byte) { position += 1 }
    return position > start
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte)
      || (0x61...0x66).contains(byte)
  }
}
