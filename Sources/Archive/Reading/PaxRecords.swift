/// The records of a pax extended header (POSIX.1-2001), each of the form `length key=value\n`.
struct PaxRecords {
  private var records: [(key: ArraySlice<UInt8>, value: [UInt8])] = []

  /// Parses the records.
  ///
  /// - Throws: `ArchiveError` for malformed records, of which libarchive only warns.
  init(_ payload: [UInt8]) throws(ArchiveError) {
    var rest = payload[...]
    while !rest.isEmpty {
      guard let space = rest.prefix(20).firstIndex(of: UInt8(ascii: " ")),
        let length = decimal(rest[..<space]), length > space - rest.startIndex,
        length <= rest.count
      else { throw malformedPax }
      let record = rest[space + 1..<rest.startIndex + Int(length)]
      guard record.last == UInt8(ascii: "\n"),
        let equals = record.firstIndex(of: UInt8(ascii: "=")), equals > record.startIndex
      else { throw malformedPax }
      records.append((record[..<equals], Array(record[(equals + 1)...].dropLast())))
      rest = rest[(rest.startIndex + Int(length))...]
    }
  }

  /// Returns the value of a key; nil when the key is missing.
  ///
  /// - Throws: `ArchiveError` when the key occurs twice. POSIX says that the last one counts, but
  ///   not every reader complies.
  func value(_ key: String) throws(ArchiveError) -> [UInt8]? {
    let values = records.filter { $0.key.elementsEqual(key.utf8) }
    if values.count > 1 { throw ArchiveError(.rejected(.ambiguousHeader)) }
    return values.first?.value
  }

  /// Returns whether a key begins with this prefix.
  func contains(prefix: String) -> Bool { records.contains { $0.key.starts(with: prefix.utf8) } }

  /// Returns the size of the member's stored content, in bytes; nil when the records have none.
  ///
  /// - Throws: `ArchiveError` when the records are malformed.
  func size() throws(ArchiveError) -> Int64? {
    guard let digits = try value("size") else { return nil }
    guard let size = decimal(digits[...]) else { throw malformedPax }
    return size
  }
}

/// Parses a decimal number. Returns nil for other characters and for more than 64 bits.
private func decimal(_ digits: ArraySlice<UInt8>) -> Int64? {
  guard digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
  return Int64(String(decoding: digits, as: UTF8.self))
}

private var malformedPax: ArchiveError { ArchiveError(.unreadable("a pax header is malformed")) }
