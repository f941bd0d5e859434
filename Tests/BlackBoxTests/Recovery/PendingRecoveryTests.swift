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
    let message = "will undo it: 2 becomes live again"
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
        would first recover the interrupted activate of 3 and undo it: 2 becomes live again
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
}
