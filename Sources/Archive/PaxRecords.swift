internal import Linux

/// The records of one pax extended header (POSIX.1-2001): `length key=value\n`, again and again.
struct PaxRecords {
  private(set) var records: [(key: String, value: [UInt8])] = []

  /// Nil when malformed.
  init?(_ payload: [UInt8]) {
    var rest = payload[...]
    while !rest.isEmpty {
      guard let space = rest.prefix(20).firstIndex(of: UInt8(ascii: " ")),
        let length = TarNumber.decimal(rest[..<space]).flatMap(Int.init(exactly:)),
        length > space - rest.startIndex, length <= rest.count
      else { return nil }
      let record = rest[space + 1..<rest.startIndex + length]
      guard record.last == UInt8(ascii: "\n"),
        let equals = record.firstIndex(of: UInt8(ascii: "=")), equals > record.startIndex,
        let key = String(validating: record[..<equals], as: UTF8.self)
      else { return nil }
      records.append((key, Array(record[(equals + 1)...].dropLast())))
      rest = rest[(rest.startIndex + length)...]
    }
  }

  /// The one value of a key that must not be there twice: POSIX lets the last one win, not
  /// every reader does.
  func value(_ key: String) throws(ArchiveError) -> [UInt8]? {
    let values = records.filter { $0.key == key }
    if values.count > 1 { throw ArchiveError(.rejected(.ambiguousHeader)) }
    return values.first?.value
  }

  /// A decimal number; throws when it is none.
  func number(_ key: String) throws(ArchiveError) -> Int64? {
    guard let digits = try value(key) else { return nil }
    guard let number = TarNumber.decimal(digits) else {
      throw ArchiveError(.unreadable("the pax header '\(displayed(key.utf8))' is no number"))
    }
    return number
  }

  /// Seconds with an optional fraction; nil when absent or malformed.
  func time(_ key: String) throws(ArchiveError) -> FileTime? {
    guard let text = try value(key) else { return nil }
    let isNegative = text.first == UInt8(ascii: "-")
    let parts = text.dropFirst(isNegative ? 1 : 0).split(
      separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
    guard let whole = parts.first, let seconds = TarNumber.decimal(whole) else { return nil }
    var nanoseconds: Int64 = 0
    if parts.count == 2 {
      let digits = parts[1].prefix(9) + repeatElement(UInt8(ascii: "0"), count: 9)
      guard let value = TarNumber.decimal(digits.prefix(9)) else { return nil }
      nanoseconds = value
    }
    guard isNegative else { return FileTime(seconds: seconds, nanoseconds: nanoseconds) }
    return nanoseconds == 0
      ? FileTime(seconds: -seconds)
      : FileTime(seconds: -seconds - 1, nanoseconds: 1_000_000_000 - nanoseconds)
  }
}
