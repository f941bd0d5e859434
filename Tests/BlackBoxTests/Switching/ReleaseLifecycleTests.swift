import Foundation
import TestSupport
import Testing

/// A release from unpacking to removal.
@Suite struct ReleaseLifecycleTests {
  @Test func `releases are unpacked, activated, rolled back and pruned`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2", "3"])
    #expect(store.current == "3")
    #expect(store.previous == "2")
    #expect(store.link("current") == "releases/3", "links are relative")

    let rolledBack = try store.expectSuccess(["rollback", "--json"]).json
    #expect(rolledBack["outcome"] as? String == "rolledBack")
    #expect(rolledBack["current"] as? String == "2")
    #expect(store.current == "2")
    #expect(store.previous == "1", "a release that was rolled back from is no rollback target")
    #expect(try store.releases()["3"]?["state"] as? String == "bad")

    try store.expectSuccess(["rollback"])
    #expect(store.current == "1", "a second rollback goes further back")
    #expect(store.previous == nil, "no rollback target is left")
    try store.expectFailure(["rollback"], status: 3, code: "nothingToRollBackTo")

    try store.expectConsistent()
    try store.expectSuccess(["prune", "--keep-within", "0d"])
    #expect(
      try store.names("releases") == ["1", "3"], "the newest failed release is retained for a day")
    try store.expectConsistent()
  }

  @Test func `activating the live release changes nothing`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    let again = try store.expectSuccess(["activate", "2", "--json"]).json
    #expect(again["outcome"] as? String == "unchanged")
    #expect(store.current == "2")
    #expect(store.previous == "1")
  }

  @Test func `the dry-run option changes nothing`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    let before = try store.fileSystemState()
    let archive = try store.archive(["VERSION": "9"])
    for arguments in [
      ["activate", "1"], ["rollback"], ["prune", "--keep", "1", "--keep-within", "0d"],
      ["remove", "1", "--force"], ["recover"], ["pin", "1", "--reason", "x"], ["unpin", "1"],
      ["mark", "1", "bad", "--reason", "x"], ["freeze", "--reason", "x"], ["thaw"],
      ["unpack", archive], ["init"],
    ] {
      try store.expectSuccess(arguments + ["--dry-run"])
    }
    #expect(try store.fileSystemState() == before)
  }
}
