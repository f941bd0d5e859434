import Foundation
import TestSupport
import Testing

/// What hooks may do during a switch, and what follows from it.
@Suite struct ActivateHookTests {
  @Test func `activating the live release runs no hook`() throws {
    let store = try TestStore.withHealthyReleases(andThird: "good 3")
    try store.expectSuccess(["activate", "2"])
    #expect(store.takeHookLines() == [])
  }

  @Test func `a release that its own hook deletes is rolled back`() throws {
    let store = try TestStore.withHealthyReleases(andThird: "good 3")
    try store.write(
      "releases.yaml", "hooks: {activate: {run: 'rm -rf \(store.path)/releases/3'}}\n")
    let run = try store.expectFailure(["activate", "3"], status: 10, code: "rolledBack")
    #expect((try run.error["message"] as? String)?.contains("3, which does not exist") == true)
    #expect(store.current == "2" && store.previous == "1")
  }

  @Test(arguments: ["true", "false"])
  func `a switch does not change a current link that was moved by hand`(hookEnds: String) throws {
    let store = try TestStore.withHealthyReleases(andThird: "good 3")
    let move = "ln -sfn releases/1 \(store.path)/current"
    try store.write("releases.yaml", "hooks: {activate: {run: '\(move); \(hookEnds)'}}\n")
    let run = try store.expectFailure(["activate", "3"], status: 11, code: "needsPerson")
    #expect((try run.error["message"] as? String)?.contains("moved by hand") == true)
    #expect(store.current == "1")
    #expect(try store.lastTransaction()["outcome"] as? String == "undone")
    #expect(try store.entry(of: "3")["state"] as? String == (hookEnds == "true" ? "ready" : "bad"))
    try store.expectSuccess(["recover"])
    #expect(store.current == "1")
    try store.expectConsistent()
  }

  @Test func `hooks work under a caller that ignores SIGCHLD`() throws {
    let store = try TestStore.withHealthyReleases(andThird: "unhealthy")
    let launcher = ["env", "--ignore-signal=CHLD"]
    let failed = try store.run(["activate", "3", "--json"], launcher: launcher)
    #expect(failed.status == 10)
    #expect(try failed.steps.contains("activate done"))
    #expect(store.takeHookLines() == ["activate 3", "restore 2", "failed 3"])
    let deployed = try store.run(["deploy", try store.packRelease("good 4")], launcher: launcher)
    #expect(deployed.status == 0, "\(deployed.errors)")
  }

  @Test func `a failure of the succeeded hook is only a warning`() throws {
    let store = try TestStore.withHealthyReleases(andThird: "good 3")
    try store.write(
      "releases.yaml",
      "hooks: {activate: {run: 'true'}, succeeded: {run: exit 3}, failed: {run: exit 3}}\n")
    let run = try store.expectSuccess(["activate", "3"])
    #expect(
      run.errors.contains("warning: the succeeded hook exited with status 3"), "\(run.errors)")
    #expect(store.current == "3")
  }

  @Test func `the succeeded hook runs without the lock`() throws {
    let store = try TestStore.withHealthyReleases(andThird: "good 3")
    try store.write(
      "releases.yaml",
      """
      hooks:
        activate: {run: 'true'}
        succeeded: {run: '\(Releases.binary) --store \(store.path) pin 3 --wait 0s --reason live'}
      """)
    try store.expectSuccess(["activate", "3"])
    #expect(try store.entry(of: "3")["pinned"] as? Bool == true)
  }

  /// Otherwise the service would run the failed release while the links point to another one.
  @Test func `recover completes a rollback that was interrupted`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    try store.writeHooks(prepare: false)
    try store.expectSuccess(["unpack", try store.packRelease("unstartable"), "--id", "3"])
    // The switch makes two links, so the third one is the first of the restoration.
    let run = try store.run(
      ["activate", "3", "--json"], launcher: Fault.error("EMFILE", at: "symlinkat", 3))
    #expect(run.status == 11)
    #expect(try run.error["code"] as? String == "interrupted")
    #expect(store.current == "3", "current points to the running release")
    #expect(store.takeHookLines().last == "activate 3")
    try store.expectSuccess(["recover"])
    #expect(store.current == "2" && store.previous == "1")
    #expect(store.takeHookLines() == ["restore 2"])
    #expect(try store.entry(of: "3")["state"] as? String == "bad")
    try store.expectNothingToRecover("an interrupted rollback")
  }
}
