import Foundation
import TestSupport
import Testing

/// Scripts read one JSON document from every command, with keys that stay.
@Suite struct JSONTests {
  private static let change: Set = ["schema", "command", "id", "outcome", "dryRun", "recovered"]

  @Test func `switches and reading commands print one document with their keys`() throws {
    let store = try TestStore(initialized: false)
    try expect(
      store, ["init"],
      ["schema", "store", "outcome", "adopted", "warnings", "recovered", "wouldRemove", "next"])
    let archive = try store.archive(["VERSION": "1", "bin/run": "#!/bin/sh\n"])
    for id in ["1", "2", "3"] {
      let unpack = DocumentKeys.operation.union(["containment"])
      try expect(store, ["unpack", archive, "--id", id, "--ref", "v\(id)"], unpack)
    }
    for id in ["1", "2", "3", "3"] { try expect(store, ["activate", id], DocumentKeys.operation) }
    try expect(store, ["rollback"], DocumentKeys.operation)
    try expect(store, ["rollback", "--dry-run"], DocumentKeys.operation)
    try expect(store, ["list"], DocumentKeys.list)
    try expect(
      store, ["show", "2"],
      [
        "schema", "store", "release", "path", "rollback", "adopted", "pin", "archiveSha256",
        "manifestSha256", "signer",
      ])
    try expect(
      store, ["status"],
      [
        "schema", "store", "current", "previous", "rollback", "frozen", "live", "releases", "last",
        "freeBytes", "freeInodes", "service", "services", "health", "problems", "findings",
        "lastSwitch", "instances", "liveLink", "rollbackWhole", "confirmation",
      ])
    try expect(
      store, ["history"],
      ["schema", "store", "entries", "damagedLines", "damaged", "damagedCount", "older"])
    try expect(store, ["verify"], ["schema", "releases"])
    try expect(store, ["verify", "--all", "--strict"], ["schema", "releases"])
    try expect(store, ["check"], ["schema", "store", "findings"])
    try expect(store, ["diagnose"], ["schema", "store", "sections"])
  }

  @Test func `other commands print one document with their keys`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2", "3"])
    try store.publish("4")
    try store.expectSuccess(["rollback"])
    try expect(store, ["pin", "4", "--reason", "kept"], Self.change)
    try expect(store, ["unpin", "4"], Self.change)
    try expect(store, ["mark", "4", "bad", "--reason", "why"], Self.change)
    try expect(store, ["freeze", "--reason", "why"], Self.change)
    try expect(store, ["thaw"], Self.change)
    try expect(store, ["recover"], Self.change)
    try expect(store, ["recover", "--dry-run"], Self.change)
    let prune: Set = [
      "schema", "decisions", "freedBytes", "dryRun", "unknown", "warnings", "recovered", "remains",
    ]
    try expect(store, ["prune", "--dry-run"], prune)
    try expect(store, ["prune", "--keep", "1", "--keep-within", "0d"], prune)
    try expect(store, ["remove", "4"], Self.change.union(["freedBytes", "remains"]))
    try expect(store, ["help"], ["schema", "text"])
    try expect(store, ["help", "activate"], ["schema", "text"])
    try expect(store, ["completion", "bash"], ["schema", "text"])
    try expect(store, ["--version"], ["schema", "version", "libraries"])
  }

  @Test func `list reports links, state and size of every release`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2", "3"])
    try store.expectSuccess(["rollback"])
    try store.expectSuccess(["freeze", "--reason", "a \"migration\" "])
    let list = try store.expectSuccess(["list", "--json"]).json
    #expect(list["schema"] as? Int == 1)
    #expect(list["store"] as? String == store.path)
    #expect(list["current"] as? String == "2")
    #expect(list["previous"] as? String == "1")
    #expect(list["rollback"] as? String == "1")
    let frozen = try #require(list["frozen"] as? [String: Any])
    #expect(Set(frozen.keys) == ["reason", "since", "user"])
    #expect(frozen["reason"] as? String == "a \"migration\" ")
    let releases = try #require(list["releases"] as? [[String: Any]])
    #expect(releases.map { $0["id"] as? String } == ["3", "2", "1"], "newest first")
    #expect(releases.map { $0["state"] as? String } == ["bad", "ready", "ready"])
    #expect(releases.map { $0["live"] as? Bool } == [false, true, false])
    #expect(releases.map { $0["previous"] as? Bool } == [false, false, true])
    for release in releases { #expect(Set(release.keys) == DocumentKeys.release) }
    let sequences = releases.compactMap { $0["sequence"] as? Int }
    #expect(sequences == sequences.sorted(by: >) && sequences.count == 3)
    #expect(releases[0]["files"] as? Int == 2)
    #expect(releases[0]["bytes"] as? Int == 18)
    #expect(releases[1]["ref"] is NSNull, "an unknown value is null and not left out")
  }

  @Test func `an empty store has nulls and empty lists`() throws {
    let list = try TestStore().expectSuccess(["list", "--json"]).json
    #expect(Set(list.keys) == DocumentKeys.list)
    for key in ["current", "previous", "rollback", "frozen"] { #expect(list[key] is NSNull) }
    #expect((list["releases"] as? [Any])?.isEmpty == true)
  }

  @Test func `a switch reports its outcome and steps`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    let archive = try store.archive(["VERSION": "2"])
    let published = try store.expectSuccess(["unpack", archive, "--id", "2", "--json"]).json
    #expect(published["command"] as? String == "unpack")
    #expect(published["id"] as? String == "2")
    #expect(published["outcome"] as? String == "published")
    #expect(published["current"] as? String == "1")
    #expect(published["previous"] is NSNull)
    let activated = try store.expectSuccess(["activate", "2", "--json"]).json
    #expect(activated["outcome"] as? String == "activated")
    #expect(activated["previous"] as? String == "1")
    #expect(activated["error"] is NSNull)
    let steps = try #require(activated["steps"] as? [[String: Any]])
    #expect(!steps.isEmpty)
    for step in steps { #expect(Set(step.keys) == ["name", "seconds", "outcome"]) }
    let refused = try store.run(["--json", "activate", "9"]).json
    #expect(Set(refused.keys) == DocumentKeys.operation)
    #expect(refused["outcome"] as? String == "failed")
    #expect(refused["current"] as? String == "2")
  }

  @Test func `verify names every difference`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    let tree = "\(store.path)/releases/1"
    try Data("x".utf8).write(to: URL(fileURLWithPath: tree + "/VERSION"))
    try Data("x".utf8).write(to: URL(fileURLWithPath: tree + "/new"))
    try FileManager.default.removeItem(atPath: tree + "/bin/run")
    let run = try store.run(["verify", "--json"])
    #expect(run.status == 7)
    let releases = try #require(try run.json["releases"] as? [[String: Any]])
    #expect(Set(releases[0].keys).isSuperset(of: ["id", "whole", "modified", "missing", "added"]))
    #expect(releases[0]["whole"] as? Bool == false)
    #expect(releases[0]["modified"] as? [String] == ["VERSION"])
    #expect(releases[0]["missing"] as? [String] == ["bin/run"])
    #expect(releases[0]["added"] as? [String] == ["new"])
  }

  @Test func `prune gives a reason for each release`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2", "3", "4"])
    let document = try store.expectSuccess(
      ["prune", "--keep", "1", "--keep-within", "0d", "--json"]
    ).json
    let decisions = try #require(document["decisions"] as? [[String: Any]])
    for decision in decisions {
      #expect(Set(decision.keys) == ["id", "action", "reason"])
      #expect((decision["reason"] as? String)?.isEmpty == false)
    }
    let actions = Dictionary(
      uniqueKeysWithValues: decisions.map { ($0["id"] as? String, $0["action"] as? String) })
    #expect(actions == ["4": "keep", "3": "keep", "2": "remove", "1": "remove"])
    #expect(document["freedBytes"] as? Int == 36)
  }

  @Test(arguments: [
    (["list"], "2\n1\n"), (["status"], "2\n"), (["show", "1"], "1\n"), (["verify"], ""),
    (["activate", "1"], "1\n"), (["rollback", "--to", "1"], "1\n"), (["prune"], ""),
    (["pin", "1", "--reason", "x"], ""), (["freeze", "--reason", "x"], ""), (["thaw"], ""),
    (["mark", "1", "bad", "--reason", "x"], ""), (["unpin", "1"], ""), (["recover"], ""),
    (["init"], ""), (["check"], ""), (["history"], ""), (["remove", "1", "--force"], ""),
    (["--version"], "releases "),
  ])
  func `the quiet option prints only the result`(arguments: [String], result: String) throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    let run = try store.expectSuccess(["--quiet"] + arguments)
    if arguments == ["--version"] {
      #expect(run.output.hasPrefix(result) && run.lines.count == 1)
    } else {
      #expect(run.output == result)
    }
    #expect(run.errors == "")
  }

  private func expect(
    _ store: TestStore, _ arguments: [String], _ keys: Set<String>,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let run = try store.expectSuccess(["--json"] + arguments, sourceLocation: sourceLocation)
    #expect(run.lines.count == 1 && run.output.hasSuffix("\n"), sourceLocation: sourceLocation)
    let document = try run.json
    #expect(Set(document.keys) == keys, sourceLocation: sourceLocation)
    #expect(document["schema"] as? Int == 1, sourceLocation: sourceLocation)
    for time in times(in: document) {
      #expect(
        time.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/) != nil, "\(time)",
        sourceLocation: sourceLocation)
    }
  }

  /// Returns the values under every key that holds a time.
  private func times(in value: Any) -> [String] {
    switch value {
    case let list as [Any]: list.flatMap { times(in: $0) }
    case let members as [String: Any]:
      members.flatMap { key, value -> [String] in
        let isTime = ["created", "activated", "since", "started", "finished"].contains(key)
        if isTime, !(value is NSNull) { return [value as? String ?? "no text: \(value)"] }
        return times(in: value)
      }
    default: []
    }
  }
}
