import Foundation
import TestSupport
import Testing

@Suite struct LogsTests {
  private func storeWithHooks() throws -> TestStore {
    let store = try TestStore()
    try store.write(
      "releases.yaml",
      """
      hooks:
        prepare: {run: 'for i in 1 2 3; do echo line $i; done; echo token=hunter2'}
        activate: {run: 'echo restarted; ! grep -q broken VERSION'}
      """)
    return store
  }

  @Test func `the output of the hooks is shown in their order`() throws {
    let store = try storeWithHooks()
    try store.expectSuccess(["deploy", try store.packRelease("one"), "--id", "1", "--ref", "v1"])
    try store.expectSuccess(["deploy", try store.packRelease("two"), "--id", "2"])
    for name in ["1", "v1"] {
      let text = try store.expectSuccess(["logs", name]).output
      let prepare = try #require(text.range(of: "== 1-prepare.log =="))
      let activate = try #require(text.range(of: "== 1-activate.log =="))
      #expect(prepare.lowerBound < activate.lowerBound)
      #expect(
        text.contains("line 1\nline 2\nline 3\ntoken=[masked]\n") && text.contains("restarted\n"))
      #expect(!text.contains("hunter2") && !text.contains("2-prepare"))
    }
    #expect(try store.expectSuccess(["logs"]).output.contains("== 2-activate.log =="))
    let few = try store.expectSuccess(["logs", "1", "--lines", "2"]).output
    #expect(!few.contains("line 3"), "the last line is that of the program")
  }

  @Test func `a failed release is the one whose hook ran last`() throws {
    let store = try storeWithHooks()
    try store.expectSuccess(["deploy", try store.packRelease("one"), "--id", "1"])
    _ = try store.run(["deploy", try store.packRelease("broken"), "--id", "2"])
    // The activate hook ran for the old release again.
    let json = try store.expectSuccess(["logs", "2", "--json"]).json
    let logs = try #require(json["logs"] as? [[String: Any]])
    #expect(logs.map { $0["name"] as? String } == ["2-prepare.log", "2-activate.log"])
    #expect(json["id"] as? String == "2" && json["schema"] as? Int == 1)
  }

  @Test func `a store without hooks says so`() throws {
    let store = try TestStore()
    #expect(try store.expectSuccess(["logs"]).output == "no hook has run yet\n")
    try store.publish("1")
    #expect(try store.expectSuccess(["logs", "1"]).output == "no hook has run for release 1 yet\n")
    try store.expectFailure(["logs", "9"], status: 4, code: "noSuchRelease")
  }
}
