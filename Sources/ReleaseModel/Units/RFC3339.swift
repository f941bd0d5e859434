package import FoundationEssentials

/// Times in the store and in all reports are in RFC 3339, UTC, in whole seconds, such as
/// "2025-11-03T06:34:45Z".
///
/// The conversion uses only arithmetic: the library's format style first sets up a calendar, time
/// zones and a locale, which takes a command longer than all its other work.
extension Date {
  private static let secondsPerDay = 86_400
  /// The times that the format can express: 0000-01-01T00:00:00Z to 9999-12-31T23:59:59Z.
  private static let expressible = -62_167_219_200.0...253_402_300_799.0
  /// The number of days in 400 years, after which the calendar repeats.
  private static let daysPerEra = 146_097
  /// The number of days from March 1 of the year 0, when an era begins, to January 1, 1970.
  private static let daysToEpoch = 719_468

  /// The time in RFC 3339, rounded down to a second and clamped to the years 0 to 9999.
  package var rfc3339: String {
    let range = Self.expressible
    let seconds = Int(
      min(max(timeIntervalSince1970, range.lowerBound), range.upperBound).rounded(.down))
    var days = seconds / Self.secondsPerDay
    var second = seconds % Self.secondsPerDay
    if second < 0 { (days, second) = (days - 1, second + Self.secondsPerDay) }
    let (year, month, day) = Self.civil(days: days)
    return "\(digits(year, 4))-\(digits(month))-\(digits(day))T"
      + "\(digits(second / 3600)):\(digits(second / 60 % 60)):\(digits(second % 60))Z"
  }

  /// Parses a time in the form that ``rfc3339`` has. The result is nil for any other form and for
  /// invalid dates. A leap second counts as the second after it.
  package init?(rfc3339 text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count == 20 else { return nil }
    for (place, mark) in [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":"), (19, "Z")] {
      guard bytes[place] == mark.utf8.first else { return nil }
    }
    func number(_ range: Range<Int>) -> Int? {
      var number = 0
      for byte in bytes[range] {
        guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
        number = number * 10 + Int(byte - UInt8(ascii: "0"))
      }
      return number
    }
    guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
      let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
      (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60
    else { return nil }
    let days = Self.days(year: year, month: month, day: day)
    guard Self.civil(days: days) == (year, month, day) else { return nil }
    let seconds = days * Self.secondsPerDay + hour * 3600 + minute * 60 + second
    self.init(timeIntervalSince1970: Double(seconds))
  }

  /// Returns the number of days since 1970 of a date in the proleptic Gregorian calendar.
  /// Internally years begin in March, so that the leap day is the last day of its year.
  private static func days(year: Int, month: Int, day: Int) -> Int {
    let year = month <= 2 ? year - 1 : year
    let era = (year >= 0 ? year : year - 399) / 400
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * daysPerEra + dayOfEra - daysToEpoch
  }

  private static func civil(days: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = days + daysToEpoch
    let era = (shifted >= 0 ? shifted : shifted - daysPerEra + 1) / daysPerEra
    let dayOfEra = shifted - era * daysPerEra
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
  }
}

private func digits(_ number: Int, _ width: Int = 2) -> String {
  let text = String(number)
  return String(repeating: "0", count: max(0, width - text.count)) + text
}
