import Foundation
import TestSupport
import Testing

/// A switch that waits for its health check, and the commands and signals that end the wait.
@Suite struct AbortTests {
  /// Activates 2 while 1 is live. 2 becomes healthy when `store/healthy` exists.
  private func duringHealthWait(
    _ body: (TestStore, BackgroundProgram) throws -> Void
  ) throws {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    try store.publish("2")
    let check = "touch ../../waiting; test -e ../../healthy || grep -qx 1 VERSION"
    try store.write(
      "releases.yaml",
      """
      hooks: {activate: {run: 'echo "$RELEASES_EVENT $RELEASES_ID" >> \(store.hookLog)'}}
      health: {command: '\(check)', timeout: 1m}
      """)
    let switching = try BackgroundProgram([
      Releases.binary, "--store", store.path, "activate", "2", "--json",
    ])
    try store.waitUntil("it waits for health") { store.exists("waiting") }
    try body(store, switching)
    try store.expectConsistent()
    try store.expectNothingToRecover("a switch that was stopped")
  }

  private func expectRolledBack(_ store: TestStore) throws {
    #expect(store.current == "1")
    #expect(store.previous == nil)
    #expect(try store.entry(of: "2")["state"] as? String == "bad")
    #expect(store.takeHookLines() == ["activate 2", "restore 1"])
    #expect(!store.exists(".releases/abort.json"))
  }

  @Test func `abort ends the wait for health and rolls the switch back`() throws {
    try duringHealthWait { store, switching in
      let run = try store.expectSuccess(["abort", "--reason", "wrong branch"])
      #expect(
        run.output == "aborted the switch to 2 (wrong branch); 1 is live again and healthy\n")
      #expect(switching.end() == 10)
      let answer = switching.firstOutput()
      #expect(answer.contains("wrong branch"), "\(answer)")
      try expectRolledBack(store)
    }
  }

  @Test(arguments: [SIGTERM, SIGINT])
  func `a signal ends the wait only after the switch was rolled back`(signal: Int32) throws {
    try duringHealthWait { store, switching in
      switching.send(signal)
      #expect(switching.waitForExit() == 128 + signal)
      let answer = switching.firstOutput()
      #expect(answer.contains("\"code\":\"rolledBack\""), "the outcome is missing: \(answer)")
      try expectRolledBack(store)
    }
  }

  @Test func `recover removes a request to abort that came too late`() throws {
    try duringHealthWait { store, switching in
      try store.expectSuccess(["abort"])
      #expect(switching.end() == 10)
      try store.write(".releases/abort.json", "{}\n")
      try store.expectSuccess(["recover"])
      #expect(!store.exists(".releases/abort.json"))
    }
  }

  @Test func `a lost connection does not end the switch`() throws {
    try duringHealthWait { store, switching in
      switching.send(SIGHUP)
      try store.write("healthy", "")
      #expect(switching.end() == 0)
      #expect(store.current == "2")
    }
  }

  @Test func `a reader that stops reading does not block a switch`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    try store.publish("2")
    try store.write(
      "releases.yaml", "hooks: {activate: {run: head -c 1000000 /dev/zero; exit 1}}\n")
    // The pipe stays open, and no process reads from it.
    try Program.expect(["mkfifo", "\(store.directory)/asleep"])
    let run = try Program.run([
      "sh", "-c", "exec 9<>\(store.directory)/asleep; \"$@\" 2>&9", "sh", Releases.binary,
      "--store",
      store.path, "activate", "2",
    ])
    #expect(run.status == 11, "the hook fails for both releases: \(run)")
    #expect(store.current == "1")
    try store.expectNothingToRecover("a reader that stopped")
  }

  @Test func `a rollback that finds the lock held names the switch and suggests abort`() throws {
    try duringHealthWait { store, switching in
      let run = try store.expectFailure(["rollback", "--wait", "0s"], status: 5, code: "locked")
      #expect((try run.error["message"] as? String)?.contains("activate 2") == true)
      #expect((try run.error["hint"] as? String)?.contains("abort") == true)
      try store.expectSuccess(["abort"])
      #expect(switching.end() == 10)
      try expectRolledBack(store)
    }
  }

  @Test func `a long wait for the lock reports which command holds it`() throws {
    try duringHealthWait { store, switching in
      let run = try store.run(["pin", "1", "--reason", "x", "--wait", "2s"])
      #expect(run.status == 5)
      #expect(run.errors.contains("releases: waiting: "), "\(run.errors)")
      try store.write("healthy", "")
      #expect(switching.end() == 0)
    }
  }

  @Test func `status reports a switch that waits for health as running`() throws {
    try duringHealthWait { store, switching in
      let status = try store.run(["status", "--json"]).json
      let last = try #require(status["last"] as? [String: Any])
      #expect(last["state"] as? String == "running")
      #expect(status["current"] as? String == "2")
      try store.write("healthy", "")
      #expect(switching.end() == 0)
    }
  }

  @Test func `recovery of a killed switch runs the hook, except at boot`() throws {
    for isBoot in [false, true] {
      try duringHealthWait { store, switching in
        switching.send(SIGKILL)
        #expect(switching.waitForExit() == 128 + SIGKILL)
        let run = try store.expectSuccess(["recover"] + (isBoot ? ["--boot"] : []))
        #expect(run.errors.contains("2 was not confirmed; 1 stays live"), "\(run.errors)")
        #expect(store.current == "1")
        #expect(try store.entry(of: "2")["state"] as? String == "bad")
        #expect(store.takeHookLines() == ["activate 2"] + (isBoot ? [] : ["restore 1"]))
      }
    }
  }

  @Test func `abort is refused if no switch is running`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    try store.expectFailure(["abort"], status: 3, code: "nothingToAbort")
    #expect(!store.exists(".releases/abort.json"))
  }

  @Test func `a request to abort an earlier switch does not stop the next one`() throws {
    try duringHealthWait { store, switching in
      let request = "\(store.path)/.releases/abort.json"
      try Program.expect(["sh", "-c", "echo '{\"format\":1,\"sequence\":1}' > \(request)"])
      try store.write("healthy", "")
      #expect(switching.end() == 0)
      #expect(store.current == "2")
      #expect(!store.exists(".releases/abort.json"))
    }
  }
}
