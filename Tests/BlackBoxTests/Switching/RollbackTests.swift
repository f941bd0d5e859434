import Foundation
import TestSupport
import Testing

/// Which release a rollback chooses, and when it is refused.
@Suite struct RollbackTests {
  @Test func `a rollback with a single release leaves it live`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    try store.expectFailure(["rollback"], status: 3, code: "nothingToRollBackTo")
    #expect(store.current == "1")
    try store.expectSuccess(["prune", "--keep", "1", "--keep-within", "0d"])
    #expect(try store.read("current/VERSION") == "1")
    #expect(
      try store.releases()["1"]?["state"] as? String == "ready", "the release is not marked bad")
  }

  @Test func `prune retains the newest release after a rollback to it`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2", "3"])
    try store.expectSuccess(["activate", "1"])
    try store.expectSuccess(["rollback", "--to", "3"])
    try store.expectSuccess(["prune", "--keep", "1", "--keep-within", "0d"])
    #expect(store.current == "3")
    #expect(try store.read("current/VERSION") == "3")
    #expect(store.previous == "2", "1 was rolled back from")
    try store.expectConsistent()
  }

  @Test func `a rollback skips a release marked bad`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["A", "B", "C"])
    try store.expectSuccess(["mark", "B", "bad", "--reason", "loses messages"])
    #expect(try store.expectSuccess(["list", "--json"]).json["rollback"] as? String == "A")
    try store.expectSuccess(["rollback"])
    #expect(store.current == "A")
    #expect(store.previous == nil)
    try store.expectFailure(["activate", "B"], status: 3, code: "bad")
    try store.expectFailure(["rollback", "--to", "C"], status: 3, code: "bad")
    #expect(store.current == "A")
  }

  @Test func `a rollback without a target is refused`() throws {
    let store = try TestStore()
    try store.expectFailure(["rollback"], status: 3, code: "nothingToRollBackTo")
    try store.expectFailure(["activate", "previous"], status: 3, code: "nothingToRollBackTo")
    try store.publishAndActivate(["1", "2"])
    try store.expectSuccess(["mark", "1", "bad", "--reason", "x"])
    let refused = try store.expectFailure(["rollback"], status: 3, code: "nothingToRollBackTo")
    #expect(refused.errors.contains("hint: "))
    try store.expectFailure(["rollback", "--dry-run"], status: 3, code: "nothingToRollBackTo")
    #expect(store.current == "2")
  }

  @Test func `a release that was never live is not a rollback target`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    try store.publish("2")
    try store.expectFailure(["rollback"], status: 3, code: "nothingToRollBackTo")

    let killed = try store.run(
      ["activate", "2"], launcher: Fault.signal("KILL", at: "renameat"))
    #expect(killed.status == 128 + SIGKILL)
    try Program.expect(["rm", "\(store.path)/releases/2/VERSION"])
    let recovered = try store.expectSuccess(["recover"])
    #expect(recovered.errors.contains("2 is missing or modified"))
    #expect(store.current == "1", "the switch to the broken release was rolled back")
    try store.expectFailure(["rollback"], status: 3, code: "nothingToRollBackTo")
    try store.publishAndActivate(["3"])
    try store.expectSuccess(["rollback"])
    #expect(store.current == "1")
  }

  @Test func `the modification time of a release affects neither rollback nor prune`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2", "3", "4"])
    try Program.expect(["touch", "-d", "@4000000000", "\(store.path)/releases/1"])
    try Program.expect(["touch", "-d", "@1", "\(store.path)/releases/4"])
    #expect(try store.expectSuccess(["list", "--json"]).json["rollback"] as? String == "3")
    try store.expectSuccess(["prune", "--keep", "1", "--keep-within", "0d"])
    #expect(try store.names("releases") == ["3", "4"])
    try store.expectSuccess(["rollback"])
    #expect(store.current == "3")
  }

  @Test(arguments: ["activate", "rollback"])
  func `switching to a missing release fails`(command: String) throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    let arguments = command == "rollback" ? ["rollback", "--to", "9"] : ["activate", "9"]
    try store.expectFailure(arguments, status: 4, code: "noSuchRelease")
    try Program.expect(["rm", "-r", "\(store.path)/releases/1"])
    let gone = command == "rollback" ? ["rollback", "--to", "1"] : ["activate", "1"]
    try store.expectFailure(gone, status: 4, code: "noSuchRelease")
    #expect(store.current == "2")
  }

  @Test func `list and rollback work without a history`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2", "3"])
    try Program.expect(["rm", "\(store.path)/.releases/history.jsonl"])
    #expect(try store.releases().count == 3)
    try store.expectSuccess(["rollback"])
    try store.expectSuccess(["rollback"])
    #expect(store.current == "1")
    try store.expectConsistent()
  }

  /// Activates 3, which never gets healthy, while 2 is live and 1 is the rollback target.
  private func whileThirdIsUnconfirmed(
    _ body: (TestStore, BackgroundProgram) throws -> Void
  ) throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    try store.publish("3")
    try store.write(
      "releases.yaml",
      "health: {command: 'touch ../../waiting; grep -vqx 3 VERSION', timeout: 5s}\n")
    let switching = try BackgroundProgram([
      Releases.binary, "--store", store.path, "activate", "3",
    ])
    try store.waitUntil("it waits for health") { store.exists("waiting") }
    try body(store, switching)
    #expect(store.current == "2")
    #expect(try store.entry(of: "2")["state"] as? String == "ready", "2 is not marked bad")
    try store.expectConsistent()
    try store.expectSuccess(["rollback"])
    #expect(store.current == "1")
  }

  @Test func `a rollback after an interrupted switch goes back one release, not two`() throws {
    try whileThirdIsUnconfirmed { store, switching in
      switching.send(SIGKILL)
      #expect(switching.waitForExit() == 128 + SIGKILL)
      let run = try store.expectFailure(["rollback"], status: 3, code: "liveChanged")
      #expect(run.errors.contains("2 is live now, and 3 was when"), "\(run.errors)")
    }
  }

  @Test func `a rollback that waited for a failing switch does nothing more`() throws {
    try whileThirdIsUnconfirmed { store, switching in
      try store.expectFailure(["rollback", "--wait", "1m"], status: 3, code: "liveChanged")
      #expect(switching.waitForExit() == 10)
    }
  }
}
