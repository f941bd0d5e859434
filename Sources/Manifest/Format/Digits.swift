/// Writes numbers as text without making a string for each number.
enum Digits {
  /// Appends a number with at least `count` digits and leading zeros.
  static func append(
    _ number: UInt64, radix: UInt64 = 10, count: Int = 1, to text: inout [UInt8]
  ) {
    let start = text.count
    var rest = number
    repeat {
      text.append(UInt8(ascii: "0") + UInt8(rest % radix))
      rest /= radix
    } while rest > 0 || text.count - start < count
    text[start...].reverse()
  }
}
