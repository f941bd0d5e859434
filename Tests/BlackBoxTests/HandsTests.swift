import Foundation
import Testing

/// People's hands in the store at bad moments: `ln -sfn`, `mkdir`, `rm`.
@Suite struct HandsTests {
  /// `rX` was never live; five newer ones were published since, of which 5 is live.
  private func makeStore() throws -> TestStore {
    let store = try TestStore()
    try store.activate(["1"])
    for id in ["rX", "3", "4"] { try store.publish(id) }
    try store.activate(["5"])
    try store.publish("6")
    return store
  }

  @Test(arguments: ["releases/alias", "releases/rX/bin", "releases/rX/VERSION", "current2"])
  func `prune retains what current points to through any link`(_ target: String) throws {
    let store = try makeStore()
    try store.makeLink("releases/alias", to: "rX")
    try store.makeLink("current2", to: "releases/alias")
    try store.makeLink("current", to: target)
    try store.expectDone(["prune", "--keep", "1", "--keep-within", "0d"])
    #expect(try store.read("releases/rX/VERSION") == "rX", "live through \(target)")
    try store.expectFailure(["remove", "rX", "--force"], status: 3, code: "live")
  }

  @Test func `prune retains a release that a person makes live meanwhile`() throws {
    let store = try makeStore()
    // rX, 3 and 4 are to go; as the first does, somebody makes the last live.
    let pruning = Thread {
      _ = try? store.run(
        ["prune", "--keep", "1", "--keep-within", "0d"],
        launcher: [
          "strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=renameat2", "-e",
          "inject=renameat2:delay_enter=700000:when=1",
        ])
      try? store.write("done", "")
    }
    pruning.start()
    Thread.sleep(forTimeInterval: 0.4)
    try store.makeLink("current", to: "releases/rX")
    while !store.exists("done") { Thread.sleep(forTimeInterval: 0.02) }
    #expect(store.exists("current/VERSION"))
  }

  @Test func `recover keeps a link that was moved after an interrupted switch`() throws {
    let store = try makeStore()
    try killed(store, ["activate", "6"], at: "symlinkat", 1)
    try store.makeLink("current", to: "releases/1")
    let run = try store.expectDone(["recover"])
    #expect(store.current == "1", "\(run.errors)")
    let entries = try store.history()
    #expect(entries.first?["operation"] as? String == "drift")
    #expect(entries.dropFirst().first?["outcome"] as? String == "undone")
    #expect(try store.expectDone(["recover", "--json"]).json["outcome"] as? String == "unchanged")
  }

  @Test func `recover keeps a release made live after an interrupted removal`() throws {
    let store = try makeStore()
    try killed(store, ["remove", "rX"], at: "renameat2", 1)
    try store.makeLink("current", to: "releases/rX")
    try store.expectDone(["recover"])
    #expect(store.current == "rX" && store.exists("current/VERSION"))
    try store.expectSettled()
  }

  @Test func `recover does not adopt a directory made in place of a release`() throws {
    let store = try makeStore()
    let archive = try store.archive(["VERSION": "new"])
    // The second rename gives the tree its name.
    try killed(store, ["unpack", archive, "--id", "new"], at: "renameat2", 2)
    try store.write("releases/new/OTHER", "")
    try store.expectDone(["recover"])
    #expect(try store.releases()["new"]?["state"] as? String == "unknown")
    #expect(try store.names("releases/new") == ["OTHER"])
  }

  @Test func `unpack fails when its directory appears at the last moment`() throws {
    let store = try makeStore()
    let archive = try store.archive(["VERSION": "new"])
    let run = try store.run(
      ["unpack", archive, "--id", "new"],
      launcher: [
        "strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=renameat2", "-e",
        "inject=renameat2:error=EEXIST:when=2",
      ])
    #expect(run.status == 1, "\(run.output)\(run.errors)")
    #expect(try store.releases()["new"] == nil)
  }

  /// Between making a stage and locking it, another command may sweep it away.
  @Test func `unpack recreates a stage that was removed`() throws {
    let store = try makeStore()
    let run = try store.run(
      ["unpack", try store.archive(["VERSION": "new"]), "--id", "new"],
      launcher: [
        "strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=mkdirat", "-e",
        "inject=mkdirat:retval=0:when=1",
      ])
    #expect(run.status == 0, "\(run.errors)")
    try store.expectSettled()
  }

  @Test func `a switch keeps its lock when the lock file is deleted`() throws {
    let store = try makeStore()
    let switching = Thread {
      _ = try? store.run(
        ["activate", "rX"],
        launcher: [
          "strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=symlinkat", "-e",
          "inject=symlinkat:delay_enter=1000000:when=1",
        ])
      try? store.write("done", "")
    }
    switching.start()
    Thread.sleep(forTimeInterval: 0.5)
    try Program.expect(["rm", "\(store.path)/.releases/lock"])
    try store.expectFailure(
      ["prune", "--keep", "1", "--keep-within", "0d", "--wait", "0s"], status: 5, code: "locked")
    while !store.exists("done") { Thread.sleep(forTimeInterval: 0.02) }
    #expect(store.current == "rX" && store.exists("current/VERSION"))
    try store.expectDone(["recover"])
    try store.expectSettled()
  }

  @Test func `a pin survives the loss of its catalog entry`() throws {
    let store = try makeStore()
    try store.expectDone(["pin", "rX", "--reason", "audit"])
    try store.write(".releases/catalog/rX.json", "{}")
    try store.expectDone(["init"])
    #expect(try store.releases()["rX"]?["pinned"] as? Bool == true)
  }

  @Test func `remove refuses a release that is a process's working directory`() throws {
    let store = try makeStore()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["sleep", "60"]
    process.currentDirectoryURL = URL(fileURLWithPath: "\(store.path)/releases/rX")
    try process.runUnmasked()
    defer { kill(process.processIdentifier, SIGKILL) }
    try store.expectFailure(["remove", "rX"], status: 3, code: "inUse")
    try store.expectFailure(["remove", "rX", "--dry-run"], status: 3, code: "inUse")
    try store.expectDone(["remove", "rX", "--force"])
  }

  private func killed(
    _ store: TestStore, _ arguments: [String], at call: String, _ ordinal: Int
  ) throws {
    let run = try store.run(
      arguments,
      launcher: [
        "strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=\(call)", "-e",
        "inject=\(call):signal=KILL:when=\(ordinal)",
      ])
    try #require(run.status == 137, "\(run)")
  }
}
