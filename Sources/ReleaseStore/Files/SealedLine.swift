internal import Archive
internal import FoundationEssentials
internal import ReleaseModel
internal import Text

/// A line of JSON whose last member, `sha256`, is a checksum of everything before it, so that a
/// torn or altered line is detected.
enum SealedLine {
  private static let opening = Array(#","sha256":""#.utf8)
  private static let ending = Array(#""}"#.utf8)
  private static let brace = Array("}".utf8)
  private static let sealLength = opening.count + 64 + ending.count

  /// Encodes a value as a line, without the newline.
  ///
  /// - Throws: `failed` for a value that can't be encoded.
  static func seal(_ value: some Encodable) throws(ReleasesError) -> [UInt8] {
    guard let data = try? StoreJSON.encoder().encode(value), data.last == UInt8(ascii: "}") else {
      throw ReleasesError(.failed, "can't encode an entry as JSON")
    }
    let body = Array(data)
    return body.dropLast() + seal(of: body)
  }

  private static func seal(of body: [UInt8]) -> [UInt8] {
    opening + Array(SHA256.digest(of: body).hex.utf8) + ending
  }

  /// Decodes a line; nil when it is torn, altered, has other members, or has numbers out of bounds.
  static func open<Value: Decodable>(_ type: Value.Type, _ line: some Sequence<UInt8>) -> Value? {
    var body = Array(line)
    guard body.count > sealLength else { return nil }
    let seal = body.suffix(sealLength)
    body.removeLast(sealLength)
    body.append(UInt8(ascii: "}"))
    guard seal.elementsEqual(self.seal(of: body)) else { return nil }
    guard let value = try? StoreJSON.decoder().decode(type, from: Data(body)),
      (value as? any BoundedRecord)?.isWithinBounds ?? true
    else { return nil }
    return value
  }

  /// Whether a line is neither torn nor altered. It does not decode the line.
  static func isSealed(_ line: UnsafeRawBufferPointer) -> Bool {
    guard line.count > sealLength else { return false }
    let (body, seal) = (line.prefix(line.count - sealLength), line.suffix(sealLength))
    guard seal.starts(with: opening), seal.suffix(ending.count).elementsEqual(ending) else {
      return false
    }
    var hash = SHA256()
    hash.update(UnsafeRawBufferPointer(rebasing: body))
    brace.withUnsafeBytes { hash.update($0) }
    let digits = UnsafeRawBufferPointer(rebasing: seal.dropFirst(opening.count).prefix(64))
    // Millions of lines are compared, so the digest is not made a text.
    let isLowerCase = !digits.contains { (UInt8(ascii: "A")...UInt8(ascii: "F")).contains($0) }
    return isLowerCase && Digest(hexDigits: digits.bindMemory(to: UInt8.self)) == hash.finish()
  }

  /// Returns the value of a sealed line as JSON, without the checksum.
  static func body(of line: UnsafeRawBufferPointer) -> [UInt8] {
    line.dropLast(sealLength) + brace
  }

  /// Returns the format number of a line that this binary may be too old to decode.
  static func format(of line: some Sequence<UInt8>) -> Int? {
    open(FormatOnly.self, line)?.format
  }

  private struct FormatOnly: Decodable { let format: Int }
}
