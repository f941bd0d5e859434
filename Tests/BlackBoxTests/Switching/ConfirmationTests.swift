import Foundation
import TestSupport
import Testing

/// A switch is confirmed by its hook and its health check; otherwise the old release is restored.
@Suite struct ConfirmationTests {
  private func expectRolledBack(_ store: TestStore, _ steps: [String], _ run: Releases.Run) throws {
    #expect(store.link("current") == "releases/2")
    #expect(store.link("previous") == "releases/1")
    #expect(try run.steps == ["lock done", "preflight done"] + steps)
    #expect(try store.entry(of: "3")["state"] as? String == "bad")
    #expect(try store.entry(of: "2")["state"] as? String == "ready")
    #expect(try store.lastTransaction()["outcome"] as? String == "failed")
    try store.expectConsistent()
  }

  @Test func `a failed activate hook rolls the switch back`() throws {
    let store = try TestStore.withHealthyReleases(andThird: "unstartable")
    let run = try store.expectFailure(["activate", "3"], status: 10, code: "rolledBack")
    try expectRolledBack(
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
      (try store.entry(of: "3")["reason"] as? String)?.contains("status 1") == true,
      "the catalog says why")
  }

  @Test func `a failed health check restores both links`() throws {
    let store = try TestStore.withHealthyReleases(andThird: "unhealthy")
    let run = try store.expectFailure(["activate", "3"], status: 10, code: "rolledBack")
    try expectRolledBack(
      store,
      [
        "switch done", "activate done", "health failed", "restore done", "restore-activate done",
        "restore-health done",
      ], run)
    #expect(store.takeHookLines() == ["activate 3", "restore 2", "failed 3"])
  }

  @Test func `a rollback that fails returns to the release that was live`() throws {
    let store = try TestStore.withHealthyReleases(andThird: "good 3")
    try store.expectSuccess(["activate", "3"])
    try store.write("releases/2/VERSION", "unstartable")
    _ = store.takeHookLines()
    try store.expectFailure(["rollback", "--force"], status: 10, code: "rolledBack")
    #expect(store.takeHookLines() == ["rollback 2", "restore 3", "failed 2"])
    #expect(store.current == "3")
    #expect(store.previous == "1", "2 is bad now")
    #expect(try store.entry(of: "3")["state"] as? String == "ready")
    #expect(try store.entry(of: "2")["state"] as? String == "bad")
    try store.expectNothingToRecover("a rollback that failed")
  }

  @Test func `a switch exits with 11 when the restored release is unhealthy`() throws {
    let store = try TestStore.withHealthyReleases(andThird: "unhealthy")
    // The service is unhealthy with every release.
    try store.write(
      "releases.yaml", "health: {command: test -e \(store.path)/healthy, timeout: 1s}\n")
    let run = try store.expectFailure(["activate", "3"], status: 11, code: "needsPerson")
    #expect(store.current == "2")
    #expect(try run.json["outcome"] as? String == "failed")
    let hint = try #require(try run.error["hint"] as? String)
    #expect(
      hint.hasPrefix("2 is live again, but it does not work either (not healthy within 1s"),
      "\(hint)")
    try store.expectConsistent()
  }

  @Test func `a hook that fails for every release is repaired and restarted`() throws {
    let store = try TestStore.withHealthyReleases(andThird: "good 3")
    try store.write(
      "releases.yaml",
      "hooks: {activate: {run: 'test -e \(store.path)/repaired || { echo not repaired; false; }'}}\n"
    )
    let run = try store.expectFailure(["activate", "3"], status: 11, code: "needsPerson")
    #expect(run.hintCommand == "releases --store \(store.path) restart")
    #expect(
      try run.error["hint"] as? String
        == "2 is live again, but its activate hook failed, too (not repaired); correct the cause, then "
        + "restart the service: releases --store \(store.path) restart")
    try store.write("repaired", "")
    try store.runHint(of: run)
    #expect(store.current == "2")
    #expect(try store.status().status == 0)
  }

  @Test func `a first release that fails leaves nothing live`() throws {
    let store = try TestStore()
    try store.writeHooks()
    let run = try store.run(
      ["deploy", try store.packRelease("unhealthy"), "--id", "1", "--json"])
    #expect(run.status == 11, "\(run)")
    #expect(store.link("current") == nil)
    #expect(try store.entry(of: "1")["state"] as? String == "bad")
    #expect((try run.error["hint"] as? String)?.contains("no release was live before") == true)
    let finding = try #require(try store.status().findings.first)
    #expect(
      finding.message.hasPrefix("nothing is live, since the deployment of 1 failed: not healthy"),
      "\(finding)")
    #expect(finding.command == "releases --store \(store.path) activate 1 --force")
    try store.expectSuccess(["pin", "1", "--reason", "x"])
    #expect(
      try store.status().findings.first?.message.hasPrefix(
        "nothing is live, and the newest release 1 is bad: not healthy within") == true)
    try store.expectSuccess(["unpin", "1"])
    #expect(store.takeHookLines() == ["prepare 1", "activate 1", "failed 1"])
    try store.expectConsistent()
  }

  @Test func `a failed release stays live with the no-rollback option`() throws {
    let store = try TestStore.withHealthyReleases(andThird: "unhealthy")
    let run = try store.expectFailure(
      ["activate", "3", "--no-rollback"], status: 11, code: "needsPerson")
    #expect(store.current == "3")
    #expect(store.previous == "2")
    #expect(try store.entry(of: "3")["state"] as? String == "bad")
    #expect((try run.error["hint"] as? String)?.contains(" rollback") == true)
    #expect(store.takeHookLines() == ["activate 3", "failed 3"])
    let reason = try store.entry(of: "3")["reason"] as? String
    try store.expectSuccess(["rollback"])
    #expect(store.current == "2")
    #expect(reason != nil)
    #expect(try store.entry(of: "3")["reason"] as? String == reason)
  }

  @Test func `a failed release is neither latest nor a rollback target`() throws {
    let store = try TestStore.withHealthyReleases(andThird: "unhealthy")
    try store.expectFailure(["activate", "3"], status: 10)
    try store.expectFailure(["activate", "3"], status: 3, code: "bad")
    try store.expectSuccess(["activate", "latest"])
    #expect(store.current == "2")
    try store.expectSuccess(["rollback"])
    #expect(store.current == "1")
  }

  @Test func `activate with verify refuses a release whose content has changed`() throws {
    let store = try TestStore.withHealthyReleases(andThird: "good 3")
    try store.write("releases/3/VERSION", "GOOD 3")
    try store.expectFailure(["activate", "3", "--verify"], status: 3, code: "notWhole")
    #expect(store.takeHookLines() == [])
  }

  @Test(arguments: [true, false])
  func `a second signal ends a restoration that waits for health`(isRequested: Bool) throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    // Nothing is healthy, and the time limit is a thousand years.
    let answer = isRequested ? "false" : "grep -qx 2 VERSION && exit 1; false"
    try store.write(
      "releases.yaml",
      """
      hooks: {activate: {run: 'echo $RELEASES_EVENT >> $RELEASES_STORE/asked; \
      test $RELEASES_EVENT = restore || \(isRequested)'}}
      health: {command: '\(answer)', timeout: 365000d, interval: 1s}
      """)
    let switching = try store.start(["activate", "1"])
    if isRequested {
      try store.waitUntil("it waits for health") { store.current == "1" && store.exists("asked") }
      switching.send(SIGTERM)
    }
    try store.waitUntil("it restores") {
      let events = (try? store.read("asked")) ?? ""
      return store.current == "2" && events.contains("restore")
    }
    if !isRequested { switching.send(SIGTERM) }
    // Two signals at once are one wish.
    switching.send(SIGTERM)
    Thread.sleep(forTimeInterval: 1.6)
    #expect(kill(switching.pid, 0) == 0, "the first signal does not stop a restoration")
    let start = Date()
    switching.send(SIGTERM)
    let status = switching.waitForExit()
    #expect(Date().timeIntervalSince(start) < 10)
    #expect(status == 128 + SIGTERM || status == 11, "\(status)")
    #expect(store.current == "2")
    let switched = try store.history().first { $0["operation"] as? String == "activate" }
    #expect(switched?["outcome"] as? String == "failed")
    try store.expectNothingToRecover("a restoration that was ended")
  }
}
