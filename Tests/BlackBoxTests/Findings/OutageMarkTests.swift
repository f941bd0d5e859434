import Foundation
import TestSupport
import Testing

/// A good release is not marked bad for a failure that is not its own, and a switch that fails says
/// what it marked.
@Suite struct OutageMarkTests {
  /// A store where 2 is live and 1 is the rollback target. A release works unless there is a file
  /// `down`, or one that also names the release.
  private func store(timeout: String = "1s") throws -> TestStore {
    let store = try TestStore()
    try store.write(
      "releases.yaml",
      """
      health:
        command: 'touch ../../asked; test ! -e ../../down && test ! -e ../../down-$RELEASES_ID'
        timeout: \(timeout)

      """)
    for id in ["1", "2"] {
      try store.expectSuccess(["deploy", try store.packRelease(id), "--id", id])
    }
    try FileManager.default.removeItem(atPath: "\(store.path)/asked")
    return store
  }

  private func state(_ store: TestStore, _ id: String) throws -> String? {
    try store.entry(of: id)["state"] as? String
  }

  private func interrupt(_ signal: Int32) throws -> TestStore {
    let store = try store(timeout: "60s")
    try store.write("down-1", "")
    let switching = try BackgroundProgram([Releases.binary, "--store", store.path, "rollback"])
    try store.waitUntil("it waits for health") { store.exists("asked") }
    switching.send(signal)
    #expect(switching.waitForExit() == 128 + signal)
    return store
  }

  @Test func `an outage does not cost the rollback target`() throws {
    let store = try store()
    try store.write("down", "")
    let run = try store.expectFailure(["rollback"], status: 11, code: "needsPerson")
    #expect(store.current == "2" && store.previous == "1")
    #expect(try state(store, "1") == "ready")
    #expect(
      run.errors.contains(
        "releases: 1 was not marked bad: it was good before, and what was live before the switch"
          + " fails too\nreleases: rollback target: 1\n"), "\(run.errors)")
    #expect(try (store.lastTransaction()["note"] as? String)?.contains("1 was not marked") == true)
    let document = try store.run(["rollback", "--json"])
    #expect(try document.json["markedBad"] is NSNull)
    #expect(try document.json["rollbackTarget"] as? String == "1")
    try FileManager.default.removeItem(atPath: "\(store.path)/down")
    try store.expectSuccess(["rollback"])
    #expect(store.current == "1")
  }

  @Test func `a new release is marked bad during an outage`() throws {
    let store = try store()
    try store.expectSuccess(["unpack", try store.packRelease("3"), "--id", "3"])
    try store.write("down", "")
    let run = try store.expectFailure(["activate", "3"], status: 11, code: "needsPerson")
    #expect(try state(store, "3") == "bad")
    #expect(run.errors.contains("releases: marked 3 as bad; to remove the mark: "), "\(run.errors)")
  }

  @Test func `a rollback that is interrupted does not mark its target`() throws {
    let store = try interrupt(SIGTERM)
    #expect(store.current == "2" && store.previous == "1")
    #expect(try state(store, "1") == "ready")
  }

  @Test func `a rollback that is killed does not mark its target`() throws {
    let store = try interrupt(SIGKILL)
    try store.expectSuccess(["recover"])
    #expect(store.current == "2" && store.previous == "1")
    #expect(try state(store, "1") == "ready")
    try store.expectConsistent()
  }

  @Test func `a switch that was rolled back says what it marked`() throws {
    let store = try TestStore.withHealthyReleases(andThird: "unhealthy")
    let run = try store.expectFailure(["activate", "3"], status: 10, code: "rolledBack")
    let lines = run.errors.components(separatedBy: "\n")
    #expect(
      lines.contains(
        "releases: marked 3 as bad; to remove the mark: releases --store \(store.path) mark 3 good"),
      "\(run.errors)")
    #expect(lines.contains("releases: rollback target: 1"))
    let archive = try store.packRelease("unhealthy")
    let document = try store.run(["deploy", archive, "--id", "4", "--json"])
    #expect(document.status == 10)
    #expect(try document.json["markedBad"] as? String == "4")
    #expect(try document.json["rollbackTarget"] as? String == "1")
  }
}
