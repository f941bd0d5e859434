import Foundation
import Testing

/// What users of comparable tools suffer from, one test each, by the numbers of PEERS.md: going
/// live and going back.
@Suite struct PeerDefectTests {
  @Test(
    "1: an interrupted release is never what the next deploy publishes",
    arguments: [
      ("activate", "renameat", 1), ("activate", "renameat", 2), ("activate", "renameat", 3),
      ("activate", "pwrite64", 2), ("unpack", "renameat", 1), ("unpack", "renameat2", 1),
      ("unpack", "renameat2", 2), ("unpack", "pwrite64", 2),
    ])
  func interrupted(command: String, call: String, number: Int) throws {
    let store = try TestStore()
    try store.activate(["1", "2"])
    let archive = try store.archive(["VERSION": "3"])
    let arguments = command == "unpack" ? ["unpack", archive, "--id", "3"] : ["activate", "3"]
    if command == "activate" { try store.publish("3") }
    let killed = try store.run(arguments, launcher: Fault.signal("KILL", at: call, number))
    #expect(killed.status == 128 + SIGKILL)
    #expect(store.exists("current/VERSION"), "the service has a version to run at every moment")

    try store.publish("4")
    try store.expectDone(["activate", "latest"])
    #expect(store.current == "4")
    #expect(try store.read("current/VERSION") == "4")
    try store.expectSettled()
  }

  @Test("2: touching an old release changes neither rollback nor prune")
  func touched() throws {
    let store = try TestStore()
    try store.activate(["1", "2", "3", "4"])
    try Program.expect(["touch", "-d", "@4000000000", "\(store.path)/releases/1"])
    try Program.expect(["touch", "-d", "@1", "\(store.path)/releases/4"])
    #expect(try store.expectDone(["list", "--json"]).json["rollback"] as? String == "3")
    try store.expectDone(["prune", "--keep", "1", "--keep-within", "0d"])
    #expect(try store.names("releases") == ["3", "4"])
    try store.expectDone(["rollback"])
    #expect(store.current == "3")
  }

  @Test("3: a rollback with one release only leaves it live, and there")
  func onlyOne() throws {
    let store = try TestStore()
    try store.activate(["1"])
    try store.expectFailure(["rollback"], status: 3, code: "nothingToRollBackTo")
    #expect(store.current == "1")
    try store.expectDone(["prune", "--keep", "1", "--keep-within", "0d"])
    #expect(try store.read("current/VERSION") == "1")
    #expect(try store.releases()["1"]?["state"] as? String == "ready", "nothing is held against it")
  }

  @Test("4: no prune leaves current dangling, however old or bad the live release is")
  func liveOldest() throws {
    let store = try TestStore()
    try store.activate(["1", "2", "3", "4"])
    try store.expectDone(["activate", "1"])
    for _ in 1...2 {
      try store.expectDone(["prune", "--keep", "1", "--keep-within", "0d"])
      #expect(try store.read("current/VERSION") == "1")
      #expect(store.exists("previous/VERSION"))
      try store.expectDone(["mark", "1", "bad", "--reason", "it is old"])
    }
    try store.expectFailure(["remove", "1", "--force"], status: 3, code: "live")
  }

  @Test("5: a rollback to the newest release does not delete what it just activated")
  func rollbackToNewest() throws {
    let store = try TestStore()
    try store.activate(["1", "2", "3"])
    try store.expectDone(["activate", "1"])
    try store.expectDone(["rollback", "--to", "3"])
    try store.expectDone(["prune", "--keep", "1", "--keep-within", "0d"])
    #expect(store.current == "3")
    #expect(try store.read("current/VERSION") == "3")
    #expect(store.previous == "2", "1 was rolled back from")
    try store.expectSettled()
  }

  @Test(
    "9: a real directory named current is refused with what to type, and typing it works",
    arguments: ["current", "previous"])
  func realDirectory(name: String) throws {
    let store = try TestStore()
    try store.activate(["1", "2"])
    try Program.expect(["rm", "\(store.path)/\(name)"])
    try store.write("\(name)/data", "the only copy")
    // The first command notes in the history that somebody else took the link away.
    let refused = try store.expectFailure(["activate", "1"], status: 3, code: "notALink")
    let before = try store.facts()
    for command in [["activate", "1"], ["rollback"], ["rollback", "--to", "1"], ["init"]] {
      try store.expectFailure(command, status: 3, code: "notALink")
    }
    #expect(try store.facts() == before)
    try store.typeHint(of: refused)
    #expect(try store.read("releases/from-\(name)/data") == "the only copy")
    try store.expectDone(["activate", "1"])
    #expect(store.current == "1")
    #expect(store.link("current") == "releases/1")
    try store.expectSettled()
  }

  @Test("10: failed releases take no slot, so the last good ones are kept")
  func failedTakeNoSlot() throws {
    let store = try TestStore()
    try store.activate(["1", "2", "3"])
    for id in ["4", "5", "6", "7"] {
      try store.activate([id])
      try store.expectDone(["rollback"])
    }
    try store.expectDone(["prune", "--keep", "3", "--keep-within", "0d"])
    #expect(try store.names("releases") == ["1", "2", "3", "7"], "and the newest failed one")
    #expect(store.current == "3")
    #expect(store.previous == "2")
  }

  @Test("13: rolling back from C never lands on the known-bad B")
  func knownBad() throws {
    let store = try TestStore()
    try store.activate(["A", "B", "C"])
    try store.expectDone(["mark", "B", "bad", "--reason", "loses messages"])
    #expect(try store.expectDone(["list", "--json"]).json["rollback"] as? String == "A")
    try store.expectDone(["rollback"])
    #expect(store.current == "A")
    #expect(store.previous == nil)
    try store.expectFailure(["activate", "B"], status: 3, code: "bad")
    try store.expectFailure(["rollback", "--to", "C"], status: 3, code: "bad")
    #expect(store.current == "A")
  }

  @Test("14: nothing to roll back to is a refusal, not a success")
  func nothingLeft() throws {
    let store = try TestStore()
    try store.expectFailure(["rollback"], status: 3, code: "nothingToRollBackTo")
    try store.expectFailure(["activate", "previous"], status: 3, code: "nothingToRollBackTo")
    try store.activate(["1", "2"])
    try store.expectDone(["mark", "1", "bad", "--reason", "x"])
    let refused = try store.expectFailure(["rollback"], status: 3, code: "nothingToRollBackTo")
    #expect(refused.errors.contains("hint: "))
    try store.expectFailure(["rollback", "--dry-run"], status: 3, code: "nothingToRollBackTo")
    #expect(store.current == "2")
  }

  @Test("15: a release that never was live is no rollback target, aborted or not")
  func aborted() throws {
    let store = try TestStore()
    try store.activate(["1"])
    try store.publish("2")
    try store.expectFailure(["rollback"], status: 3, code: "nothingToRollBackTo")

    let killed = try store.run(
      ["activate", "2"], launcher: Fault.signal("KILL", at: "renameat"))
    #expect(killed.status == 128 + SIGKILL)
    try Program.expect(["rm", "\(store.path)/releases/2/VERSION"])
    let settled = try store.expectDone(["recover"])
    #expect(settled.errors.contains("2 is not whole"))
    #expect(store.current == "1", "it went back, since what it was switching to is broken")
    try store.expectFailure(["rollback"], status: 3, code: "nothingToRollBackTo")
    try store.activate(["3"])
    try store.expectDone(["rollback"])
    #expect(store.current == "1")
  }

  @Test("11: an id that was just removed is not given again")
  func idsAreNotReused() throws {
    let store = try TestStore()
    let archive = try store.archive(["VERSION": "1"])
    var ids: [String] = []
    for _ in 0..<3 {
      let id = try #require(try store.expectDone(["unpack", archive]).lines.last)
      #expect(!ids.contains(id))
      ids.append(id)
      try store.expectDone(["remove", id])
    }
  }
}
