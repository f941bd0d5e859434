import Foundation
import TestSupport
import Testing

/// Deploy runs the whole workflow in one command.
@Suite struct DeployTests {
  private func makeStore() throws -> TestStore {
    let store = try TestStore()
    try store.writeHooks()
    try store.expectSuccess(["deploy", try store.packRelease("good 1"), "--id", "1"])
    _ = store.takeHookLines()
    return store
  }

  @Test func `deploy unpacks, prepares, switches, confirms and prunes`() throws {
    let store = try makeStore()
    let run = try store.expectSuccess(
      ["deploy", try store.packRelease("good 2"), "--id", "2", "--ref", "v2", "--json"])
    #expect(store.current == "2")
    #expect(store.previous == "1")
    #expect(store.takeHookLines() == ["prepare 2", "activate 2", "succeeded 2"])
    #expect(
      try run.steps == [
        "unpack done", "flush done", "publish done", "prepare done", "seal done", "lock done",
        "preflight done", "switch done", "activate done", "health done", "prune done",
      ])
    #expect(try run.json["outcome"] as? String == "activated")
    #expect(try run.json["current"] as? String == "2")
    #expect(try run.json["previous"] as? String == "1")
    #expect(try store.entry(of: "2")["state"] as? String == "ready")
    #expect(store.exists("releases/2/built"))
    try store.expectConsistent()
  }

  @Test func `deploy reports what it did and what it waited for`() throws {
    let store = try makeStore()
    let run = try store.expectSuccess(["deploy", try store.packRelease("good 2"), "--id", "2"])
    #expect(run.output == "activated 2; 1 was live\nrollback target: 1\n")
    #expect(run.errors.contains("releases: prepare: "))
    #expect(run.errors.contains("releases: health: healthy after "))
  }

  @Test func `deploy prunes by the retention policy`() throws {
    let store = try TestStore()
    try store.writeHooks(further: "keep: {count: 1, age: 0d}")
    for id in ["1", "2"] {
      try store.expectSuccess(["deploy", try store.packRelease("good"), "--id", id])
    }
    let run = try store.expectSuccess([
      "deploy", try store.packRelease("good"), "--id", "3", "--json",
    ])
    #expect(try run.json["pruned"] as? [String] == ["1"])
    #expect(try store.names("releases") == ["2", "3"])
  }

  @Test func `a release that cannot be pruned does not fail the deployment`() throws {
    let store = try TestStore()
    try store.writeHooks(further: "keep: {count: 1, age: 0d}")
    for id in ["1", "2"] {
      try store.expectSuccess(["deploy", try store.packRelease("good"), "--id", id])
    }
    // A mount point cannot be renamed, so the release cannot be removed.
    let mounted = try Program.run(
      [
        "unshare", "--mount", "sh", "-c",
        "mount --bind \(store.path)/releases/1 \(store.path)/releases/1 && exec \"$@\"", "sh",
        Releases.binary, "--store", store.path, "deploy", try store.packRelease("good"), "--id",
        "3",
        "--json",
      ])
    #expect(mounted.status == 0, "\(mounted)")
    #expect(store.current == "3")
    #expect(try mounted.json["pruned"] as? [String] == [])
  }

  @Test func `deploy to a frozen store is refused before it unpacks`() throws {
    let store = try makeStore()
    try store.expectSuccess(["freeze", "--reason", "migration"])
    let archive = try store.packRelease("good 2")
    try store.expectFailure(["deploy", archive, "--id", "2"], status: 3, code: "frozen")
    try store.expectFailure(["deploy", archive, "-n"], status: 3, code: "frozen")
    #expect(try store.names("releases") == ["1"])
    #expect(store.takeHookLines() == [])
  }

  @Test func `deploy with dry-run changes nothing and lists every step`() throws {
    let store = try makeStore()
    let before = try store.fileSystemState()
    let run = try store.expectSuccess([
      "deploy", try store.packRelease("good 2"), "--id", "2", "-n",
    ])
    #expect(run.lines[0] == "would unpack the archive into release 2")
    #expect(run.lines.contains("would activate 2; 1 is live"))
    #expect(run.lines.last?.hasPrefix("would check health, for up to 1s: ") == true)
    #expect(try store.fileSystemState() == before)
    #expect(store.takeHookLines() == [])
  }

  @Test func `a truncated upload is not deployed`() throws {
    let store = try makeStore()
    let archive = try Data(contentsOf: URL(fileURLWithPath: store.packRelease("good 2")))
    let run = try store.run(["deploy", "-", "--json"], input: archive.dropLast(30))
    #expect(run.status == 6)
    #expect(try run.json["outcome"] as? String == "failed")
    #expect(store.current == "1")
    #expect(try store.names("releases") == ["1"])
    #expect(store.takeHookLines() == [])
  }

  @Test func `two concurrent deployments switch one after the other`() throws {
    let store = try makeStore()
    let runs = try store.runAtOnce(
      ["2", "3"].map { ["deploy", try store.packRelease("good \($0)"), "--id", $0] })
    #expect(runs.map(\.status) == [0, 0], "\(runs)")
    #expect(["2", "3"].contains(store.current))
    #expect(store.previous != store.current)
    for id in ["2", "3"] { #expect(try store.entry(of: id)["state"] as? String == "ready") }
    try store.expectConsistent()
  }
}
