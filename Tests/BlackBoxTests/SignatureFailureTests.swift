import Foundation
import Testing

/// Where all is well.
struct Signed {
  let keys: SigningKeys
  let archive: String
  let signature: String
}

/// A way for a signed archive to be refused.
struct Unproven: CustomTestStringConvertible, Sendable {
  let name: String
  let code: String
  /// Words of the message.
  let says: String
  /// Changes things from where all is well; returns the signature to give.
  let spoil: @Sendable (Signed) throws -> String

  var testDescription: String { name }

  init(
    _ name: String, _ code: String, says: String,
    spoil: @escaping @Sendable (Signed) throws -> String
  ) {
    self.name = name
    self.code = code
    self.says = says
    self.spoil = spoil
  }
}

/// Each way to be refused has a code and words of its own, and publishes nothing.
@Suite struct SignatureFailureTests {
  static let failures = [
    Unproven("wrong key", "signerNotAllowed", says: "not among the allowed signers") {
      try $0.keys.make("mallory")
      return try $0.keys.sign($0.archive, with: "mallory")
    },
    Unproven("nobody is allowed", "signerNotAllowed", says: "not among the allowed signers") {
      try $0.keys.store.write("signers", "# nobody\n")
      return $0.signature
    },
    Unproven("wrong namespace", "signatureNamespace", says: "namespace 'git', not 'release'") {
      try $0.keys.sign($0.archive, with: "alice", namespace: "git")
    },
    Unproven("key for another namespace", "signatureNamespace", says: "may not sign for") {
      try $0.keys.allow("alice namespaces=\"git,file\" \(try $0.keys.publicKey("alice"))")
      return $0.signature
    },
    Unproven("expired", "signerExpired", says: "has expired") {
      try $0.keys.allow("alice valid-before=\"20200101\" \(try $0.keys.publicKey("alice"))")
      return $0.signature
    },
    Unproven("not yet valid", "signerNotYetValid", says: "not yet valid") {
      try $0.keys.allow("alice valid-after=\"20370101\" \(try $0.keys.publicKey("alice"))")
      return $0.signature
    },
    Unproven("revoked by a public key", "signerRevoked", says: "is revoked") {
      try $0.keys.store.write("revoked", try $0.keys.publicKey("alice") + "\n")
      return $0.signature
    },
    Unproven("revoked by a list", "signerRevoked", says: "is revoked") {
      try Program.expect(
        [
          "ssh-keygen", "-q", "-k", "-f", "\($0.keys.store.path)/revoked",
          $0.keys.path("alice.pub"),
        ])
      return $0.signature
    },
    Unproven("revoked by nobody knows what", "revokedKeys", says: "can't be understood") {
      try $0.keys.store.write("revoked", "what is this\n")
      return $0.signature
    },
    Unproven("revoked keys gone", "revokedKeys", says: "revoked, is missing") {
      try $0.keys.store.remove("revoked")
      return $0.signature
    },
    Unproven("tampered", "signatureMismatch", says: "not the one that was signed") {
      let other = try $0.keys.store.archive(["VERSION": "hostile"])
      try Program.expect(["cp", other, $0.archive])
      return $0.signature
    },
    Unproven("signature of another byte", "signatureMismatch", says: "not the one that was") {
      let text = try String(contentsOfFile: $0.signature, encoding: .utf8)
      var blob = try #require(
        Data(base64Encoded: text.split(separator: "\n").dropFirst().dropLast().joined()))
      blob[blob.count - 1] ^= 1
      return "base64:" + blob.base64EncodedString()
    },
    Unproven("no signature", "signatureMalformed", says: "is no signature") { $0.archive },
    Unproven("half a signature", "signatureMalformed", says: "is no signature") {
      "base64:" + String(try $0.keys.inline($0.signature).dropFirst(7).prefix(120))
    },
    Unproven("no base64", "signatureMalformed", says: "base64: is no signature") { _ in
      "base64:%%%"
    },
    Unproven("endless", "signatureMalformed", says: "larger than 64 KiB") { _ in
      "/dev/zero"
    },
    Unproven("signature missing", "signatureFile", says: "/nowhere/a.sig") { _ in
      "/nowhere/a.sig"
    },
    Unproven("signature unreadable", "signatureFile", says: "can't read") {
      $0.keys.store.path
    },
    Unproven("allowed signers gone", "allowedSigners", says: "signers, is missing") {
      try $0.keys.store.remove("signers")
      return $0.signature
    },
    Unproven("allowed signers a directory", "allowedSigners", says: "not a regular file") {
      try $0.keys.store.remove("signers")
      try $0.keys.store.write("signers/x", "x")
      return $0.signature
    },
    Unproven("allowed signers a link", "allowedSigners", says: "symbolic link") {
      try Program.expect(["mv", "\($0.keys.store.path)/signers", $0.keys.path("signers")])
      try $0.keys.store.makeLink("signers", to: $0.keys.path("signers"))
      return $0.signature
    },
    Unproven("none allowed", "allowedSigners", says: "names no allowed signers") {
      try $0.keys.store.write("releases.yaml", "keep: {count: 3}\n")
      return $0.signature
    },
  ]

  @Test(arguments: failures)
  func `an unproven archive is rejected with a code of its own`(_ unproven: Unproven) throws {
    let (store, keys) = try SigningKeys.store("require: signature, revoked-keys: revoked")
    let (archive, signature) = try keys.signedArchive()
    try store.write("revoked", "")
    try store.expectDone(["unpack", archive, "--signature", signature, "--id", "1"])
    let given = try unproven.spoil(
      Signed(keys: keys, archive: archive, signature: signature))
    let before = try store.facts()
    let refused = try store.expectFailure(
      ["unpack", archive, "--signature", given], status: 6, code: unproven.code)
    let error = try #require(try refused.json["error"] as? [String: Any])
    let message = try #require(error["message"] as? String)
    #expect(message.contains(unproven.says), "\(message)")
    #expect((error["hint"] as? String)?.isEmpty == false)
    #expect(!refused.output.contains("/proc/self/fd") && !refused.output.contains("debug"))
    #expect(withoutStagingTimes(try store.facts()) == withoutStagingTimes(before))
  }

  @Test func `a missing signature is rejected before the archive is read`() throws {
    let (store, keys) = try SigningKeys.store()
    let (archive, _) = try keys.signedArchive()
    let before = try store.facts()
    let refused = try store.expectFailure(
      ["unpack", archive, "--sha256", String(repeating: "0", count: 64)], status: 6,
      code: "signatureRequired")
    #expect(refused.errors.contains("releases.yaml") && refused.errors.contains("--signature"))
    #expect(try store.facts() == before)
  }

  @Test(arguments: ["signers", "revoked"], ["664", "646", "666"])
  func `a list of signers that others can write to is refused`(file: String, mode: String) throws {
    let (store, keys) = try SigningKeys.store("require: signature, revoked-keys: revoked")
    let (archive, signature) = try keys.signedArchive()
    try store.write("revoked", "")
    try Program.expect(["chmod", mode, "\(store.path)/\(file)"])
    let refused = try store.expectFailure(
      ["unpack", archive, "--signature", signature], status: 3, code: "unsafeOwner")
    #expect(refused.errors.contains("hint: chmod go-w \(store.path)/\(file)\n"))
  }

  @Test(.enabled(if: geteuid() == 0, "only root can give files away"))
  func `a list of signers of a third user is refused`() throws {
    let (store, keys) = try SigningKeys.store()
    let (archive, signature) = try keys.signedArchive()
    try Program.expect(["chown", "4321:4321", "\(store.path)/signers"])
    try store.expectFailure(
      ["unpack", archive, "--signature", signature], status: 3, code: "unsafeOwner")
  }

  @Test func `a missing ssh-keygen is reported with its package`() throws {
    let (store, keys) = try SigningKeys.store()
    let (archive, signature) = try keys.signedArchive()
    let hidden =
      ["strace", "-f", "-qq", "-o", "/dev/null"]
      + ["/usr/bin", "/bin", "/usr/local/bin"].flatMap { ["-P", "\($0)/ssh-keygen"] }
      + ["-e", "trace=newfstatat,statx", "-e", "inject=newfstatat,statx:error=ENOENT"]
    let run = try store.run(
      ["--json", "unpack", archive, "--signature", signature], launcher: hidden)
    #expect(run.status == 3, "\(run.errors)")
    let error = try #require(try run.json["error"] as? [String: Any])
    #expect(error["code"] as? String == "verifierMissing")
    #expect((error["hint"] as? String)?.contains("openssh-client") == true)
    let check = try store.run(["check"], launcher: hidden)
    #expect(check.status == 3)
    #expect(check.output.contains("problem  verifierMissing: "))
    #expect(try store.names("releases") == [])
  }
}
