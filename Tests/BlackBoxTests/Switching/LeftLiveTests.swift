import Foundation
import TestSupport
import Testing

/// A switch whose release failed and stays live, as `--no-rollback` requests, is shown as a failure.
@Suite struct LeftLiveTests {
  @Test func `status, history and the page say that it failed`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    try store.publish("2")
    try store.write("releases.yaml", "health: {command: 'false', timeout: 1s}\n")
    try store.expectFailure(["activate", "2", "--no-rollback"], status: 11)
    let status = try store.run(["status"]).output
    #expect(status.contains(#/\nlast +activate 2 by \S+, .*: failed, still live\n/#), "\(status)")
    let history = try store.expectSuccess(["history"]).output
    #expect(history.contains(#/activate +2 +failed, still live /#), "\(history)")
    #expect(
      try store.expectSuccess(["report", "--html", "-"]).output.contains("failed, still live"))
    // The published values stay.
    let last = try #require(try store.status().json["last"] as? [String: Any])
    #expect(last["outcome"] as? String == "done" && last["state"] as? String == "done")
    #expect(last["succeeded"] as? Bool == false)
    #expect(try store.history().first?["outcome"] as? String == "done")
  }

  @Test func `other outcomes say whether they succeeded`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    let last = try #require(try store.status().json["last"] as? [String: Any])
    #expect(last["succeeded"] as? Bool == true)
    try store.publish("2")
    try store.write("releases.yaml", "health: {command: 'false', timeout: 1s}\n")
    _ = try store.run(["activate", "2"])
    let failed = try #require(try store.status().json["lastSwitch"] as? [String: Any])
    #expect(failed["outcome"] as? String == "failed" && failed["succeeded"] as? Bool == false)
  }
}
