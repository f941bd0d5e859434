/// The name of a release, which is also the name of its directory.
///
/// A letter or digit, then up to 63 letters, digits, dots, underscores and hyphens.
package struct ReleaseID: Hashable, Sendable, Codable, CustomStringConvertible {
  package let text: String

  /// Words that commands take in place of an id.
  package static let keywords = ["latest", "previous", "current"]

  /// Nil for what can't name a release.
  package init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard (1...64).contains(bytes.count), bytes[0].isASCIIAlphanumeric,
      bytes.allSatisfy({ $0.isASCIIAlphanumeric || $0 == 0x2E || $0 == 0x5F || $0 == 0x2D }),
      !Self.keywords.contains(text)
    else { return nil }
    self.text = text
  }

  /// Nil for text that can't be the ID of a release.
  package init?(_ text: Substring) { self.init(String(text)) }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let id = ReleaseID(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a release id")
    }
    self = id
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }

  package var description: String { text }

  /// The Unix time it spells, where it is nothing but digits that could be one.
  package var unixSeconds: Int64? {
    guard (9...11).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    return Int64(text)
  }

  /// The id a new release gets unless it is given one: Unix seconds, but always after the newest,
  /// and never one of those taken.
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
  fileprivate var isASCIIAlphanumeric: Bool {
    (0x30...0x39).contains(self) || (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self)
  }
}
