/// An amount of data in bytes, written as `8GiB` or `500MB`.
package struct ByteSize: Hashable, Comparable, Sendable {
  /// The number of bytes; 0 or more.
  package let bytes: Int64

  /// - Parameter bytes: 0 or more.
  package init(bytes: Int64) { self.bytes = bytes }

  /// Parses a whole number that is followed by at most one unit, without a space.
  ///
  /// `K`, `KiB` and similar units are powers of 1,024; `kB`, `KB` and similar units are powers of
  /// 1,000. The result is nil for any other text and for sizes that exceed `Int64`.
  package init?(parsing text: String) {
    let digits = text.utf8.prefix { UInt8(ascii: "0") <= $0 && $0 <= UInt8(ascii: "9") }
    guard let number = Int64(String(Substring(digits))),
      let unit = ByteSize.units[String(text.utf8.dropFirst(digits.count)) ?? "?"]
    else { return nil }
    let (bytes, overflow) = number.multipliedReportingOverflow(by: unit)
    if overflow { return nil }
    self.bytes = bytes
  }

  private static let units: [String: Int64] = [
    "": 1, "B": 1,
    "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40,
    "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40,
    "kB": 1_000, "KB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000, "TB": 1_000_000_000_000,
  ]

  package static func < (left: ByteSize, right: ByteSize) -> Bool { left.bytes < right.bytes }
}

extension ByteSize: CustomStringConvertible {
  /// The size for people: bytes below 1 KiB, otherwise the largest unit with one decimal
  /// ("2.0 GiB").
  package var description: String {
    var unit = 0
    // 1023.95 MiB would be rounded to 1024.0 MiB, so it is printed as 1.0 GiB.
    while unit < 4, Double(bytes) >= (1024 - 0.05) * Self.power(unit) { unit += 1 }
    if unit == 0 || bytes < 1024 { return "\(bytes) B" }
    let tenths = Int64((Double(bytes) / Self.power(unit) * 10).rounded())
    return "\(tenths / 10).\(tenths % 10) \(["B", "KiB", "MiB", "GiB", "TiB"][unit])"
  }

  private static func power(_ unit: Int) -> Double { Double(Int64(1) << (10 * Int64(unit))) }
}
