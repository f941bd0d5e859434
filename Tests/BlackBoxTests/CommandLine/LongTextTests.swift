import TestSupport
import Testing

/// Texts of callers that every list, the history and other people see.
@Suite struct LongTextTests {
  @Test func `a ref that is too long is refused`() throws {
    let store = try TestStore()
    let ref = String(repeating: "r", count: 256)
    let refused = try store.expectFailure(
      ["unpack", "x.tar.gz", "--ref", ref], status: 2, code: "usage")
    #expect(
      try refused.error["message"] as? String == "--ref takes at most 255 bytes, not 256")
  }

  @Test func `an ID is not the ref of another release`() throws {
    let store = try TestStore()
    let archive = try store.archive(["VERSION": "1"])
    try store.expectSuccess(["unpack", archive, "--id", "1", "--ref", "v1"])
    try store.expectFailure(["unpack", archive, "--id", "v1"], status: 3, code: "idTaken")
    try store.expectSuccess(["unpack", archive, "--id", "v2", "--ref", "v2"])
  }
}
