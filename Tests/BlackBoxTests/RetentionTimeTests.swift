import Foundation
import Testing

/// Age, clocks that are wrong, and dry runs.
@Suite struct RetentionTimeTests {
  private func decisions(_ run: Releases.Run) throws -> [[String: String]] {
    try #require(try run.json["decisions"] as? [[String: String]])
  }

  @Test(arguments: [
    ("2099-01-01T00:00:00Z", "the clock is behind the last change (2099-01-01T00:00:00Z)"),
    ("2013-01-01T00:00:00Z", "the clock is over a year past the last change (2013-01-01"),
  ])
  func `a clock in doubt removes nothing by age`(lastChange: String, says: String) throws {
    let store = try OldStore.make("ln -s releases/1700000009 current", releases: 9)
    try store.expectDone(["init"])
    try store.setLastChange(lastChange)
    for arguments in [["prune", "--dry-run"], ["prune"]] {
      let run = try store.expectDone(arguments)
      #expect(run.errors.contains("warning: \(says)"), "\(run.errors)")
    }
    #expect(try store.names("releases").count == 9)
    let decided = try decisions(try store.expectDone(["prune", "--json"]))
    #expect(decided.allSatisfy { $0["action"] == "keep" })
    #expect(decided.last?["reason"]?.contains(says.prefix(20)) == true, "\(decided)")
  }

  @Test func `the newest bad release is retained for a day`() throws {
    let store = try OldStore.make(
      "ln -s releases/1700000006 current; ln -s releases/1700000005 previous", releases: 6)
    try store.expectDone(["init"])
    try store.expectDone(["mark", "1700000003", "bad", "--reason", "older"])
    // Published years ago and live since then, it failed just now.
    try store.expectDone(["rollback"])
    let run = try store.expectDone(["prune", "--json"])
    #expect(
      try decisions(run).first == [
        "id": "1700000006", "action": "keep", "reason": "bad, kept one day to be looked at",
      ])
    let left = ["1700000002", "1700000004", "1700000005", "1700000006"]
    #expect(try store.names("releases") == left)
    // A day and more later.
    try store.age("1700000006")
    try store.expectDone(["prune"])
    #expect(try store.names("releases") == left.dropLast())
  }

  @Test(arguments: ["", "--keep=1", "--keep=2 --keep-within=0d", "--keep-within=99999d"])
  func `prune with dry-run makes the same decisions`(options: String) throws {
    let store = try OldStore.make(
      "ln -s releases/1700000011 current; ln -s releases/1700000008 previous", releases: 12)
    try store.expectDone(["init"])
    try store.activate(["a", "b", "c"])
    try store.expectDone(["rollback"])
    for (id, verdict) in [("1700000007", "bad"), ("1700000012", "good"), ("a", "bad")] {
      try store.expectDone(["mark", id, verdict, "--reason", "x"])
    }
    try store.expectDone(["pin", "1700000002", "--reason", "x"])
    try store.write("releases/unknown/x", "x")
    let arguments = ["prune", "--json"] + options.split(separator: " ").map(String.init)
    let before = try store.facts()
    let planned = try store.expectDone(arguments + ["--dry-run"])
    #expect(try store.facts() == before)
    let done = try store.expectDone(arguments)
    #expect(try decisions(planned) == (try decisions(done)))
    #expect(try planned.json["freedBytes"] as? Int == (try done.json["freedBytes"] as? Int))
    let kept = try decisions(done).filter { $0["action"] == "keep" }.compactMap { $0["id"] }
    #expect(try store.names("releases") == (kept + ["unknown"]).sorted())
    #expect(try store.expectDone(arguments.filter { $0 != "--json" }).output == "")
    try store.expectSettled()
  }
}

extension TestStore {
  /// Lets the catalog say that a release got its verdict two days ago.
  fileprivate func age(_ id: String) throws {
    let time = Date.now.addingTimeInterval(-2 * 24 * 60 * 60).formatted(.iso8601)
    try reseal(".releases/catalog/\(id).json") {
      $0.replacing(#/"judged":"[^"]*"/#, with: #""judged":"\#(time)""#)
    }
  }
}
