internal import Archive
package import FoundationEssentials

/// JSON as this store writes it: sorted keys, one line, times in RFC 3339 UTC.
package enum StoreJSON {
  package static func encoder() -> JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.dateEncodingStrategy = .custom { date, encoder in
      var container = encoder.singleValueContainer()
      try container.encode(date.rfc3339)
    }
    return encoder
  }

  static func decoder() -> JSONDecoder {
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .custom { decoder in
      let container = try decoder.singleValueContainer()
      guard let date = Date(rfc3339: try container.decode(String.self)) else {
        throw DecodingError.dataCorruptedError(in: container, debugDescription: "not RFC 3339, UTC")
      }
      return date
    }
    return decoder
  }
}

/// One line of JSON whose last member, `sha256`, covers all before it, so that a torn or altered
/// line is known as such.
enum SealedLine {
  private static let opening = Array(#","sha256":""#.utf8)
  private static let ending = Array(#""}"#.utf8)
  private static let sealLength = opening.count + 64 + ending.count

  /// The line without its newline.
  static func seal(_ value: some Encodable) throws(ReleasesError) -> [UInt8] {
    guard let data = try? StoreJSON.encoder().encode(value), data.last == UInt8(ascii: "}") else {
      throw ReleasesError(.failed, "can't write a record as JSON")
    }
    let body = Array(data)
    return body.dropLast() + seal(of: body)
  }

  private static func seal(of body: [UInt8]) -> [UInt8] {
    opening + Array(SHA256.digest(of: body).hex.utf8) + ending
  }

  /// The value, or nil when the line is torn, altered or of another shape.
  static func open<Value: Decodable>(_ type: Value.Type, _ line: some Sequence<UInt8>) -> Value? {
    var body = Array(line)
    guard body.count > sealLength else { return nil }
    let seal = body.suffix(sealLength)
    body.removeLast(sealLength)
    body.append(UInt8(ascii: "}"))
    guard seal.elementsEqual(self.seal(of: body)) else { return nil }
    return try? StoreJSON.decoder().decode(type, from: Data(body))
  }

  /// The format number of a line this binary may be too old to open.
  static func format(of line: some Sequence<UInt8>) -> Int? {
    open(FormatOnly.self, line)?.format
  }

  private struct FormatOnly: Decodable { let format: Int }
}
