import Foundation
import Testing

/// What users of comparable tools suffer from, one test each, by the numbers of PEERS.md: going
/// live and going back.
@Suite struct PeerDefectTests {
  @Test(arguments: [
      ("activate", "renameat", 1), ("activate", "renameat", 2), ("activate", "renameat", 3),
      ("activate", "pwrite64", 2), ("unpack", "renameat", 1), ("unpack", "renameat2", 1),
      ("unpack", "renameat2", 2), ("unpack", "pwrite64", 2),
    ])
  func `an interrupted release is not what the next deploy activates`(command: String, call: String, number: Int) throws {
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

  @Test func `the modification time of a release affects neither rollback nor prune`() throws {
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

  @Test func `a rollback with a single release leaves it live`() throws {
    let store = try TestStore()
    try store.activate(["1"])
    try store.expectFailure(["rollback"], status: 3, code: "nothingToRollBackTo")
    #expect(store.current == "1")
    try store.expectDone(["prune", "--keep", "1", "--keep-within", "0d"])
    #expect(try store.read("current/VERSION") == "1")
    #expect(try store.releases()["1"]?["state"] as? String == "ready", "nothing is held against it")
  }

  @Test func `prune never leaves current dangling`() throws {
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

  @Test func `prune retains the newest release after a rollback to it`() throws {
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

  @Test(arguments: ["current", "previous"])
  func `a directory in place of a link is refused, and the hint removes it`(name: String) throws {
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

  @Test func `failed releases do not count towards the retained ones`() throws {
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

  @Test func `a rollback skips a release marked bad`() throws {
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

  @Test func `a rollback without a target is refused`() throws {
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

  @Test func `a release that was never live is no rollback target`() throws {
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

  @Test func `the ID of a removed release is not used again`() throws {
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
