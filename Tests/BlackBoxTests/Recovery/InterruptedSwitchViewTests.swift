import Foundation
import TestSupport
import Testing

/// What is said about a store whose switch was killed while it waited for the health of the release.
@Suite struct InterruptedSwitchViewTests {
  private let store: TestStore

  /// A store where 2 is live, 1 was live before, and the switch to 3 was killed.
  init() throws {
    store = try TestStore.withHealthyReleases(andThird: "good 3")
    try store.write(
      "releases.yaml", "hooks: {activate: {run: 'true'}}\nhealth: {command: 'kill -9 $PPID'}\n")
    #expect(try store.run(["activate", "3"]).status == 137)
    try store.write("releases.yaml", "hooks: {activate: {run: 'true'}}\n")
    #expect(store.current == "3")
  }

  @Test func `no command promises a rollback that would be refused`() throws {
    try store.expectFailure(["rollback", "--dry-run"], status: 3, code: "liveChanged")
    #expect(try store.run(["status", "--json"]).json["rollback"] is NSNull)
    let status = try store.run(["status"])
    #expect(
      status.output.contains("will undo it, restoring 2"))
    #expect(try store.run(["list", "--json"]).json["rollback"] is NSNull)
    #expect(try !store.run(["check"]).output.contains("a rollback would choose"))
    let metrics = try store.run(["metrics"]).output
    #expect(metrics.contains("releases_rollback_available{store=\"\(store.path)\"} 0\n"))
    try store.expectSuccess(["recover"])
    #expect(try store.run(["status", "--json"]).json["rollback"] as? String == "1")
  }

  @Test func `a dry run plans from what the recovery will leave`() throws {
    let restart = try store.expectSuccess(["restart", "--dry-run"]).output
    #expect(restart.contains("would first recover the interrupted activate of 3"))
    #expect(restart.contains("would restart 2"))
    let arguments = ["prune", "--keep", "1", "--keep-within", "0d"]
    let planned = try store.expectSuccess(arguments + ["--dry-run", "--json"]).json
    #expect((planned["recovered"] as? [String])?.isEmpty == false)
    let done = try store.expectSuccess(arguments + ["--json"]).json
    func actions(_ document: [String: Any]) throws -> [String] {
      try #require(document["decisions"] as? [[String: Any]]).map {
        "\($0["id"]!) \($0["action"]!)"
      }
    }
    #expect(try actions(planned) == actions(done))
  }
}
