import Linux
import ReleaseModel
import Testing
import Text

@testable import HostPrograms

private let good = "Good \"release\" signature for alice with ED25519 key SHA256:abc\n"
private let bad = "Could not verify signature.\n"

/// The interpretation of the output of ssh-keygen of OpenSSH 9.2.
@Suite struct SignatureInterpreterTests {
  private typealias Result = CapturedProcess.Result

  private let interpreter: SignatureInterpreter

  init() throws {
    interpreter = SignatureInterpreter(
      signature: try #require(Signature(parsing: SignatureBytes().bytes)), namespace: "release",
      allowedSigners: "/etc/signers", revokedKeys: "/etc/revoked")
  }

  private func heard(_ status: Int32, _ output: String, _ errors: String = "") -> Result {
    Result(ending: .exited(status), output: Array(output.utf8), errors: Array(errors.utf8))
  }

  private func code(_ body: () throws(ReleasesError) -> Void) -> ReleasesError.Code? {
    do throws(ReleasesError) {
      try body()
      return nil
    } catch {
      return error.code
    }
  }

  // MARK: - Finding

  @Test(arguments: [
    ("alice\n", "alice"), ("!eve\n*@y\nalice\nbob\n", "alice"), ("!eve\n*@y\n", "*@y"),
    ("a b\n", "a b"),
  ])
  func `the identity is the first plain name`(output: String, expected: String) throws {
    #expect(try interpreter.identity(from: heard(0, output)) == expected)
  }

  @Test(
    arguments: [
      (255, "", "No principal matched.\n", .signerNotAllowed), (0, "", "", .signerNotAllowed),
      (0, "!eve\n", "", .signerNotAllowed),
      (255, "alice\n", "No principal matched.\n", .signerNotAllowed),
      (
        255, "",
        "/proc/self/fd/4:1: key has expired: verify time 2 > valid-before 1\nNo principal matched.",
        .signerExpired
      ),
      (255, "", "/proc/self/fd/4:1: key is not yet valid: verify time\n", .signerNotYetValid),
      (255, "", "debug1: x: not authorized: Certificate invalid: expired\n", .signerExpired),
      (255, "", "debug3: x: options valid-before=\"key has expired\"\n", .failed),
      (255, "", "No user exists for uid 4242\n", .failed), (1, "alice\n", "", .failed),
    ] as [(Int32, String, String, ReleasesError.Code)])
  func `a key without an allowed signer is rejected`(
    status: Int32, output: String, errors: String, expected: ReleasesError.Code
  ) {
    let found = heard(status, output, errors)
    #expect(
      code { () throws(ReleasesError) in _ = try interpreter.identity(from: found) } == expected)
  }

  // MARK: - Verifying

  @Test func `a verified signature names its signer`() throws {
    let signer = try interpreter.signer(from: heard(0, good), identity: "alice")
    #expect(
      signer
        == Signer(
          identity: "alice", keyType: "ED25519", fingerprint: "SHA256:abc", namespace: "release"))
  }

  @Test(
    arguments: [
      (255, good, "", .failed), (1, good, "Signature verification failed\n", .signatureMismatch),
      (0, "", "", .failed), (0, bad, "", .signatureRejected),
      (0, "Good \"git\" signature for alice with ED25519 key SHA256:abc\n", "", .failed),
      (0, "Good \"release\" signature for bob with ED25519 key SHA256:abc\n", "", .failed),
      (0, "Good \"release\" signature for alice with ED25519\n", "", .failed),
      (0, "x\n" + good, "", .failed),
      (255, bad, "", .signatureRejected),
      (
        255, bad,
        "debug3: sig_verify: sshkey_check_revoked: Key is revoked\r\n", .signerRevoked
      ),
      (
        255, bad,
        "debug3: sig_verify: sshkey_check_revoked: invalid format\n", .revokedKeys
      ),
      (
        255, bad, "Couldn't verify signature: namespace does not match\n",
        .signatureNamespace
      ),
      (
        255, bad,
        "/proc/self/fd/4:1: key is not permitted for use in signature namespace \"release\"\n",
        .signatureNamespace
      ),
      (
        255, bad, "Couldn't verify signature: hash algorithm mismatch\n",
        .signatureMalformed
      ),
    ] as [(Int32, String, String, ReleasesError.Code)])
  func `any other output is not a verification`(
    status: Int32, output: String, errors: String, expected: ReleasesError.Code
  ) {
    let verified = heard(status, output, errors)
    let found = code { () throws(ReleasesError) in
      _ = try interpreter.signer(from: verified, identity: "alice")
    }
    #expect(found == expected)
  }

  @Test(arguments: [ChildProcess.Ending.signaled(9), nil])
  func `an ssh-keygen that was killed has verified nothing`(ending: ChildProcess.Ending?) {
    let ended = Result(ending: ending, output: Array(good.utf8), errors: [])
    #expect(
      code { () throws(ReleasesError) in _ = try interpreter.signer(from: ended, identity: "alice")
      }
        == .failed)
    #expect(
      code { () throws(ReleasesError) in _ = try interpreter.identity(from: ended) } == .failed)
  }

  @Test func `the cause names the configured files`() {
    let words = "/proc/self/fd/4:7: key has expired\n"
    do throws(ReleasesError) {
      _ = try interpreter.identity(from: heard(255, "", words))
      Issue.record("the key was accepted")
    } catch {
      #expect(error.cause == "ssh-keygen: /etc/signers:7: key has expired")
    }
  }
}
