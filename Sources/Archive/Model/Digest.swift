/// A SHA-256 digest, see FIPS 180-4.
package struct Digest: Hashable, Sendable {
  /// The size of a digest in bytes.
  static let size = 32

  /// The bytes, most significant first. They are stored inline, so that a digest needs no
  /// allocation.
  private let words: Words

  private struct Words: Hashable, Sendable {
    var first: UInt64 = 0
    var second: UInt64 = 0
    var third: UInt64 = 0
    var fourth: UInt64 = 0
  }

  /// Makes a placeholder that consists of zeros. No known content has this digest.
  init() { words = Words() }

  /// Copies a digest.
  ///
  /// - Parameter bytes: exactly ``size`` bytes.
  init(_ bytes: UnsafeRawBufferPointer) {
    var words = Words()
    withUnsafeMutableBytes(of: &words) { $0.copyMemory(from: bytes) }
    self.words = words
  }

  /// Parses 64 hexadecimal digits of either case. Returns nil for any other text.
  package init?(hex: some StringProtocol) {
    let digest = Array(hex.utf8).withUnsafeBufferPointer { Digest(hexDigits: $0) }
    guard let digest else { return nil }
    self = digest
  }

  /// Parses 64 hexadecimal digits of either case. Returns nil for any other bytes.
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

  /// The digest as 64 lower-case hexadecimal digits.
  package var hex: String {
    String(unsafeUninitializedCapacity: Self.size * 2) { text in
      putHex(into: text)
      return Self.size * 2
    }
  }

  /// Appends the digest as 64 lower-case hexadecimal digits.
  package func appendHex(to text: inout [UInt8]) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.size * 2) { digits in
      putHex(into: digits)
      text.append(contentsOf: digits)
    }
  }

  /// The bytes, most significant first.
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

/// Returns the value of a hexadecimal digit, or more than 15 for any other byte. It has no
/// branches, since the processor can't predict them for digests.
private func hexValue(_ digit: UInt8) -> UInt8 {
  let decimal = digit &- UInt8(ascii: "0")
  let letter = (digit | 0x20) &- UInt8(ascii: "a")
  return decimal < 10 ? decimal : letter < 6 ? letter + 10 : .max
}
