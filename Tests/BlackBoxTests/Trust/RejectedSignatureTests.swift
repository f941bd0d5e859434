import Foundation
import TestSupport
import Testing

/// Each reason to reject a signed archive has its own code and message, and publishes nothing.
@Suite struct RejectedSignatureTests {
  @Test(arguments: RejectedSignature.all)
  func `each kind of invalid signature is rejected with its own code`(_ rejected: RejectedSignature)
    throws
  {
    let (store, keys) = try SigningKeys.store("require: signature, revoked-keys: revoked")
    let (archive, signature) = try keys.signedArchive()
    try store.write("revoked", "")
    try store.expectSuccess(["unpack", archive, "--signature", signature, "--id", "1"])
    let given = try rejected.breakProof(
      SignedArchive(keys: keys, archive: archive, signature: signature))
    let before = try store.fileSystemState()
    let refused = try store.expectFailure(
      ["unpack", archive, "--signature", given], status: 6, code: rejected.code)
    let error = try #require(try refused.json["error"] as? [String: Any])
    let message = try #require(error["message"] as? String)
    #expect(message.contains(rejected.message), "\(message)")
    #expect((error["hint"] as? String)?.isEmpty == false)
    #expect(!refused.output.contains("/proc/self/fd") && !refused.output.contains("debug"))
    #expect(ignoringStagingTimes(try store.fileSystemState()) == ignoringStagingTimes(before))
  }

  @Test func `a missing signature is rejected before the archive is read`() throws {
    let (store, keys) = try SigningKeys.store()
    let (archive, _) = try keys.signedArchive()
    let before = try store.fileSystemState()
    let refused = try store.expectFailure(
      ["unpack", archive, "--sha256", String(repeating: "0", count: 64)], status: 6,
      code: "signatureRequired")
    #expect(refused.errors.contains("releases.yaml") && refused.errors.contains("--signature"))
    #expect(try store.fileSystemState() == before)
  }

  @Test(arguments: ["signers", "revoked"], ["664", "646", "666"])
  func `a list of signers that others can write to is refused`(file: String, mode: String) throws {
    let (store, keys) = try SigningKeys.store("require: signature, revoked-keys: revoked")
    let (archive, signature) = try keys.signedArchive()
    try store.write("revoked", "")
    try Program.expect(["chmod", mode, "\(store.path)/\(file)"])
    let refused = try store.expectFailure(
      ["unpack", archive, "--signature", signature], status: 3, code: "unsafeOwner")
    #expect(refused.hintCommand == "chmod go-w \(store.path)/\(file)")
  }

  @Test(.enabled(if: geteuid() == 0, "only root can give files away"))
  func `a list of signers that belongs to a third user is refused`() throws {
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
