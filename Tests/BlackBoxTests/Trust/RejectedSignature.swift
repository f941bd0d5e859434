import Foundation
import TestSupport
import Testing

/// A signed archive whose signature is accepted.
struct SignedArchive {
  let keys: SigningKeys
  let archive: String
  let signature: String
}

/// A reason to reject a signed archive.
struct RejectedSignature: CustomTestStringConvertible, Sendable {
  let name: String
  let code: String
  /// A part of the message.
  let message: String
  /// Breaks the proof and returns the signature to pass.
  let breakProof: @Sendable (SignedArchive) throws -> String

  var testDescription: String { name }

  init(
    _ name: String, _ code: String, message: String,
    breakProof: @escaping @Sendable (SignedArchive) throws -> String
  ) {
    self.name = name
    self.code = code
    self.message = message
    self.breakProof = breakProof
  }
}

extension RejectedSignature {
  static let all = [
    RejectedSignature("wrong key", "signerNotAllowed", message: "not among the allowed signers") {
      try $0.keys.make("mallory")
      return try $0.keys.sign($0.archive, with: "mallory")
    },
    RejectedSignature(
      "an empty list of signers", "signerNotAllowed", message: "not among the allowed signers"
    ) {
      try $0.keys.store.write("signers", "# empty\n")
      return $0.signature
    },
    RejectedSignature(
      "wrong namespace", "signatureNamespace", message: "namespace 'git', not 'release'"
    ) {
      try $0.keys.sign($0.archive, with: "alice", namespace: "git")
    },
    RejectedSignature(
      "key for another namespace", "signatureNamespace", message: "not allowed to sign for"
    ) {
      try $0.keys.allow("alice namespaces=\"git,file\" \(try $0.keys.publicKey("alice"))")
      return $0.signature
    },
    RejectedSignature("expired", "signerExpired", message: "has expired") {
      try $0.keys.allow("alice valid-before=\"20200101\" \(try $0.keys.publicKey("alice"))")
      return $0.signature
    },
    RejectedSignature("not yet valid", "signerNotYetValid", message: "not yet valid") {
      try $0.keys.allow("alice valid-after=\"20370101\" \(try $0.keys.publicKey("alice"))")
      return $0.signature
    },
    RejectedSignature("revoked by a public key", "signerRevoked", message: "is revoked") {
      try $0.keys.store.write("revoked", try $0.keys.publicKey("alice") + "\n")
      return $0.signature
    },
    RejectedSignature("revoked by a list", "signerRevoked", message: "is revoked") {
      try Program.expect(
        [
          "ssh-keygen", "-q", "-k", "-f", "\($0.keys.store.path)/revoked",
          $0.keys.path("alice.pub"),
        ])
      return $0.signature
    },
    RejectedSignature(
      "an invalid list of revoked keys", "revokedKeys", message: "can't parse"
    ) {
      try $0.keys.store.write("revoked", "what is this\n")
      return $0.signature
    },
    RejectedSignature("revoked keys gone", "revokedKeys", message: "revoked is missing") {
      try $0.keys.store.remove("revoked")
      return $0.signature
    },
    RejectedSignature("tampered", "signatureMismatch", message: "not the one that was signed") {
      let other = try $0.keys.store.archive(["VERSION": "hostile"])
      try Program.expect(["cp", other, $0.archive])
      return $0.signature
    },
    RejectedSignature(
      "signature of another byte", "signatureMismatch", message: "not the one that was"
    ) {
      let text = try String(contentsOfFile: $0.signature, encoding: .utf8)
      var blob = try #require(
        Data(base64Encoded: text.split(separator: "\n").dropFirst().dropLast().joined()))
      blob[blob.count - 1] ^= 1
      return "base64:" + blob.base64EncodedString()
    },
    RejectedSignature("no signature", "signatureMalformed", message: "is not a signature") {
      $0.archive
    },
    RejectedSignature("half a signature", "signatureMalformed", message: "is not a signature") {
      "base64:" + String(try $0.keys.inline($0.signature).dropFirst(7).prefix(120))
    },
    RejectedSignature("no base64", "signatureMalformed", message: "base64: is not a signature") {
      _ in
      "base64:%%%"
    },
    RejectedSignature("endless", "signatureMalformed", message: "larger than 64 KiB") { _ in
      "/dev/zero"
    },
    RejectedSignature("signature missing", "signatureFile", message: "/nowhere/a.sig") { _ in
      "/nowhere/a.sig"
    },
    RejectedSignature("signature unreadable", "signatureFile", message: "can't read") {
      $0.keys.store.path
    },
    RejectedSignature("allowed signers gone", "allowedSigners", message: "signers is missing") {
      try $0.keys.store.remove("signers")
      return $0.signature
    },
    RejectedSignature(
      "allowed signers a directory", "allowedSigners", message: "not a regular file"
    ) {
      try $0.keys.store.remove("signers")
      try $0.keys.store.write("signers/x", "x")
      return $0.signature
    },
    RejectedSignature("allowed signers a link", "allowedSigners", message: "symbolic link") {
      try Program.expect(["mv", "\($0.keys.store.path)/signers", $0.keys.path("signers")])
      try $0.keys.store.makeLink("signers", to: $0.keys.path("signers"))
      return $0.signature
    },
    RejectedSignature("none allowed", "allowedSigners", message: "has no trust.allowed-signers") {
      try $0.keys.store.write("releases.yaml", "keep: {count: 3}\n")
      return $0.signature
    },
  ]
}
