import Foundation
import TestSupport
import Testing

/// Prune without hooks after a switch that was killed in its hook.
@Suite struct RecoveryHookTests {
  /// Returns a store where 1 is live and the switch to 2 was killed unconfirmed.
  private func interrupted() throws -> TestStore {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    try store.publish("2")
    let hook = "echo $RELEASES_EVENT >> \(store.directory)/ran"
    try store.write(
      "releases.yaml",
      "hooks: {activate: {run: '\(hook); test $RELEASES_EVENT = restore || kill -9 $PPID'}}")
    #expect(try store.run(["activate", "2"]).status == 137)
    return store
  }

  private func events(_ store: TestStore) throws -> [Substring] {
    try String(contentsOfFile: "\(store.directory)/ran", encoding: .utf8).split(separator: "\n")
  }

  @Test func `prune without hooks changes nothing and names the command`() throws {
    let store = try interrupted()
    let before = try store.fileSystemState()
    let run = try store.expectFailure(["prune", "--no-hooks"], status: 11, code: "interrupted")
    #expect(run.hintCommand == "releases --store \(store.path) recover")
    #expect(try store.fileSystemState() == before)
    #expect(store.link("current") == "releases/2", "nothing was recovered")
    #expect(try events(store) == ["activate"])
  }

  @Test func `the command in the hint recovers, and prune then works`() throws {
    let store = try interrupted()
    try store.expectSuccess(["recover"])
    #expect(try events(store) == ["activate", "restore"])
    #expect(store.link("current") == "releases/1")
    try store.expectSuccess(["prune", "--no-hooks"])
  }

  @Test func `prune without hooks recovers a switch that has no hook`() throws {
    let store = try interrupted()
    try store.write("releases.yaml", "keep: {count: 3}\n")
    try store.expectSuccess(["prune", "--no-hooks"])
    #expect(store.link("current") == "releases/1")
    #expect(try events(store) == ["activate"])
  }
}
