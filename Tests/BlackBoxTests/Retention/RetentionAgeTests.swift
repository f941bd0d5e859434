import Foundation
import TestSupport
import Testing

/// Retention by age, with clocks in doubt and dry runs.
@Suite struct RetentionAgeTests {
  private func decisions(_ run: Releases.Run) throws -> [[String: String]] {
    try #require(try run.json["decisions"] as? [[String: String]])
  }

  @Test(arguments: [
    ("2099-01-01T00:00:00Z", "the clock is behind the last change (2099-01-01T00:00:00Z)"),
    ("2013-01-01T00:00:00Z", "the clock is over a year ahead of the last change (2013-01-01"),
  ])
  func `prune removes nothing by age if the clock is in doubt`(lastChange: String, message: String)
    throws
  {
    let store = try LegacyStore.make("ln -s releases/1700000009 current", releases: 9)
    try store.expectSuccess(["init"])
    try store.setLastChange(lastChange)
    for arguments in [["prune", "--dry-run"], ["prune"]] {
      let run = try store.expectSuccess(arguments)
      #expect(run.errors.contains("warning: \(message)"), "\(run.errors)")
    }
    #expect(try store.names("releases").count == 9)
    let decided = try decisions(try store.expectSuccess(["prune", "--json"]))
    #expect(decided.allSatisfy { $0["action"] == "keep" })
    #expect(decided.last?["reason"]?.contains(message.prefix(20)) == true, "\(decided)")
  }

  @Test func `the newest bad release is retained for a day`() throws {
    let store = try LegacyStore.make(
      "ln -s releases/1700000006 current; ln -s releases/1700000005 previous", releases: 6)
    try store.expectSuccess(["init"])
    try store.expectSuccess(["mark", "1700000003", "bad", "--reason", "older"])
    // This release was published years ago, was live since then and failed just now.
    try store.expectSuccess(["rollback"])
    let run = try store.expectSuccess(["prune", "--json"])
    #expect(
      try decisions(run).first == [
        "id": "1700000006", "action": "keep", "reason": "bad, retained for one day for inspection",
      ])
    let left = ["1700000002", "1700000004", "1700000005", "1700000006"]
    #expect(try store.names("releases") == left)
    // More than a day later the release is still retained for its age, since it has worked.
    try store.backdateBadMark("1700000006")
    try store.expectSuccess(["prune"])
    #expect(try store.names("releases") == left)
    try store.expectSuccess(["prune", "--keep-within", "0d"])
    #expect(try store.names("releases") == left.dropLast())
  }

  @Test(arguments: ["", "--keep=1", "--keep=2 --keep-within=0d", "--keep-within=99999d"])
  func `prune with dry-run makes the same decisions`(options: String) throws {
    let store = try LegacyStore.make(
      "ln -s releases/1700000011 current; ln -s releases/1700000008 previous", releases: 12)
    try store.expectSuccess(["init"])
    try store.publishAndActivate(["a", "b", "c"])
    try store.expectSuccess(["rollback"])
    for (id, verdict) in [("1700000007", "bad"), ("1700000012", "good"), ("a", "bad")] {
      try store.expectSuccess(["mark", id, verdict, "--reason", "x"])
    }
    try store.expectSuccess(["pin", "1700000002", "--reason", "x"])
    try store.write("releases/unknown/x", "x")
    let arguments = ["prune", "--json"] + options.split(separator: " ").map(String.init)
    let before = try store.fileSystemState()
    let planned = try store.expectSuccess(arguments + ["--dry-run"])
    #expect(try store.fileSystemState() == before)
    let done = try store.expectSuccess(arguments)
    #expect(try decisions(planned) == (try decisions(done)))
    #expect(try planned.json["freedBytes"] as? Int == (try done.json["freedBytes"] as? Int))
    let kept = try decisions(done).filter { $0["action"] == "keep" }.compactMap { $0["id"] }
    #expect(try store.names("releases") == (kept + ["unknown"]).sorted())
    #expect(try store.expectSuccess(arguments.filter { $0 != "--json" }).output == "")
    try store.expectConsistent()
  }

  @Test func `prune succeeds if the clock is in doubt`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2", "3", "4"])
    try store.setLastChange("2099-01-01T00:00:00Z")
    let run = try store.expectSuccess(["prune", "--keep", "1"])
    #expect(run.errors.contains("the clock is behind the last change"))
    #expect(try store.names("releases") == ["1", "2", "3", "4"])
    try store.expectSuccess(["prune", "--keep", "1", "--keep-within", "0d"])
    #expect(try store.names("releases") == ["3", "4"], "the age is ignored on request")
  }
}

extension TestStore {
  /// Changes the catalog so that a release was marked bad two days ago.
  fileprivate func backdateBadMark(_ id: String) throws {
    let time = Date.now.addingTimeInterval(-2 * 24 * 60 * 60).formatted(.iso8601)
    try reseal(".releases/catalog/\(id).json") {
      $0.replacing(#/"judged":"[^"]*"/#, with: #""judged":"\#(time)""#)
    }
  }
}
