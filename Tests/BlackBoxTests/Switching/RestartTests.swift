import Foundation
import TestSupport
import Testing

/// The live release is restarted; links, states and history stay as they are.
@Suite struct RestartTests {
  @Test func `restart runs the hook and the health check of the live release`() throws {
    let store = try TestStore.withHealthyReleases(andThird: "good 3")
    let before = try (store.links(), store.history().count, store.entries())
    let run = try store.run(["restart", "--json"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(store.takeHookLines() == ["restart 2"])
    #expect(try run.steps == ["lock done", "activate done", "health done"])
    let report = try run.json
    #expect(report["outcome"] as? String == "restarted" && report["id"] as? String == "2")
    #expect(report["current"] as? String == "2" && report["previous"] as? String == "1")
    #expect(Set(report.keys) == DocumentKeys.operation.union(["processes"]))
    #expect(report["processes"] as? String == "unknown")
    #expect(try (store.links(), store.history().count, store.entries()) == before)
    #expect(
      try store.run(["restart"]).output == """
        ran the activate hook for 2
        it is healthy, but it is unknown whether a process was restarted

        """)
  }

  @Test func `a restart that fails leaves the release live and needs a person`() throws {
    let store = try TestStore.withHealthyReleases(andThird: "good 3")
    try store.write("releases/2/VERSION", "unhealthy")
    let run = try store.expectFailure(["restart"], status: 11, code: "needsPerson")
    #expect(
      (try run.error["message"] as? String)?.hasPrefix("release 2 failed after a restart: ") == true
    )
    #expect(store.link("current") == "releases/2" && store.link("previous") == "releases/1")
    #expect(try store.entry(of: "2")["state"] as? String == "ready")
    #expect(store.takeHookLines() == ["restart 2"])
    try store.runHint(of: run)
    #expect(store.current == "1")
  }

  @Test func `restart is refused when there is nothing to restart`() throws {
    let store = try TestStore()
    try store.expectFailure(["restart"], status: 4, code: "noSuchRelease")
    try store.publishAndActivate(["1"])
    let run = try store.expectFailure(["restart"], status: 3, code: "configuration")
    #expect(
      try run.error["message"] as? String
        == "can't restart 1: \(store.path)/releases.yaml has no activate hook")
  }

  @Test func `a dry run restarts nothing`() throws {
    let store = try TestStore.withHealthyReleases(andThird: "good 3")
    let run = try store.expectSuccess(["restart", "--dry-run"])
    #expect(run.output.hasPrefix("would restart 2\nwould run the activate hook, "))
    #expect(store.takeHookLines() == [])
  }

  @Test func `a frozen store can be restarted`() throws {
    let store = try TestStore.withHealthyReleases(andThird: "good 3")
    try store.expectSuccess(["freeze", "--reason", "x"])
    try store.expectSuccess(["restart"])
    #expect(store.takeHookLines() == ["restart 2"])
  }

  @Test func `a signal stops the wait and ends the command`() throws {
    let store = try TestStore.withHealthyReleases(andThird: "good 3")
    try store.write(
      "releases.yaml",
      """
      hooks: {activate: {run: 'touch \(store.directory)/hooked'}}
      health: {command: 'exit 1', timeout: 5m}
      """)
    let restarting = try store.start(["restart"])
    try store.waitUntil("the hook has run") {
      FileManager.default.fileExists(atPath: "\(store.directory)/hooked")
    }
    restarting.send(SIGTERM)
    #expect(restarting.waitForExit() == 128 + SIGTERM)
    try store.expectNothingToRecover("a restart that was stopped")
  }

  @Test func `activate of the live release names the command that restarts it`() throws {
    let store = try TestStore.withHealthyReleases(andThird: "good 3")
    let run = try store.expectSuccess(["activate", "2"])
    #expect(
      run.output == """
        2 is already live; nothing to do
        restart the service with it: releases --store \(store.path) restart

        """)
    #expect(store.takeHookLines() == [])
  }
}

extension TestStore {
  fileprivate func links() -> [String?] { ["current", "previous"].map(link) }

  /// The catalog entries, as they are on the disk.
  fileprivate func entries() throws -> [String] {
    try names(".releases/catalog").map { try read(".releases/catalog/\($0)") }
  }
}
