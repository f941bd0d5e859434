import Foundation
import TestSupport
import Testing

/// `trust.require` says what must prove an archive before it is unpacked.
@Suite struct RequiredDigestTests {
  @Test func `an archive without the required digest is rejected`() throws {
    let store = try TestStore()
    try store.write("releases.yaml", "trust: {require: digest}\n")
    let archive = try store.archive(["VERSION": "1"])
    for arguments in [["unpack", archive], ["unpack", archive, "--dry-run"]] {
      let refused = try store.expectFailure(arguments, status: 6, code: "archiveRejected")
      #expect(refused.errors.contains("releases.yaml") && refused.errors.contains("--sha256"))
    }
    #expect(try store.names("releases") == [])
    let digest = try Program.expect(["sha256sum", archive]).output.prefix(64)
    try store.expectSuccess(["unpack", archive, "--sha256", String(digest)])
    try store.expectConsistent()
  }
}
