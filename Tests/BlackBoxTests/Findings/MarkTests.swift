import Foundation
import TestSupport
import Testing

/// A bad mark is set and cleared as the release deserves, and no hint leads into a trap.
@Suite struct MarkTests {
  private func state(_ store: TestStore, _ id: String) throws -> String? {
    try store.entry(of: id)["state"] as? String
  }

  @Test func `the hint after a failed first deploy leads to a store in order`() throws {
    let store = try TestStore()
    try store.write(
      "releases.yaml", "health: {command: test -e \(store.path)/healthy, timeout: 1s}\n")
    let failed = try store.run(
      ["deploy", try store.packRelease("1"), "--id", "1", "--json"])
    #expect(failed.status == 11)
    try store.expectFindings(["nothingLive"])
    try store.write("healthy", "")
    try store.runHint(of: failed)
    #expect(store.current == "1")
    #expect(try state(store, "1") == "ready", "the health check has confirmed it")
    try store.expectFindings([])
    #expect(try store.lastTransaction()["verdict"] as? String == "ready")
    #expect(try store.expectSuccess(["history"]).output.contains("no longer bad"))
    try store.expectSuccess(["deploy", try store.packRelease("2"), "--id", "2"])
    try store.expectSuccess(["rollback"])
    #expect(store.current == "1", "the next rollback target is not lost")
    try store.expectNothingToRecover("after the hints")
  }

  @Test func `following the hint too early changes nothing`() throws {
    let store = try TestStore()
    try store.write("releases.yaml", "health: {command: 'false', timeout: 1s}\n")
    let failed = try store.run(
      ["deploy", try store.packRelease("1"), "--id", "1", "--json"])
    try store.runHint(of: failed, mayFail: true)
    #expect(try state(store, "1") == "bad")
    try store.expectFindings(["nothingLive"])
  }

  @Test(arguments: [["activate", "1", "--force"], ["rollback", "--to", "1", "--force"]])
  func `confirmation clears a bad mark however the release got there`(
    arguments: [String]
  ) throws {
    let store = try TestStore()
    try store.writeHooks()
    for id in ["1", "2"] {
      try store.expectSuccess(["deploy", try store.packRelease("good"), "--id", id])
    }
    try store.expectSuccess(["mark", "1", "bad", "--reason", "loses messages"])
    try store.expectSuccess(arguments)
    #expect(try state(store, "1") == "ready")
    #expect(try store.entry(of: "1")["reason"] is NSNull)
    try store.expectFindings([])
  }

  @Test func `a switch that nothing confirms leaves the mark`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    try store.expectSuccess(["mark", "1", "bad", "--reason", "x"])
    try store.expectSuccess(["activate", "1", "--force"])
    try store.expectFindings(["liveBad"])
  }

  @Test func `a live release that is marked bad needs a person`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    try store.expectSuccess(["mark", "2", "bad", "--reason", "loses messages"])
    try store.expectFindings(["liveBad"])
    #expect(
      try store.run(["status"]).output.contains("the live release 2 is bad: loses messages"))
    try store.follow("liveBad", until: [])
    #expect(store.current == "1")
    try store.expectSuccess(["mark", "1", "bad", "--reason", "x"])
    // There is nothing to roll back to.
    try store.follow("liveBad", until: [])
    #expect(store.current == "1")
  }

  @Test func `a failed release that stays live is bad`() throws {
    let store = try TestStore.withHealthyReleases(andThird: "unhealthy")
    try store.expectFailure(["activate", "3", "--no-rollback"], status: 11)
    #expect(try state(store, "3") == "bad")
    #expect((try store.entry(of: "3")["reason"] as? String)?.isEmpty == false)
    try store.expectFindings(["liveBad", "unhealthy"])
    try store.follow("liveBad", until: [])
    #expect(store.current == "2")
  }

  @Test func `a rollback says which release it marked and how to undo that`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    #expect(
      try store.expectSuccess(["rollback", "--dry-run"]).output.contains("would mark 2 as bad\n"))
    let run = try store.expectSuccess(["rollback"])
    let line = try #require(run.lines.first { $0.hasPrefix("marked 2 as bad; ") })
    let command = try #require(line.components(separatedBy: ": ").last)
    #expect(command == "releases --store \(store.path) mark 2 good")
    #expect(try state(store, "2") == "bad")
    try store.expectSuccess(["mark", "2", "good"])
    #expect(try state(store, "2") == "ready")
    try store.expectSuccess(["activate", "2"])
    #expect(
      try store.expectSuccess(["rollback", "--json"]).json["markedBad"] as? String == "2")
    #expect(try store.expectSuccess(["activate", "1", "--json"]).json["markedBad"] is NSNull)
  }
}
