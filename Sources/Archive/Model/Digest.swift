/// A finished SHA-256 value.
package struct Digest: Hashable, Sendable {
  /// In bytes.
  static let size = 32

  /// The bytes, most significant first: in place, so that many digests are no more objects.
  private let words: Words

  private struct Words: Hashable, Sendable {
    var first: UInt64 = 0
    var second: UInt64 = 0
    var third: UInt64 = 0
    var fourth: UInt64 = 0
  }

  /// All zeros, which nobody knows any content of.
  init() { words = Words() }

  /// - Parameter bytes: ``size`` of them.
  init(_ bytes: UnsafeRawBufferPointer) {
    var words = Words()
    withUnsafeMutableBytes(of: &words) { $0.copyMemory(from: bytes) }
    self.words = words
  }

  /// Reads 64 hexadecimal digits, of either case; nil for anything else.
  package init?(hex: some StringProtocol) {
    let digest = Array(hex.utf8).withUnsafeBufferPointer { Digest(hexDigits: $0) }
    guard let digest else { return nil }
    self = digest
  }

  /// Reads 64 hexadecimal digits, of either case; nil for anything else.
  package init?(hexDigits digits: UnsafeBufferPointer<UInt8>) {
    guard digits.count == Digest.size * 2 else { return nil }
    var words = Words()
    let isHex = withUnsafeMutableBytes(of: &words) { bytes in
      var isHex = true
      for index in 0..<Digest.size {
        let (high, low) = (hexValue(digits[2 * index]), hexValue(digits[2 * index + 1]))
        bytes[index] = high << 4 | low & 15
        isHex = isHex && high <= 15 && low <= 15
      }
      return isHex
    }
    guard isHex else { return nil }
    self.words = words
  }

  /// 64 lower-case hexadecimal digits.
  package var hex: String {
    String(unsafeUninitializedCapacity: Self.size * 2) { text in
      putHex(into: text)
      return Self.size * 2
    }
  }

  /// Appends 64 lower-case hexadecimal digits.
  package func appendHex(to text: inout [UInt8]) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.size * 2) { digits in
      putHex(into: digits)
      text.append(contentsOf: digits)
    }
  }

  /// Most significant first.
  package var bytes: [UInt8] { withBytes { Array($0) } }

  func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    withUnsafeBytes(of: words, body)
  }

  private func putHex(into text: UnsafeMutableBufferPointer<UInt8>) {
    withBytes { bytes in
      for (index, byte) in bytes.enumerated() {
        text[2 * index] = hexDigit(byte >> 4)
        text[2 * index + 1] = hexDigit(byte & 15)
      }
    }
  }
}

private func hexDigit(_ value: UInt8) -> UInt8 {
  value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
}

/// More than 15 for what is no digit. Without branches, which nobody could predict.
private func hexValue(_ digit: UInt8) -> UInt8 {
  let decimal = digit &- UInt8(ascii: "0")
  let letter = (digit | 0x20) &- UInt8(ascii: "a")
  return decimal < 10 ? decimal : letter < 6 ? letter + 10 : .max
}
