internal import Archive
internal import FoundationEssentials
internal import ReleaseModel

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
