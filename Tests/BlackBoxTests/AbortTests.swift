import Foundation
import Testing

/// A switch that waits for its health check, and those who end its wait.
@Suite struct AbortTests {
  /// 1 is live, 2 waits to become healthy, which it is once `store/healthy` is there.
  private func waiting(
    hang: Bool = false, _ body: (TestStore, Companion) throws -> Void
  ) throws {
    let store = try TestStore()
    try store.activate(["1"])
    try store.publish("2")
    let waits = "touch ../../waiting; test -e ../../healthy || grep -qx 1 VERSION"
    try store.write(
      "releases.yaml",
      """
      hooks: {activate: {run: 'echo "$RELEASES_EVENT $RELEASES_ID" >> \(store.hookLog)'}}
      health: {command: '\(waits)', timeout: 1m}
      """)
    let switching = try Companion([
      Releases.binary, "--store", store.path, "activate", "2", "--json",
    ])
    try store.waitUntil("it waits for health") { store.exists("waiting") }
    try body(store, switching)
    try store.expectSettled()
    try store.expectSettledForGood("a switch that was stopped")
  }

  private func expectBack(_ store: TestStore) throws {
    #expect(store.current == "1")
    #expect(store.previous == nil)
    #expect(try store.shown("2")["state"] as? String == "bad")
    #expect(store.takeHookLines() == ["activate 2", "restore 1"])
    #expect(!store.exists(".releases/abort.json"))
  }

  @Test func abortEndsTheWaitAtOnce() throws {
    try waiting { store, switching in
      let run = try store.expectDone(["abort", "--reason", "wrong branch"])
      #expect(run.output.hasPrefix("stopped the activate of 2 by "))
      #expect(run.output.contains("1 is live again and healthy"))
      #expect(switching.end() == 10)
      let answer = switching.firstAnswer()
      #expect(answer.contains("wrong branch"), "\(answer)")
      try expectBack(store)
    }
  }

  @Test(
    "17: a signal ends the wait, and the switch is put back first", arguments: [SIGTERM, SIGINT])
  func signalEndsTheWait(signal: Int32) throws {
    try waiting { store, switching in
      switching.send(signal)
      #expect(switching.status() == 128 + signal)
      let answer = switching.firstAnswer()
      #expect(answer.contains("\"code\":\"rolledBack\""), "it still said how it went: \(answer)")
      try expectBack(store)
    }
  }

  @Test func aRequestThatCameTooLateIsSweptAway() throws {
    try waiting { store, switching in
      try store.expectDone(["abort"])
      #expect(switching.end() == 10)
      try store.write(".releases/abort.json", "{}\n")
      try store.expectDone(["recover"])
      #expect(!store.exists(".releases/abort.json"))
    }
  }

  @Test func aLostConnectionDoesNotEndIt() throws {
    try waiting { store, switching in
      switching.send(SIGHUP)
      try store.write("healthy", "")
      #expect(switching.end() == 0)
      #expect(store.current == "2")
    }
  }

  @Test func aReaderWhoHasFallenAsleepHoldsNothingUp() throws {
    let store = try TestStore()
    try store.activate(["1"])
    try store.publish("2")
    try store.write(
      "releases.yaml", "hooks: {activate: {run: head -c 1000000 /dev/zero; exit 1}}\n")
    // Nobody ever reads the pipe, and it stays open.
    try Program.expect(["mkfifo", "\(store.directory)/asleep"])
    let run = try Program.run([
      "sh", "-c", "exec 9<>\(store.directory)/asleep; \"$@\" 2>&9", "sh", Releases.binary,
      "--store",
      store.path, "activate", "2",
    ])
    #expect(run.status == 11, "the hook fails for the old release too: \(run)")
    #expect(store.current == "1")
    try store.expectSettledForGood("a reader who sleeps")
  }

  @Test func anEmergencyRollbackIsToldWhoIsInItsWay() throws {
    try waiting { store, switching in
      let run = try store.expectFailure(["rollback", "--wait", "0s"], status: 5, code: "locked")
      #expect((try run.error["message"] as? String)?.contains("activate 2") == true)
      #expect((try run.error["hint"] as? String)?.contains("abort") == true)
      try store.expectDone(["abort"])
      #expect(switching.end() == 10)
      try expectBack(store)
    }
  }

  @Test func whoeverWaitsLongIsToldForWhom() throws {
    try waiting { store, switching in
      let run = try store.run(["pin", "1", "--reason", "x", "--wait", "2s"])
      #expect(run.status == 5)
      #expect(run.errors.contains("releases: waiting: "), "\(run.errors)")
      try store.write("healthy", "")
      #expect(switching.end() == 0)
    }
  }

  @Test func readersSeeThatItIsUnderWay() throws {
    try waiting { store, switching in
      let status = try store.run(["status", "--json"]).json
      let last = try #require(status["last"] as? [String: Any])
      #expect(last["state"] as? String == "running")
      #expect(status["current"] as? String == "2")
      try store.write("healthy", "")
      #expect(switching.end() == 0)
    }
  }

  @Test func killedItGoesBackWithTheHookButNotAtBoot() throws {
    for isBoot in [false, true] {
      try waiting { store, switching in
        switching.send(SIGKILL)
        #expect(switching.status() == 128 + SIGKILL)
        let run = try store.expectDone(["recover"] + (isBoot ? ["--boot"] : []))
        #expect(run.errors.contains("2 was not confirmed; 1 stays live"), "\(run.errors)")
        #expect(store.current == "1")
        #expect(try store.shown("2")["state"] as? String == "bad")
        #expect(store.takeHookLines() == ["activate 2"] + (isBoot ? [] : ["restore 1"]))
      }
    }
  }

  @Test func thereIsNothingToAbort() throws {
    let store = try TestStore()
    try store.activate(["1"])
    try store.expectFailure(["abort"], status: 3, code: "nothingToAbort")
    #expect(!store.exists(".releases/abort.json"))
  }

  @Test func anOldRequestStopsNoOtherSwitch() throws {
    try waiting { store, switching in
      let request = "\(store.path)/.releases/abort.json"
      try Program.expect(["sh", "-c", "echo '{\"format\":1,\"sequence\":1}' > \(request)"])
      try store.write("healthy", "")
      #expect(switching.end() == 0)
      #expect(store.current == "2")
      #expect(!store.exists(".releases/abort.json"))
    }
  }
}
