import Foundation
import Testing

@testable import HostPrograms

/// The bytes of a signature in the format of ssh-keygen, see PROTOCOL.sshsig.
struct SignatureBytes {
  var magic = "SSHSIG"
  var version: UInt32 = 1
  var key = string("ssh-ed25519") + string("0123456789abcdef0123456789abcdef")
  var namespace = Array("release".utf8)
  var more: [UInt8] = []

  static func number(_ value: UInt32) -> [UInt8] {
    withUnsafeBytes(of: value.bigEndian) { Array($0) }
  }

  static func string(_ bytes: [UInt8]) -> [UInt8] { number(UInt32(bytes.count)) + bytes }
  static func string(_ text: String) -> [UInt8] { string(Array(text.utf8)) }

  var bytes: [UInt8] {
    Array(magic.utf8) + Self.number(version) + Self.string(key) + Self.string(namespace)
      + Self.string("") + Self.string("sha512") + Self.string("signature") + more
  }

  static func armored(_ body: String, _ end: String = "\n") -> [UInt8] {
    Array(
      "-----BEGIN SSH SIGNATURE-----\(end)\(body)\(end)-----END SSH SIGNATURE-----\(end)".utf8)
  }
}

@Suite struct SignatureTests {
  @Test func `the namespace and the key of a signature are read`() throws {
    let signature = try #require(Signature(parsing: SignatureBytes().bytes))
    #expect(signature.namespace == "release")
    #expect(signature.keyDescription.hasPrefix("ssh-ed25519 SHA256:"))
    #expect(signature.keyDescription.count == "ssh-ed25519 SHA256:".count + 43)
    var certificate = SignatureBytes()
    certificate.key = SignatureBytes.string("ssh-ed25519-cert-v01@openssh.com")
    #expect(
      Signature(parsing: certificate.bytes)?.keyDescription == "ssh-ed25519-cert-v01@openssh.com")
  }

  @Test func `a signature is the same with and without armor`() throws {
    let signature = try #require(Signature(parsing: SignatureBytes().bytes))
    let armored = signature.armored
    #expect(Signature(parsing: armored) == signature)
    let lines = String(decoding: armored, as: UTF8.self).split(separator: "\n")
    #expect(lines.first == "-----BEGIN SSH SIGNATURE-----")
    #expect(lines.last == "-----END SSH SIGNATURE-----")
    #expect(lines.allSatisfy { $0.count <= 70 })
    let text = Data(SignatureBytes().bytes).base64EncodedString()
    #expect(Signature(parsing: SignatureBytes.armored(text, "\r\n")) == signature)
  }

  @Test func `a truncated signature is not accepted`() {
    let whole = SignatureBytes().bytes
    for count in 0..<whole.count { #expect(Signature(parsing: Array(whole.prefix(count))) == nil) }
  }

  @Test func `a malformed signature is not accepted`() throws {
    func with(_ change: (inout SignatureBytes) -> Void) -> [UInt8] {
      var made = SignatureBytes()
      change(&made)
      return made.bytes
    }
    let good = Data(SignatureBytes().bytes).base64EncodedString()
    let others = [
      with { $0.magic = "SSHSIK" }, with { $0.version = 2 }, with { $0.more = [0] },
      with { $0.key = [] }, with { $0.key = SignatureBytes.string("") },
      with { $0.key = SignatureBytes.string("a\u{1B}[31m") }, with { $0.key = [0xFF, 0xFF, 0xFF] },
      with { $0.namespace = [0xFF] },
      with { $0.more = [UInt8](repeating: 0, count: Signature.sizeLimit) },
      SignatureBytes.armored("%%%"), SignatureBytes.armored(""), SignatureBytes.armored("AAAA"),
      Array(good.utf8), Array("x".utf8) + SignatureBytes.armored(good),
      SignatureBytes.armored(good) + Array("x".utf8),
    ]
    for other in others {
      #expect(Signature(parsing: other) == nil, "\(String(decoding: other, as: UTF8.self))")
    }
  }
}
