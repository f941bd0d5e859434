import Foundation
import TestSupport
import Testing

/// Several commands that start at the same moment take turns.
@Suite struct SimultaneousCommandTests {
  @Test func `two concurrent unpacks get distinct IDs`() throws {
    let store = try TestStore()
    let archives = try (0..<2).map { try store.archive(["VERSION": "\($0)"]) }
    let runs = try store.runAtOnce(archives.map { ["unpack", $0] })
    #expect(runs.map(\.status) == [0, 0], "\(runs.map(\.errors))")
    #expect(Set(runs.map(\.output)).count == 2)
    for (number, run) in runs.enumerated() {
      let id = try #require(run.lines.first)
      #expect(try store.read("releases/\(id)/VERSION") == "\(number)", "each has its own content")
    }
    try store.expectConsistent()
  }

  @Test func `one of two concurrent unpacks with the same ID is refused`() throws {
    let store = try TestStore()
    let archives = try (0..<2).map { try store.archive(["VERSION": "\($0)"]) }
    let runs = try store.runAtOnce(archives.map { ["unpack", $0, "--id", "same"] })
    let winner = try #require(runs.firstIndex { $0.status == 0 })
    #expect(runs[1 - winner].status == 3, "\(runs[1 - winner].errors)")
    #expect(try store.read("releases/same/VERSION") == "\(winner)")
    try store.expectConsistent()
  }

  @Test func `two concurrent activations succeed one after the other`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    for id in ["2", "3"] { try store.publish(id) }
    let runs = try store.runAtOnce([["activate", "2"], ["activate", "3"]])
    #expect(runs.map(\.status) == [0, 0], "\(runs.map(\.errors))")
    let live = try #require(store.current)
    #expect(Set([live, store.previous]) == ["2", "3"], "the second one saw the first")
    try store.expectConsistent()
  }

  @Test func `only one of forty concurrent switches holds the lock`() throws {
    let store = try TestStore()
    let ids = ["1", "2", "3", "4"]
    for id in ids { try store.publish(id) }
    let runs = try store.runAtOnce(
      (0..<40).map { ["activate", ids[$0 % 4], "--wait", "2m"] })
    #expect(runs.allSatisfy { $0.status == 0 }, "\(runs.filter { $0.status != 0 }.map(\.errors))")
    // Each switch began where the one before it ended, so no two ran at once.
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
    try store.expectConsistent()
  }

  @Test func `every changing command respects a held lock and leaves it`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    let archive = try store.archive(["VERSION": "3"])
    let holder = try store.holdLock()
    let before = try store.fileSystemState()
    for _ in 1...2 {
      for command in [
        ["activate", "1"], ["rollback"], ["prune"], ["remove", "1", "--force"], ["recover"],
        ["pin", "1", "--reason", "x"], ["unpin", "1"], ["mark", "1", "bad", "--reason", "x"],
        ["freeze", "--reason", "x"], ["thaw"], ["init"],
      ] {
        let refused = try store.expectFailure(
          command + ["--wait", "0s"], status: 5, code: "locked")
        #expect(refused.errors.contains("sh -c"), "the holder is missing: \(refused.errors)")
      }
    }
    #expect(try store.fileSystemState() == before)
    try store.expectFailure(["unpack", archive, "--wait", "0s"], status: 5, code: "locked")
    #expect(try store.names("releases") == ["1", "2"])
    for command in ["list", "status", "history", "show 1", "verify", "check"] {
      #expect(
        try store.run(command.split(separator: " ").map(String.init)).status == 0,
        "\(command) does not wait")
    }
    holder.end()
    try store.expectSuccess(["rollback", "--wait", "0s"])
    try store.expectConsistent()
  }
}
