/// The records of one pax extended header (POSIX.1-2001): `length key=value\n`, again and again.
struct PaxRecords {
  private var records: [(key: ArraySlice<UInt8>, value: [UInt8])] = []

  /// Throws when malformed, which libarchive only warns of.
  init(_ payload: [UInt8]) throws(ArchiveError) {
    var rest = payload[...]
    while !rest.isEmpty {
      guard let space = rest.prefix(20).firstIndex(of: UInt8(ascii: " ")),
        let length = decimal(rest[..<space]), length > space - rest.startIndex,
        length <= rest.count
      else { throw damagedPax }
      let record = rest[space + 1..<rest.startIndex + Int(length)]
      guard record.last == UInt8(ascii: "\n"),
        let equals = record.firstIndex(of: UInt8(ascii: "=")), equals > record.startIndex
      else { throw damagedPax }
      records.append((record[..<equals], Array(record[(equals + 1)...].dropLast())))
      rest = rest[(rest.startIndex + Int(length))...]
    }
  }

  /// The one value of a key that must not be there twice: POSIX lets the last one win, not
  /// every reader does.
  func value(_ key: String) throws(ArchiveError) -> [UInt8]? {
    let values = records.filter { $0.key.elementsEqual(key.utf8) }
    if values.count > 1 { throw ArchiveError(.rejected(.ambiguousHeader)) }
    return values.first?.value
  }

  /// Any key that starts so.
  func contains(prefix: String) -> Bool { records.contains { $0.key.starts(with: prefix.utf8) } }

  /// The size of the member's content as stored, in bytes.
  func size() throws(ArchiveError) -> Int64? {
    guard let digits = try value("size") else { return nil }
    guard let size = decimal(digits[...]) else { throw damagedPax }
    return size
  }
}

/// Nil for anything but digits and beyond 64 bits.
private func decimal(_ digits: ArraySlice<UInt8>) -> Int64? {
  guard digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
  return Int64(String(decoding: digits, as: UTF8.self))
}

private var damagedPax: ArchiveError { ArchiveError(.unreadable("a pax header is damaged")) }
