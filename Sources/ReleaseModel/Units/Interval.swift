/// A pause in milliseconds, written like a time span, or as `500ms` or `0.5s`.
package struct Interval: Hashable, Sendable {
  /// The number of milliseconds; 0 or more.
  package let milliseconds: Int64

  /// - Parameter milliseconds: 0 or more.
  package init(milliseconds: Int64) { self.milliseconds = milliseconds }

  /// - Parameter seconds: 0 or more.
  package init(seconds: Int64) { self.init(milliseconds: seconds * 1000) }

  /// The length in seconds.
  package var seconds: Double { Double(milliseconds) / 1000 }

  /// Parses whole milliseconds (`500ms`), seconds with up to three decimals (`0.5s`), or a
  /// ``TimeSpan``. The result is nil for any other text.
  package init?(parsing text: String) {
    if let span = TimeSpan(parsing: text) {
      self.init(seconds: span.seconds)
      return
    }
    if text.hasSuffix("ms") {
      guard let number = Self.digits(text.dropLast(2)) else { return nil }
      self.init(milliseconds: number)
      return
    }
    let parts = text.dropLast().split(separator: ".", omittingEmptySubsequences: false)
    guard text.hasSuffix("s"), parts.count == 2, (1...3).contains(parts[1].utf8.count),
      let whole = Self.digits(parts[0]), let decimals = Self.digits(parts[1])
    else { return nil }
    let scale: Int64 = [100, 10, 1][parts[1].utf8.count - 1]
    self.init(milliseconds: whole * 1000 + decimals * scale)
  }

  /// Parses at most 12 decimal digits, so that the result can't overflow.
  private static func digits(_ text: Substring) -> Int64? {
    guard (1...12).contains(text.utf8.count),
      text.utf8.allSatisfy({ UInt8(ascii: "0") <= $0 && $0 <= UInt8(ascii: "9") })
    else { return nil }
    return Int64(text)
  }
}

extension Interval: CustomStringConvertible {
  /// The pause as a time span, or in milliseconds if it has a fraction of a second.
  package var description: String {
    milliseconds % 1000 == 0
      ? TimeSpan(seconds: milliseconds / 1000).description : "\(milliseconds)ms"
  }
}
