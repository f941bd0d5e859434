import TestSupport
import Testing

/// Texts of callers that every list, the history and other people see.
@Suite struct LongTextTests {
  @Test(arguments: [
    (["freeze", "--reason"], 1000), (["abort", "--reason"], 1000),
    (["unpack", "x.tar.gz", "--ref"], 255),
  ])
  func `a text that is too long is refused`(arguments: [String], limit: Int) throws {
    let store = try TestStore()
    let refused = try store.expectFailure(
      arguments + [String(repeating: "r", count: limit + 1)], status: 2, code: "usage")
    #expect(
      try refused.error["message"] as? String
        == "\(arguments.last!) takes at most \(limit) bytes, not \(limit + 1)")
  }

  @Test func `an ID is not the ref of another release`() throws {
    let store = try TestStore()
    let archive = try store.archive(["VERSION": "1"])
    try store.expectSuccess(["unpack", archive, "--id", "1", "--ref", "v1"])
    try store.expectFailure(["unpack", archive, "--id", "v1"], status: 3, code: "idTaken")
    try store.expectSuccess(["unpack", archive, "--id", "v2", "--ref", "v2"])
  }
}
