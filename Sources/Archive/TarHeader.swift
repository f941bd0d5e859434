internal import Linux

/// One 512-byte header block of a tar archive: v7, ustar (POSIX.1-1988) or old GNU.
struct TarHeader {
  static let blockSize = 512

  private let block: [UInt8]
  let size: Int64

  /// Nil for a block that is no header: wrong checksum or malformed numbers.
  init?(_ block: [UInt8]) {
    self.block = block
    guard let sum = TarNumber.parse(block[148..<156]), TarHeader.hasSum(sum, block),
      let size = TarNumber.parse(block[124..<136]), size >= 0
    else { return nil }
    self.size = size
  }

  /// The kind of member or of extension.
  var type: Character { Character(UnicodeScalar(block[156])) }
  var linkTarget: [UInt8] { text(157..<257) }
  var mode: FileMode {
    FileMode(truncatingIfNeeded: TarNumber.parse(block[100..<108]) ?? 0) & 0o7777
  }
  /// Since 1970, in seconds; nil when malformed.
  var modified: Int64? { TarNumber.parse(block[136..<148]) }

  /// Only POSIX has the prefix; GNU keeps other things there.
  var name: [UInt8] {
    let name = text(0..<100)
    guard block[257..<263].elementsEqual(Array("ustar\0".utf8)) else { return name }
    let prefix = text(345..<500)
    return prefix.isEmpty ? name : prefix + [UInt8(ascii: "/")] + name
  }

  /// Of old GNU sparse members (type S): four map entries, whether more follow, the full size.
  var sparseMap: ArraySlice<UInt8> { block[386..<482] }
  var sparseMapGoesOn: Bool { block[482] != 0 }
  var sparseSize: Int64? { TarNumber.parse(block[483..<495]) }

  private func text(_ range: Range<Int>) -> [UInt8] {
    Array(block[range].prefix { $0 != 0 })
  }

  /// Historic programs added signed bytes.
  private static func hasSum(_ sum: Int64, _ block: [UInt8]) -> Bool {
    var unsigned: Int64 = 0
    var signed: Int64 = 0
    for (index, byte) in block.enumerated() {
      let counted = (148..<156).contains(index) ? UInt8(ascii: " ") : byte
      unsigned += Int64(counted)
      signed += Int64(Int8(bitPattern: counted))
    }
    return sum == unsigned || sum == signed
  }
}

/// Numbers as tar writes them.
enum TarNumber {
  /// Octal digits between optional spaces, ended by a space or NUL; or GNU's base 256. An empty
  /// field is 0; nil for anything else.
  static func parse(_ field: ArraySlice<UInt8>) -> Int64? {
    guard let first = field.first else { return nil }
    if first & 0x80 != 0 { return base256(field) }
    let digits = field.drop { $0 == UInt8(ascii: " ") }
    var value: Int64 = 0
    for (index, byte) in zip(digits.indices, digits) {
      if byte == 0 || byte == UInt8(ascii: " ") {
        return digits[index...].allSatisfy { $0 == 0 || $0 == UInt8(ascii: " ") } ? value : nil
      }
      guard (0x30...0x37).contains(byte) else { return nil }
      value = value << 3 | Int64(byte & 7)
    }
    return value
  }

  /// Two's complement with the top bit set as the mark.
  private static func base256(_ field: ArraySlice<UInt8>) -> Int64? {
    let isNegative = field.first == 0xFF
    guard isNegative || field.first == 0x80 else { return nil }
    var value: Int64 = isNegative ? -1 : 0
    for byte in field.dropFirst() {
      let (shifted, overflow) = value.multipliedReportingOverflow(by: 256)
      if overflow { return nil }
      value = shifted | Int64(byte)
    }
    return value
  }

  /// Decimal digits only; nil for anything else and beyond 64 bits.
  static func decimal(_ digits: some Collection<UInt8>) -> Int64? {
    guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int64(String(decoding: Array(digits), as: UTF8.self))
  }
}
