import Foundation
import TestSupport
import Testing

/// Each kind of finding appears in `status`, `list`, `check` and `metrics`, and its hint works.
@Suite struct FindingTests {
  private func makeStore() throws -> TestStore {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2", "3"])
    try store.expectFindings([])
    return store
  }

  @Test func `nothing live`() throws {
    let store = try TestStore()
    try store.expectFindings(["nothingLive"])
    try store.publish("1")
    try store.expectFindings(["nothingLive"])
    try store.follow("nothingLive", until: [])
    #expect(store.current == "1")
  }

  @Test func `a release to activate is whole`() throws {
    let store = try TestStore()
    try store.publish("1")
    try store.publish("2")
    try store.write("releases/2/VERSION", "modified")
    try store.follow("nothingLive", until: [])
    #expect(store.current == "1")
  }

  @Test func `a rollback target that was modified`() throws {
    let store = try makeStore()
    try store.write("releases/2/VERSION", "modified")
    try store.expectFindings(["rollbackNotWhole"])
    let list = try store.expectSuccess(["list", "--json"]).json
    #expect(list["rollback"] as? String == "2" && list["rollbackWhole"] as? Bool == false)
    #expect(try store.expectSuccess(["list"]).output.contains("rollback, modified"))
    #expect(
      try store.run(["metrics"]).output.contains(
        "releases_rollback_available{store=\"\(store.path)\"} 0\n"))
    try store.expectFailure(["rollback"], status: 3, code: "notWhole")
    // 2 is good, so a rollback from 1 would choose it too.
    try store.follow("rollbackNotWhole", until: ["rollbackNotWhole"])
    #expect(store.current == "1")
  }

  @Test func `a switch warns about its rollback target`() throws {
    let store = try makeStore()
    try store.write("releases/3/VERSION", "modified")
    let archive = try store.archive(["VERSION": "4"])
    let deployed = try store.expectSuccess(["deploy", archive, "--id", "4", "--json"])
    let warnings = try #require(try deployed.json["warnings"] as? [String])
    #expect(
      warnings.contains { $0.hasPrefix("a rollback to 3 would be refused: ") }, "\(warnings)")
    #expect(deployed.errors.contains("a rollback to 3 would be refused: "))
  }

  @Test func `links that are broken, moved or no links`() throws {
    let store = try makeStore()
    try store.makeLink("current", to: "/opt/app")
    try store.expectFindings(["currentBroken", "linkMoved"])
    try store.follow("currentBroken", until: [])
    #expect(store.current == "3", "it was live before the link was moved")

    try store.makeLink("previous", to: "releases/gone")
    try store.expectFindings(["previousBroken", "linkMoved"])
    try store.follow("linkMoved", until: ["previousBroken"])

    try store.remove("current")
    try store.write("current/VERSION", "x")
    try store.expectFindings(["currentBroken", "previousBroken", "linkMoved"])
    let finding = try #require(try store.status().findings.first)
    #expect(try store.follow(finding).status == 0)
    #expect(try store.read("releases/from-current/VERSION") == "x")
    #expect(store.current == "from-current")
  }

  @Test func `releases without directory or catalog entry`() throws {
    let store = try makeStore()
    try store.remove("releases/1")
    try store.expectFindings(["releaseMissing"])
    try store.follow("releaseMissing", until: [])
    try store.flip(".releases/catalog/2.json", at: 20)
    try store.expectFindings(["catalogCorrupt"])
    try store.follow("catalogCorrupt", until: [])
    try store.remove(".releases/catalog/3.json")
    try store.expectFindings(["liveNotCataloged", "notCataloged"])
    try store.follow("liveNotCataloged", until: [])
  }

  @Test func `shared paths that can't be used`() throws {
    let store = try makeStore()
    try store.write("releases.yaml", "shared: {directories: [logs, data], files: [c/a.yaml]}\n")
    try store.makeLink("data", to: "gone")
    try store.write("shared/x", "")
    try store.makeLink("shared/data", to: "/nowhere/data")
    // A missing directory is a problem only for a release that links to it.
    try store.expectFindings(["sharedMissing", "sharedDangling"])
    let file = try #require(try store.status().findings.first)
    #expect(file.command?.hasSuffix(" && ${EDITOR:-vi} \(store.path)/shared/c/a.yaml") == true)
    try store.expectFailure(["activate", "1"], status: 3, code: "sharedFileMissing")
    try store.follow("sharedMissing", until: ["sharedDangling"])
    try store.remove("shared/data")
    try store.write("shared/data/x", "")
    try store.expectFindings([])
  }

  @Test func `a configuration or a program that stops the next switch`() throws {
    let store = try makeStore()
    try store.write("releases.yaml", "keep: 3\n")
    try store.expectFindings(["configurationInvalid"])
    try store.expectFailure(["rollback"], status: 3, code: "configuration")
    try store.write("hook", "#!/bin/sh\n")
    try store.write("releases.yaml", "hooks: {activate: {run: \(store.path)/hook}}\n")
    try store.expectFindings(["configurationInvalid"])
    try store.follow("configurationInvalid", until: [])
    try store.expectSuccess(["rollback"])
  }

  @Test func `what was left in the trash or in a stage`() throws {
    let store = try makeStore()
    try store.write(".releases/trash/9.0000abcd/f", "")
    try store.expectFindings(["trashLeft"])
    #expect(
      try store.expectSuccess(["recover", "--dry-run"]).output
        == "would remove 9.0000abcd from the trash\n")
    try store.follow("trashLeft", until: [])
    try store.write(".releases/staging/x/f", "")
    try store.expectFindings(["stageLeft"])
    #expect(try store.status().status == 0, "the next command removes it")
    try store.follow("stageLeft", until: [])
  }

  @Test func `an interrupted command and a lost journal`() throws {
    let store = try makeStore()
    let killed = try store.run(
      ["activate", "1"], launcher: Fault.signal("KILL", at: "renameat", 2))
    #expect(killed.status == 128 + SIGKILL)
    try store.expectFindings(["interrupted"])
    try store.follow("interrupted", until: [])
    try store.write(".releases/lock", "")
    try store.expectFindings(["journalLost"])
    try store.follow("journalLost", until: [])
  }

  @Test func `the hints name a store whose path needs quotes`() throws {
    let store = try TestStore(initialized: false)
    let path = "\(store.directory)/it's a store"
    for arguments in [["init"], ["unpack", try store.archive(["f": "1"]), "--id", "1"]] {
      #expect(try Releases.run(["--store", path] + arguments).status == 0)
    }
    let finding = try #require(
      try Releases.run(["--store", path, "status", "--json"]).findings.first)
    #expect(try store.follow(finding).status == 0, "\(finding)")
    #expect(try Releases.run(["--store", path, "status"]).status == 0)
  }
}
