import Foundation
import TestSupport
import Testing

/// Archives whose signature is accepted, and what is recorded of the signer.
@Suite struct SignatureTests {
  @Test(arguments: ["ed25519", "ecdsa", "rsa"])
  func `the signer is recorded and shown`(type: String) throws {
    let (store, keys) = try SigningKeys.store()
    try keys.allow("alice@example.com \(try keys.make("alice", type: type))")
    let archive = try store.archive(["VERSION": "1"])
    let signature = try keys.sign(archive, with: "alice")
    try store.expectSuccess(["unpack", archive, "--signature", signature, "--id", "1"])
    let expected = [
      "identity": "alice@example.com", "keyType": type.uppercased(),
      "fingerprint": try keys.fingerprint("alice"), "namespace": "release",
    ]
    #expect(try keys.signer(of: "1") == expected)
    let text = try store.expectSuccess(["show", "1"]).output
    #expect(text.contains("signed by    alice@example.com, for release\n"))
    #expect(text.contains("signed with  \(type.uppercased()) \(try keys.fingerprint("alice"))\n"))
    #expect(try store.read(".releases/catalog/1.json").contains("\"signer\":{"))
    try store.expectConsistent()
  }

  @Test func `an archive from a pipe is verified`() throws {
    let (store, keys) = try SigningKeys.store()
    try keys.allow("alice@example.com \(try keys.make("alice"))")
    let archive = try keys.bigArchive()
    let signature = try keys.sign(archive, with: "alice")
    let content = try Data(contentsOf: URL(fileURLWithPath: archive))
    try store.expectSuccess(
      ["unpack", "-", "--signature", try keys.inline(signature), "--id", "1"], input: content)
    #expect(try keys.signer(of: "1")?["identity"] == "alice@example.com")
    var changed = content
    changed[changed.count / 2] ^= 1
    for bytes in [changed, content.dropLast(1), content + [0]] {
      try store.expectFailure(
        ["unpack", "-", "--signature", try keys.inline(signature)], status: 6, input: bytes)
    }
    #expect(try store.names("releases") == ["1"])
    try store.expectConsistent()
  }

  @Test func `a signature is accepted as a file and inline, armored and raw`() throws {
    let (store, keys) = try SigningKeys.store()
    let (archive, signature) = try keys.signedArchive()
    let armored = try String(contentsOfFile: signature, encoding: .utf8)
    let body = armored.split(separator: "\n").dropFirst().dropLast().joined()
    let raw = keys.path("raw.sig")
    try #require(Data(base64Encoded: body)).write(to: URL(fileURLWithPath: raw))
    let wrapped =
      "base64:"
      + armored.split(separator: "\n").dropFirst().dropLast()
      .joined(separator: "\n")
    let returns = keys.path("dos.sig")
    try Data(armored.replacing("\n", with: "\r\n").utf8).write(to: URL(fileURLWithPath: returns))
    let forms = [signature, try keys.inline(signature), "base64:" + body, raw, wrapped, returns]
    for form in forms {
      try store.expectSuccess(["unpack", archive, "--signature", form])
    }
    try store.expectSuccess(["unpack", archive, "--signature=\(signature)"])
    #expect(try store.names("releases").count == forms.count + 1)
  }

  @Test func `an optional signature is verified`() throws {
    let (store, keys) = try SigningKeys.store("")
    let (archive, signature) = try keys.signedArchive()
    try store.expectSuccess(["unpack", archive, "--id", "1"])
    #expect(try store.expectSuccess(["show", "1", "--json"]).json["signer"] is NSNull)
    #expect(!(try store.expectSuccess(["show", "1"]).output.contains("signed")))
    try store.expectSuccess(["unpack", archive, "--signature", signature, "--id", "2"])
    #expect(try keys.signer(of: "2")?["identity"] == "alice@example.com")
    let other = try store.archive(["VERSION": "2"])
    try store.expectFailure(
      ["unpack", other, "--signature", signature], status: 6, code: "signatureMismatch")
  }

  @Test func `a signature satisfies require: digest`() throws {
    let (store, keys) = try SigningKeys.store("require: digest")
    let (archive, signature) = try keys.signedArchive()
    try store.expectFailure(["unpack", archive], status: 6, code: "archiveRejected")
    try store.expectSuccess(["unpack", archive, "--signature", signature])
    try store.expectFailure(
      ["unpack", archive, "--signature", signature, "--sha256", String(repeating: "0", count: 64)],
      status: 6, code: "digestMismatch")
  }

  @Test func `a certificate is accepted by its authority and principals`() throws {
    let (store, keys) = try SigningKeys.store()
    let authority = try keys.make("authority")
    try keys.make("alice")
    func certify(_ principal: String, _ validity: String) throws -> String {
      try Program.expect([
        "ssh-keygen", "-q", "-s", keys.path("authority"), "-I", "anybody", "-n", principal,
        "-V", validity, keys.path("alice.pub"),
      ])
      let archive = try store.archive(["VERSION": "1"])
      _ = try keys.sign(archive, with: "alice-cert.pub")
      return archive
    }
    try keys.allow("*@example.com cert-authority \(authority)")
    let good = try certify("alice@example.com", "+1h")
    try store.expectSuccess(["unpack", good, "--signature", "\(good).sig", "--id", "1"])
    let signer = try #require(try keys.signer(of: "1"))
    #expect(signer["identity"] == "alice@example.com", "the principal, not the pattern")
    #expect(signer["keyType"] == "ED25519-CERT")
    let elsewhere = try certify("alice@elsewhere.com", "+1h")
    try store.expectFailure(
      ["unpack", elsewhere, "--signature", "\(elsewhere).sig"], status: 6,
      code: "signerNotAllowed")
    let old = try certify("alice@example.com", "20200101:20200102")
    try store.expectFailure(
      ["unpack", old, "--signature", "\(old).sig"], status: 6, code: "signerExpired")
    try keys.allow("*@example.com \(authority)")
    try store.expectFailure(
      ["unpack", good, "--signature", "\(good).sig"], status: 6, code: "signerNotAllowed")
  }

  @Test func `the recorded identity is that of the matching line`() throws {
    let (store, keys) = try SigningKeys.store()
    let (archive, signature) = try keys.signedArchive()
    let key = try keys.publicKey("alice")
    let mallory = try keys.make("mallory")
    let files = [
      ["root@example.com \(mallory)", "!eve@x,*@y,alice@example.com \(key)"],
      ["", "# comment", "rubbish", "alice@example.com \(mallory)", "alice@example.com \(key)"],
      [
        "carol@example.com valid-before=\"20200101\" \(key)",
        "alice@example.com namespaces=\"git,release\" \(key)",
      ],
    ]
    for (number, lines) in files.enumerated() {
      try keys.allow(lines.joined(separator: "\n"))
      try store.expectSuccess(
        ["unpack", archive, "--signature", signature, "--id", "\(number)"])
      let signer = try keys.signer(of: "\(number)")
      #expect(signer?["identity"] == "alice@example.com")
      #expect(try signer?["fingerprint"] == keys.fingerprint("alice"))
    }
  }

  @Test func `unpack --dry-run checks the signature`() throws {
    let (store, keys) = try SigningKeys.store()
    let (archive, signature) = try keys.signedArchive()
    let before = try store.fileSystemState()
    let dryRun = try store.expectSuccess(["unpack", archive, "--signature", signature, "-n"])
    #expect(dryRun.output.hasPrefix("would unpack"))
    try store.expectFailure(["unpack", archive, "-n"], status: 6, code: "signatureRequired")
    #expect(try store.fileSystemState() == before)
    try keys.allow("bob@example.com \(try keys.make("bob"))")
    try store.expectFailure(
      ["unpack", archive, "--signature", signature, "-n"], status: 6, code: "signerNotAllowed")
  }

  @Test func `check inspects the files that verification needs`() throws {
    let (store, keys) = try SigningKeys.store("revoked-keys: revoked")
    _ = try keys.signedArchive()
    try store.write("revoked", "")
    let fine = try store.expectSuccess(["check"]).output.replacing(/(?m)^ok +/, with: "ok ")
    #expect(fine.contains("ok trust: signatures are verified with \(store.path)/signers"))
    #expect(fine.contains("ok trust: revoked keys are in \(store.path)/revoked"))
    #expect(fine.contains("ok trust: ssh-keygen is installed"))
    try Program.expect(["chmod", "g+w", "\(store.path)/signers"])
    try store.remove("revoked")
    let found = try store.run(["check"])
    #expect(found.status == 3)
    let signers = "\(store.path)/signers\n"
    #expect(found.output.contains("problem  unsafeOwner: other users can write to \(signers)"))
    #expect(found.output.contains("hint: remove the permission: chmod go-w \(signers)"))
    #expect(found.output.contains("problem  revokedKeys: "))
  }
}
