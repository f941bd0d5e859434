import Foundation
import TestSupport
import Testing

/// While an interrupted switch waits for recovery, every command says what recovery will do first.
@Suite struct PendingRecoveryTests {
  /// A store where 2 is live, and the unconfirmed switch to 3 was killed.
  private func store() throws -> TestStore {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    try store.publish("3")
    try store.write(
      "releases.yaml", "health: {command: 'touch ../../asked; grep -vqx 3 VERSION', timeout: 1m}\n")
    let switching = try store.start(["activate", "3"])
    try store.waitUntil("it waits for health") { store.exists("asked") }
    switching.send(SIGKILL)
    _ = switching.waitForExit()
    return store
  }

  @Test func `status and list say what recovery will do`() throws {
    let store = try store()
    let message = "will undo it, restoring 2"
    for command in ["status", "list", "check"] {
      #expect(try store.run([command]).output.contains(message), "\(command)")
    }
    try store.expectFindings(["interrupted", "unhealthy"])
    try store.follow("interrupted", until: [])
    #expect(store.current == "2")
  }

  @Test func `a dry run plans from the state after recovery`() throws {
    let store = try store()
    let planned = try store.expectSuccess(["activate", "1", "--dry-run"])
    #expect(
      planned.output.hasPrefix(
        """
        would first recover the interrupted activate of 3 and undo it, restoring 2
        would activate 1; 2 was live
        rollback target afterwards: 2

        """), "\(planned.output)")
    let document = try store.run(["activate", "1", "--dry-run", "--json"])
    #expect(
      (try document.json["recovered"] as? [String])?.contains(
        "point current to releases/2 and previous to releases/1") == true)
    // The release is bad after recovery.
    try store.expectFailure(["activate", "3", "--dry-run"], status: 3, code: "bad")
    #expect(store.current == "3", "nothing was changed")
    let run = try store.expectSuccess(["activate", "1"])
    #expect(run.output.contains("activated 1; 2 was live\nrollback target: 2\n"), "\(run.output)")
  }

  @Test func `the dry run of a rollback is refused as the rollback is`() throws {
    let store = try store()
    for arguments in [["rollback", "--dry-run"], ["rollback"]] {
      try store.expectFailure(arguments, status: 3, code: "liveChanged")
    }
  }

  @Test(arguments: [
    ["activate", "previous"], ["rollback", "--to", "previous"], ["activate", "latest", "--force"],
    ["mark", "previous", "bad", "--reason", "x"], ["mark", "current", "bad", "--reason", "x"],
    ["pin", "current", "--reason", "x"], ["unpin", "previous"], ["remove", "previous", "--force"],
    ["prepare", "current"],
  ])
  func `a word that means another release after recovery is refused`(_ arguments: [String]) throws {
    let store = try store()
    for option in [["--dry-run"], []] {
      let run = try store.expectFailure(arguments + option, status: 3, code: "liveChanged")
      let message = try #require(try run.error["message"] as? String)
      let word = try #require(arguments.first { ["previous", "current", "latest"].contains($0) })
      #expect(message.contains("\"\(word)\" means"), "\(message)")
    }
    try store.expectSuccess(["recover"])
    #expect(store.current == "2" && store.link("previous") == "releases/1")
    let states = try store.releases().mapValues { $0["state"] as? String }
    #expect(states == ["1": "ready", "2": "ready", "3": "bad"])
    #expect(try !store.read(".releases/catalog/1.json").contains("\"pin\""))
  }

  @Test func `a word means the same as before in the next command`() throws {
    let store = try store()
    try store.expectFailure(["rollback", "--to", "previous"], status: 3, code: "liveChanged")
    try store.expectSuccess(["rollback", "--to", "previous"])
    #expect(store.current == "1")
  }

  @Test func `the dry run of every change says what is recovered first`() throws {
    let store = try store()
    let archive = try store.packRelease("x")
    let first =
      "would first recover the interrupted activate of 3 and undo it, restoring 2"
    for (arguments, text) in [
      (["remove", "3"], "would remove 3"), (["pin", "1", "--reason", "x"], "would pin 1"),
      (["unpin", "1"], "1 is not pinned"), (["mark", "3", "good"], "would mark 3 as good"),
      (["freeze", "--reason", "x"], "would freeze the store"), (["thaw"], "not frozen"),
      (["init"], "already a store"), (["unpack", archive, "--id", "4"], "into release 4"),
      (["deploy", archive, "--id", "4"], "would activate 4; 2 is live"),
    ] {
      let run = try store.expectSuccess(arguments + ["--dry-run"])
      #expect((run.output + run.errors).contains(first), "\(arguments): \(run)")
      #expect(run.output.contains(text), "\(arguments): \(run.output)")
      let document = try store.expectSuccess(arguments + ["--dry-run", "--json"]).json
      #expect((document["recovered"] as? [String])?.isEmpty == false, "\(arguments)")
    }
    #expect(store.current == "3", "nothing was changed")
  }

  @Test(arguments: [
    (["remove", "2", "--force"], 3, "live"), (["mark", "9", "good"], 4, "noSuchRelease"),
    (["remove", "1"], 3, "fallback"), (["activate", "3"], 3, "bad"),
  ])
  func `a dry run is refused as the command is`(
    arguments: [String], status: Int32, code: String
  ) throws {
    let store = try store()
    for option in [["--dry-run"], []] {
      try store.expectFailure(arguments + option, status: status, code: code)
    }
  }
}
