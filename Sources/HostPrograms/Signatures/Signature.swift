internal import Archive
internal import FoundationEssentials

/// A detached signature that was made with `ssh-keygen -Y sign`, see PROTOCOL.sshsig of OpenSSH. Its
/// fields prove nothing until ssh-keygen has verified it.
package struct Signature: Hashable, Sendable {
  /// The maximum size of a signature in any form, in bytes.
  static let sizeLimit = 64 << 10

  private static let header = "-----BEGIN SSH SIGNATURE-----"
  private static let footer = "-----END SSH SIGNATURE-----"
  private static let magic = Array("SSHSIG".utf8)
  private static let version: UInt32 = 1

  /// The signature without armor.
  private let blob: [UInt8]
  /// The namespace that the signature was made for; see `-n` in ssh-keygen(1).
  package let namespace: String
  /// The algorithm and the SHA-256 of the public key in the signature, as `ssh-keygen -l` prints
  /// them; for a certificate only the algorithm.
  let keyDescription: String

  /// Parses the output of `ssh-keygen -Y sign`, with or without its armor; nil for anything else.
  package init?(parsing bytes: [UInt8]) {
    guard bytes.count <= Self.sizeLimit else { return nil }
    guard let blob = bytes.starts(with: Self.magic) ? bytes : Self.dearmored(bytes) else {
      return nil
    }
    var fields = SSHFields(blob[...])
    guard fields.take(Self.magic.count).elementsEqual(Self.magic), fields.number() == Self.version
    else { return nil }
    let key = Array(fields.string())
    let namespace = String(validating: fields.string(), as: UTF8.self)
    // The remaining fields are a reserved one, the hash algorithm and the signature.
    for _ in 1...3 { _ = fields.string() }
    guard fields.isComplete, let namespace, let description = Self.describe(key) else { return nil }
    self.blob = blob
    self.namespace = namespace
    keyDescription = description
  }

  /// The signature in the form that ssh-keygen reads.
  var armored: [UInt8] {
    let text = Data(blob).base64EncodedString()
    var lines = [Self.header]
    var rest = text[...]
    while !rest.isEmpty {
      lines.append(String(rest.prefix(70)))
      rest = rest.dropFirst(70)
    }
    return Array((lines + [Self.footer, ""]).joined(separator: "\n").utf8)
  }

  private static func dearmored(_ bytes: [UInt8]) -> [UInt8]? {
    guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
    let lines = text.split(whereSeparator: \.isNewline)
    guard lines.count > 2, lines.first == header[...], lines.last == footer[...] else { return nil }
    return Data(base64Encoded: lines.dropFirst().dropLast().joined()).map { Array($0) }
  }

  private static func describe(_ key: [UInt8]) -> String? {
    var fields = SSHFields(key[...])
    guard let algorithm = String(validating: fields.string(), as: UTF8.self), !fields.isBroken,
      !algorithm.isEmpty,
      algorithm.utf8.allSatisfy({ (UInt8(ascii: "!")...UInt8(ascii: "~")).contains($0) })
    else { return nil }
    if algorithm.contains("-cert-") { return algorithm }
    let digest = Data(SHA256.digest(of: key).bytes).base64EncodedString()
    return "\(algorithm) SHA256:\(digest.prefix { $0 != "=" })"
  }
}

/// Parses numbers and strings from bytes, see RFC 4251, section 5.
struct SSHFields {
  private var rest: ArraySlice<UInt8>
  /// Whether a field was incomplete.
  private(set) var isBroken = false

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  /// Whether all fields were complete, and nothing is left.
  var isComplete: Bool { !isBroken && rest.isEmpty }

  mutating func take(_ count: Int) -> ArraySlice<UInt8> {
    guard count <= rest.count else {
      isBroken = true
      return []
    }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  mutating func number() -> UInt32 { take(4).reduce(0) { $0 << 8 | UInt32($1) } }

  mutating func string() -> ArraySlice<UInt8> { take(Int(number())) }
}
