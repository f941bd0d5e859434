import Foundation
import Testing

/// The same, by the numbers of PEERS.md: several commands at once, and the lock.
@Suite struct PeerDefectConcurrencyTests {
  @Test func `two concurrent unpacks get distinct IDs`() throws {
    let store = try TestStore()
    let archives = try (0..<2).map { try store.archive(["VERSION": "\($0)"]) }
    let runs = try store.runAtOnce(archives.map { ["unpack", $0] })
    #expect(runs.map(\.status) == [0, 0], "\(runs.map(\.errors))")
    #expect(Set(runs.map(\.output)).count == 2)
    for (number, run) in runs.enumerated() {
      let id = try #require(run.lines.first)
      #expect(try store.read("releases/\(id)/VERSION") == "\(number)", "each got its own content")
    }
    try store.expectSettled()
  }

  @Test func `of two concurrent unpacks with one ID one is refused`() throws {
    let store = try TestStore()
    let archives = try (0..<2).map { try store.archive(["VERSION": "\($0)"]) }
    let runs = try store.runAtOnce(archives.map { ["unpack", $0, "--id", "same"] })
    let winner = try #require(runs.firstIndex { $0.status == 0 })
    #expect(runs[1 - winner].status == 3, "\(runs[1 - winner].errors)")
    #expect(try store.read("releases/same/VERSION") == "\(winner)")
    try store.expectSettled()
  }

  @Test func `two concurrent activations succeed one after the other`() throws {
    let store = try TestStore()
    try store.activate(["1"])
    for id in ["2", "3"] { try store.publish(id) }
    let runs = try store.runAtOnce([["activate", "2"], ["activate", "3"]])
    #expect(runs.map(\.status) == [0, 0], "\(runs.map(\.errors))")
    let live = try #require(store.current)
    #expect(Set([live, store.previous]) == ["2", "3"], "the later knew of the earlier")
    try store.expectSettled()
  }

  @Test func `only one of forty concurrent switches holds the lock`() throws {
    let store = try TestStore()
    let ids = ["1", "2", "3", "4"]
    for id in ids { try store.publish(id) }
    let runs = try store.runAtOnce(
      (0..<40).map { ["activate", ids[$0 % 4], "--wait", "2m"] })
    #expect(runs.allSatisfy { $0.status == 0 }, "\(runs.filter { $0.status != 0 }.map(\.errors))")
    // Each switch began where the one before it ended: no two were under way together.
    var links: [String: Any] = [:]
    var sequence = 0
    for entry in try store.history().reversed() {
      let before = try #require(entry["before"] as? [String: Any])
      #expect(NSDictionary(dictionary: before).isEqual(to: links))
      links = try #require(entry["after"] as? [String: Any])
      let next = try #require(entry["sequence"] as? Int)
      #expect(next > sequence)
      sequence = next
    }
    #expect(links["current"] as? String == store.link("current"))
    try store.expectSettled()
  }

  @Test func `every changing command respects a held lock and leaves it`() throws {
    let store = try TestStore()
    try store.activate(["1", "2"])
    let archive = try store.archive(["VERSION": "3"])
    let holder = try store.holdLock()
    let before = try store.facts()
    for _ in 1...2 {
      for command in [
        ["activate", "1"], ["rollback"], ["prune"], ["remove", "1", "--force"], ["recover"],
        ["pin", "1", "--reason", "x"], ["unpin", "1"], ["mark", "1", "bad", "--reason", "x"],
        ["freeze", "--reason", "x"], ["thaw"], ["init"],
      ] {
        let refused = try store.expectFailure(
          command + ["--wait", "0s"], status: 5, code: "locked")
        #expect(refused.errors.contains("sh -c"), "it says who: \(refused.errors)")
      }
    }
    #expect(try store.facts() == before)
    try store.expectFailure(["unpack", archive, "--wait", "0s"], status: 5, code: "locked")
    #expect(try store.names("releases") == ["1", "2"])
    for command in ["list", "status", "history", "show 1", "verify", "check"] {
      #expect(
        try store.run(command.split(separator: " ").map(String.init)).status == 0,
        "who only looks never waits: \(command)")
    }
    holder.end()
    try store.expectDone(["rollback", "--wait", "0s"])
    try store.expectSettled()
  }

  @Test func `remove does not follow a link in place of a release`() throws {
    let store = try TestStore()
    try store.activate(["1", "2", "3"])
    try Program.expect(["rm", "-r", "\(store.path)/releases/1"])
    try store.makeLink("releases/1", to: "3")
    try store.expectDone(["remove", "1", "--force"])
    try store.expectDone(["prune", "--keep", "1", "--keep-within", "0d"])
    #expect(try store.read("current/VERSION") == "3")
    #expect(try store.read("current/bin/run").contains("echo 3"))
    try store.expectSettled()
  }

  @Test(arguments: ["activate", "rollback"])
  func `switching to a missing release fails`(command: String) throws {
    let store = try TestStore()
    try store.activate(["1", "2"])
    let arguments = command == "rollback" ? ["rollback", "--to", "9"] : ["activate", "9"]
    try store.expectFailure(arguments, status: 4, code: "noSuchRelease")
    try Program.expect(["rm", "-r", "\(store.path)/releases/1"])
    let gone = command == "rollback" ? ["rollback", "--to", "1"] : ["activate", "1"]
    try store.expectFailure(gone, status: 4, code: "noSuchRelease")
    #expect(store.current == "2")
  }
}
