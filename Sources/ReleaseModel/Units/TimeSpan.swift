/// A length of time in whole seconds, written as `7d`, `90s` or `1h30m`.
package struct TimeSpan: Hashable, Comparable, Sendable {
  /// The number of seconds; 0 or more.
  package let seconds: Int64

  /// - Parameter seconds: 0 or more.
  package init(seconds: Int64) { self.seconds = seconds }

  /// The longest time span that can be parsed: a thousand years, which can be added to any date
  /// without overflow.
  package static let longest = TimeSpan(seconds: 365_250 * 86_400)

  /// Parses numbers with the units `w`, `d`, `h`, `m` and `s`, each at most once and in this order.
  /// The number 0 needs no unit.
  ///
  /// The result is nil for any other text and for more than ``longest``.
  package init?(parsing text: String) {
    if text == "0" {
      self.init(seconds: 0)
      return
    }
    var rest = text.utf8[...]
    var units = TimeSpan.units[...]
    var total: Int64 = 0
    repeat {
      let digits = rest.prefix { UInt8(ascii: "0") <= $0 && $0 <= UInt8(ascii: "9") }
      rest = rest.dropFirst(digits.count)
      guard let number = Int64(String(Substring(digits))), let letter = rest.popFirst(),
        let index = units.firstIndex(where: { $0.letter == letter })
      else { return nil }
      let (product, tooMuch) = number.multipliedReportingOverflow(by: units[index].seconds)
      let (sum, overflow) = total.addingReportingOverflow(product)
      if tooMuch || overflow || sum > TimeSpan.longest.seconds { return nil }
      total = sum
      units = units[(index + 1)...]
    } while !rest.isEmpty
    self.init(seconds: total)
  }

  private static let units: [(letter: UInt8, seconds: Int64)] = [
    (UInt8(ascii: "w"), 604_800), (UInt8(ascii: "d"), 86_400), (UInt8(ascii: "h"), 3_600),
    (UInt8(ascii: "m"), 60), (UInt8(ascii: "s"), 1),
  ]

  package static func < (left: TimeSpan, right: TimeSpan) -> Bool {
    left.seconds < right.seconds
  }
}

extension TimeSpan: CustomStringConvertible {
  /// The time span in days and smaller units, such as "7d", "1h30m" or "0s". It can be parsed
  /// again.
  package var description: String {
    var rest = seconds
    var text = ""
    // Weeks are not used: "14d" is easier to compare with "7d" than "2w".
    for unit in TimeSpan.units.dropFirst() where rest >= unit.seconds {
      text += "\(rest / unit.seconds)\(Unicode.Scalar(unit.letter))"
      rest %= unit.seconds
    }
    return text.isEmpty ? "0s" : text
  }
}

/// Formats a duration for people, such as "0.2s", "12s" or "3m5s".
package func elapsed(_ seconds: Double) -> String {
  let tenths = Int64((min(max(seconds, 0), Double(TimeSpan.longest.seconds)) * 10).rounded())
  if tenths < 100 { return "\(tenths / 10).\(tenths % 10)s" }
  return TimeSpan(seconds: (tenths + 5) / 10).description
}
