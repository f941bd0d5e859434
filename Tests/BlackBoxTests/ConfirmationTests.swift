import Foundation
import Testing

/// A switch counts only when the hook and the health check say so; else the old release is back.
@Suite struct ConfirmationTests {
  /// 1 and 2 work and were live, 2 last; 3 is ready and does what it is told to.
  private func makeStore(_ version: String) throws -> TestStore {
    let store = try TestStore()
    try store.writeHooks(prepare: false)
    for id in ["1", "2"] {
      try store.expectDone(["deploy", try store.release("good \(id)"), "--id", id])
    }
    try store.expectDone(["unpack", try store.release(version), "--id", "3"])
    _ = store.takeHookLines()
    return store
  }

  private func expectBack(_ store: TestStore, _ steps: [String], _ run: Releases.Run) throws {
    #expect(store.link("current") == "releases/2")
    #expect(store.link("previous") == "releases/1")
    #expect(try run.steps == ["lock done", "preflight done"] + steps)
    #expect(try store.shown("3")["state"] as? String == "bad")
    #expect(try store.shown("2")["state"] as? String == "ready")
    #expect(try store.lastTransaction()["outcome"] as? String == "failed")
    try store.expectSettled()
  }

  @Test func `a failed activate hook rolls the switch back`() throws {
    let store = try makeStore("unstartable")
    let run = try store.expectFailure(["activate", "3"], status: 10, code: "rolledBack")
    try expectBack(
      store,
      [
        "switch done", "activate failed", "restore done", "restore-activate done",
        "restore-health done",
      ], run)
    #expect(store.takeHookLines() == ["activate 3", "restore 2", "failed 3"])
    #expect(try run.json["outcome"] as? String == "rolledBack")
    let error = try run.error
    #expect((error["message"] as? String)?.contains("status 1") == true)
    #expect((error["hint"] as? String)?.hasPrefix("2 is live again and healthy; ") == true)
    #expect((error["hint"] as? String)?.contains(".releases/logs/3-activate.log") == true)
    #expect(
      (try store.shown("3")["reason"] as? String)?.contains("status 1") == true,
      "the catalog says why")
  }

  @Test func `a failed health check restores both links`() throws {
    let store = try makeStore("unhealthy")
    let run = try store.expectFailure(["activate", "3"], status: 10, code: "rolledBack")
    try expectBack(
      store,
      [
        "switch done", "activate done", "health failed", "restore done", "restore-activate done",
        "restore-health done",
      ], run)
    #expect(store.takeHookLines() == ["activate 3", "restore 2", "failed 3"])
  }

  @Test func `a rollback that fails returns to the release that was live`() throws {
    let store = try makeStore("good 3")
    try store.expectDone(["activate", "3"])
    try store.write("releases/2/VERSION", "unstartable")
    _ = store.takeHookLines()
    try store.expectFailure(["rollback", "--force"], status: 10, code: "rolledBack")
    #expect(store.takeHookLines() == ["rollback 2", "restore 3", "failed 2"])
    #expect(store.current == "3")
    #expect(store.previous == "1", "2 is bad now")
    #expect(try store.shown("3")["state"] as? String == "ready")
    #expect(try store.shown("2")["state"] as? String == "bad")
    try store.expectSettledForGood("a rollback that failed")
  }

  @Test func `a switch exits with 11 when the restored release is unhealthy`() throws {
    let store = try makeStore("unhealthy")
    // The service is broken, whichever release it runs.
    try store.write(
      "releases.yaml", "health: {command: test -e \(store.path)/healthy, timeout: 1s}\n")
    let run = try store.expectFailure(["activate", "3"], status: 11, code: "needsPerson")
    #expect(store.current == "2")
    #expect(try run.json["outcome"] as? String == "failed")
    #expect((try run.error["hint"] as? String)?.contains("2 is live again, but ") == true)
    try store.expectSettled()
  }

  @Test func `a first release that fails leaves nothing live`() throws {
    let store = try TestStore()
    try store.writeHooks()
    let run = try store.run(
      ["deploy", try store.release("unhealthy"), "--id", "1", "--json"])
    #expect(run.status == 11, "\(run)")
    #expect(store.link("current") == nil)
    #expect(try store.shown("1")["state"] as? String == "bad")
    #expect((try run.error["hint"] as? String)?.contains("nothing was live before") == true)
    #expect(store.takeHookLines() == ["prepare 1", "activate 1", "failed 1"])
    try store.expectSettled()
  }

  @Test func `a failed release stays live with the no-rollback option`() throws {
    let store = try makeStore("unhealthy")
    let run = try store.expectFailure(
      ["activate", "3", "--no-rollback"], status: 11, code: "needsPerson")
    #expect(store.current == "3")
    #expect(store.previous == "2")
    #expect(try store.shown("3")["state"] as? String == "bad")
    #expect((try run.error["hint"] as? String)?.contains(" rollback") == true)
    #expect(store.takeHookLines() == ["activate 3", "failed 3"])
    let reason = try store.shown("3")["reason"] as? String
    try store.expectDone(["rollback"])
    #expect(store.current == "2")
    #expect(reason != nil)
    #expect(try store.shown("3")["reason"] as? String == reason)
  }

  @Test func `a failed release is neither latest nor a rollback target`() throws {
    let store = try makeStore("unhealthy")
    try store.expectFailure(["activate", "3"], status: 10)
    try store.expectFailure(["activate", "3"], status: 3, code: "bad")
    try store.expectDone(["activate", "latest"])
    #expect(store.current == "2")
    try store.expectDone(["rollback"])
    #expect(store.current == "1")
  }

  @Test func `activating the live release runs no hook`() throws {
    let store = try makeStore("good 3")
    try store.expectDone(["activate", "2"])
    #expect(store.takeHookLines() == [])
  }

  @Test func `activate with verify refuses a release whose content has changed`() throws {
    let store = try makeStore("good 3")
    try store.write("releases/3/VERSION", "GOOD 3")
    try store.expectFailure(["activate", "3", "--verify"], status: 3, code: "notWhole")
    #expect(store.takeHookLines() == [])
  }

  @Test func `a release that its own hook deletes is rolled back`() throws {
    let store = try makeStore("good 3")
    try store.write(
      "releases.yaml", "hooks: {activate: {run: 'rm -rf \(store.path)/releases/3'}}\n")
    let run = try store.expectFailure(["activate", "3"], status: 10, code: "rolledBack")
    #expect((try run.error["message"] as? String)?.contains("3, which is not there") == true)
    #expect(store.current == "2" && store.previous == "1")
  }

  @Test(arguments: ["true", "false"])
  func `a switch does not touch a current link moved by hand meanwhile`(hookEnds: String) throws {
    let store = try makeStore("good 3")
    let move = "ln -sfn releases/1 \(store.path)/current"
    try store.write("releases.yaml", "hooks: {activate: {run: '\(move); \(hookEnds)'}}\n")
    let run = try store.expectFailure(["activate", "3"], status: 11, code: "needsPerson")
    #expect((try run.error["message"] as? String)?.contains("moved by hand") == true)
    #expect(store.current == "1")
    #expect(try store.lastTransaction()["outcome"] as? String == "undone")
    #expect(try store.shown("3")["state"] as? String == (hookEnds == "true" ? "ready" : "bad"))
    try store.expectDone(["recover"])
    #expect(store.current == "1")
    try store.expectSettled()
  }

  @Test func `hooks work under a caller that ignores SIGCHLD`() throws {
    let store = try makeStore("unhealthy")
    let launcher = ["env", "--ignore-signal=CHLD"]
    let failed = try store.run(["activate", "3", "--json"], launcher: launcher)
    #expect(failed.status == 10)
    #expect(try failed.steps.contains("activate done"))
    #expect(store.takeHookLines() == ["activate 3", "restore 2", "failed 3"])
    let deployed = try store.run(["deploy", try store.release("good 4")], launcher: launcher)
    #expect(deployed.status == 0, "\(deployed.errors)")
  }

  @Test func `a failed succeeded hook is only a warning`() throws {
    let store = try makeStore("good 3")
    try store.write(
      "releases.yaml",
      "hooks: {activate: {run: 'true'}, succeeded: {run: exit 3}, failed: {run: exit 3}}\n")
    let run = try store.expectDone(["activate", "3"])
    #expect(run.errors.contains("warning: the succeeded hook ended with status 3"), "\(run.errors)")
    #expect(store.current == "3")
  }

  @Test func `the succeeded hook runs without the lock`() throws {
    let store = try makeStore("good 3")
    try store.write(
      "releases.yaml",
      """
      hooks:
        activate: {run: 'true'}
        succeeded: {run: '\(Releases.binary) --store \(store.path) pin 3 --wait 0s --reason live'}
      """)
    try store.expectDone(["activate", "3"])
    #expect(try store.shown("3")["pinned"] as? Bool == true)
  }

  /// The service would else stay on the release that failed, under links that say otherwise.
  @Test func `recover completes a rollback that was interrupted`() throws {
    let store = try TestStore()
    try store.activate(["1", "2"])
    try store.writeHooks(prepare: false)
    try store.expectDone(["unpack", try store.release("unstartable"), "--id", "3"])
    // The switch makes two links; the third would be the first one of the way back.
    let run = try store.run(
      ["activate", "3", "--json"], launcher: Fault.error("EMFILE", at: "symlinkat", 3))
    #expect(run.status == 11)
    #expect(try run.error["code"] as? String == "interrupted")
    #expect(store.current == "3", "what the service runs")
    #expect(store.takeHookLines().last == "activate 3")
    try store.expectDone(["recover"])
    #expect(store.current == "2" && store.previous == "1")
    #expect(store.takeHookLines() == ["restore 2"])
    #expect(try store.shown("3")["state"] as? String == "bad")
    try store.expectSettledForGood("a way back that failed")
  }
}
