import Foundation
import TestSupport
import Testing

/// A store with fifty releases that were made by hand over the years.
@Suite struct LegacyStoreTests {
  /// Returns a store of another user with links made by root, as the runbook's `sudo ln -sfn` makes
  /// them.
  private func store() throws -> TestStore {
    try LegacyStore.make(
      """
      ln -s "$0/releases/1700000047" previous; ln -s "$0/previous" current
      mkdir releases/1700000048/lib; rm releases/1700000050/VERSION
      mkdir releases/v2.1 releases/'monday backup' releases/.cache releases/current
      echo x > releases/notes.txt; ln -s 1700000001 releases/stable; mkfifo releases/pipe
      touch "$(printf 'releases/1700000040/caf\\351')" releases/1700000040/"new
      line"
      ln -s "$(printf 'caf\\351')" releases/1700000041/link; ln -s gone releases/1700000041/dangling
      mkfifo releases/1700000042/queue; mkdir logs; echo data > logs/app.log; echo x > deploy.sh
      if [ $(id -u) = 0 ]; then chown -R 65534:65534 .; chown -h 0:0 current previous; fi
      """, releases: 50)
  }

  /// Returns the state of everything that `init` must not change.
  private func untouched(_ store: TestStore) throws -> [Substring] {
    // Init adds a directory and a configuration to the top, and replaces `current`, which pointed to
    // another link.
    try store.fileSystemState().split(separator: "\n").filter {
      !$0.hasPrefix(" d ") && !$0.hasPrefix("current l ") && !$0.contains(".releases")
        && !$0.hasPrefix("releases.yaml ") && !$0.hasSuffix("/releases.yaml")
    }
  }

  @Test func `init does not change releases, and a second init changes nothing`() throws {
    let store = try store()
    let before = try untouched(store)
    let run = try store.expectSuccess(["init", "--json"])
    let adopted = try #require(try run.json["adopted"] as? [[String: Any]])
    #expect(adopted.count == 51, "all fifty and v2.1 are adopted")
    for name in ["caf\u{FFFD}", "link", "monday backup", ".cache", "notes.txt", "stable", "pipe"] {
      #expect(run.errors.contains(name), "\(name) is not reported")
    }
    #expect(store.link("current") == "releases/1700000047")
    #expect(store.link("previous") == "\(store.path)/releases/1700000047")
    #expect(try untouched(store) == before)
    let facts = try store.fileSystemState()
    let again = try store.expectSuccess(["init", "--json"])
    #expect(try again.json["outcome"] as? String == "unchanged")
    #expect(try store.fileSystemState() == facts)
    if User.isRoot {
      let others = try Program.run([
        "find", "\(store.path)/.releases", "\(store.path)/current", "!", "-user", "65534",
      ])
      #expect(others.output == "", "the owner can change every file")
    }
  }

  @Test func `every command works after init`() throws {
    let store = try store()
    try store.expectSuccess(["init"])
    let releases = try store.releases()
    let states = [
      "1700000001": "ready", "1700000047": "ready", "1700000048": "unpacked",
      "1700000049": "unpacked", "1700000050": "unpacked", "v2.1": "failed",
    ]
    for (id, state) in states { #expect(releases[id]?["state"] as? String == state, "\(id)") }
    let newestFirst = (1...50).reversed().map { String(1_700_000_000 + $0) }
    #expect(try store.ids().filter { Int($0) != nil } == newestFirst)
    try store.expectSuccess(["status"])
    try store.expectSuccess(["verify", "--all"])
    try store.expectFailure(["activate", "1700000050"], status: 3, code: "notReady")
    try store.expectSuccess(["mark", "1700000049", "good", "--reason", "looked at"])
    try store.expectSuccess(["activate", "1700000049"])
    #expect(store.previous == "1700000047")
    try store.expectSuccess(["rollback"])
    #expect(store.link("current") == "releases/1700000047")
    try store.expectSuccess(["remove", "1700000001"])
    try store.expectSuccess(["pin", "1700000002", "--reason", "audit"])
    try store.expectSuccess(["prune"])
    #expect(
      try store.names("releases") == [
        ".cache", "1700000002", "1700000045", "1700000046", "1700000047", "current",
        "monday backup", "notes.txt", "pipe", "stable", "v2.1",
      ])
    try store.publishAndActivate(["new"])
    #expect(store.current == "new" && store.previous == "1700000047")
    #expect(try store.read("logs/app.log") == "data\n")
    try store.expectConsistent()
  }
}
