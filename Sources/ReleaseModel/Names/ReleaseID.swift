// The target ReleaseModel holds the values of a store (names, records, facts, errors, sizes and
// times) and every pure plan that is computed from them. It never makes a system call: files are
// read elsewhere, and facts and the time are passed in. Begin with Records/JournalEntry.swift and
// Facts/Snapshot.swift, then read the plans in Plans.

/// The ID of a release, which is also the name of its directory.
///
/// An ID consists of a letter or digit, then up to 63 letters, digits, dots, underscores and
/// hyphens.
package struct ReleaseID: Hashable, Sendable, Codable, CustomStringConvertible {
  package let text: String

  /// The words that commands accept in place of an ID.
  package static let keywords = ["latest", "previous", "current"]

  /// Makes an ID; nil for a text that can't be one.
  package init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard (1...64).contains(bytes.count), bytes[0].isASCIIAlphanumeric,
      bytes.allSatisfy({ $0.isASCIIAlphanumeric || $0 == 0x2E || $0 == 0x5F || $0 == 0x2D }),
      !Self.keywords.contains(text)
    else { return nil }
    self.text = text
  }

  /// Makes an ID; nil for a text that can't be one.
  package init?(_ text: Substring) { self.init(String(text)) }

  /// Decodes an ID from a string.
  ///
  /// - Throws: `DecodingError` for anything that is not an ID.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let id = ReleaseID(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a release ID")
    }
    self = id
  }

  /// Encodes the ID as a string.
  ///
  /// - Throws: what the encoder throws.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }

  package var description: String { text }

  /// The ID as a Unix time; nil unless it consists of 9 to 11 digits.
  package var unixSeconds: Int64? {
    guard (9...11).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    return Int64(text)
  }

  /// Returns the default ID of a new release: the Unix time, or the first greater number that is
  /// newer than all releases and not taken.
  package static func next(after ids: Set<ReleaseID>, unixSeconds now: Int64) -> ReleaseID {
    let newest = ids.compactMap(\.unixSeconds).max() ?? 0
    var seconds = max(now, newest + 1, 1)
    while true {
      guard let id = ReleaseID(String(seconds)) else {
        preconditionFailure("digits name a release")
      }
      if !ids.contains(id) { return id }
      seconds += 1
    }
  }
}

extension UInt8 {
  var isASCIIAlphanumeric: Bool {
    (0x30...0x39).contains(self) || (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self)
  }
}
