import Foundation
import TestSupport
import Testing

/// A person changes the store by hand with ln, mkdir and rm while commands run or after a crash.
@Suite struct ManualChangeTests {
  /// Returns a store where rX was never live, five newer releases exist, and 5 is live.
  private func makeStore() throws -> TestStore {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    for id in ["rX", "3", "4"] { try store.publish(id) }
    try store.publishAndActivate(["5"])
    try store.publish("6")
    return store
  }

  @Test(arguments: ["releases/alias", "releases/rX/bin", "releases/rX/VERSION", "current2"])
  func `prune retains what current points to through any link`(_ target: String) throws {
    let store = try makeStore()
    try store.makeLink("releases/alias", to: "rX")
    try store.makeLink("current2", to: "releases/alias")
    try store.makeLink("current", to: target)
    try store.expectSuccess(["prune", "--keep", "1", "--keep-within", "0d"])
    #expect(try store.read("releases/rX/VERSION") == "rX", "live through \(target)")
    try store.expectFailure(["remove", "rX", "--force"], status: 3, code: "live")
  }

  @Test func `prune retains a release that is made live by hand at the same time`() throws {
    let store = try makeStore()
    // Prune removes 4 first, and a person makes rX live before it is removed too.
    let pruning = try StoppedCommand(
      ["prune", "--keep", "1", "--keep-within", "0d"], in: store, after: "renameat2")
    try store.waitUntil("the first release is removed") {
      try store.names("releases").count == 5
    }
    try store.makeLink("current", to: "releases/rX")
    try pruning.resume()
    #expect(store.exists("current/VERSION"))
  }

  @Test func `recover keeps a link that was moved after an interrupted switch`() throws {
    let store = try makeStore()
    try runKilled(store, ["activate", "6"], at: "symlinkat", 1)
    try store.makeLink("current", to: "releases/1")
    let run = try store.expectSuccess(["recover"])
    #expect(store.current == "1", "\(run.errors)")
    let entries = try store.history()
    // The move is recorded, and `previous` is pointed to 5, which was live before.
    #expect(entries.prefix(2).allSatisfy { $0["operation"] as? String == "drift" })
    #expect(entries.dropFirst(2).first?["outcome"] as? String == "undone")
    #expect(store.previous == "5")
    #expect(
      try store.expectSuccess(["recover", "--json"]).json["outcome"] as? String == "unchanged")
  }

  @Test(arguments: [
    ("nothing", "which is not a release"), ("releases/nothing", "which does not exist"),
  ])
  func `recover says that nothing is live, and what to do`(target: String, what: String) throws {
    let store = try makeStore()
    try store.makeLink("current", to: target)
    let status = try store.run(["status"])
    #expect(
      status.output.contains(
        "current points to \"nothing\", \(what) [currentBroken]; "), "\(status)")
    let hint = "nothing is live; activate a release: releases --store \(store.path) activate 5\n"
    #expect(try store.expectSuccess(["recover"]).output == "recovered\n" + hint)
    #expect(try store.expectSuccess(["recover"]).output == "", "there is nothing to recover")
    try store.expectSuccess(["activate", "5"])
    #expect(try store.expectSuccess(["recover"]).output == "")
    #expect(try TestStore().expectSuccess(["recover"]).output == "", "an empty store")
  }

  @Test func `recover keeps a release made live after an interrupted removal`() throws {
    let store = try makeStore()
    try runKilled(store, ["remove", "rX"], at: "renameat2", 1)
    try store.makeLink("current", to: "releases/rX")
    try store.expectSuccess(["recover"])
    #expect(store.current == "rX" && store.exists("current/VERSION"))
    try store.expectConsistent()
  }

  @Test func `recover does not adopt a directory made in place of a release`() throws {
    let store = try makeStore()
    let archive = try store.archive(["VERSION": "new"])
    // The second rename publishes the release.
    try runKilled(store, ["unpack", archive, "--id", "new"], at: "renameat2", 2)
    try store.write("releases/new/OTHER", "")
    try store.expectSuccess(["recover"])
    #expect(try store.releases()["new"]?["state"] as? String == "unknown")
    #expect(try store.names("releases/new") == ["OTHER"])
  }

  @Test func `unpack fails if the directory of its release appears at the last moment`() throws {
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

  /// Another command may remove a stage that is not locked yet.
  @Test func `unpack recreates a stage that was removed`() throws {
    let store = try makeStore()
    let run = try store.run(
      ["unpack", try store.archive(["VERSION": "new"]), "--id", "new"],
      launcher: [
        "strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=mkdirat", "-e",
        "inject=mkdirat:retval=0:when=1",
      ])
    #expect(run.status == 0, "\(run.errors)")
    try store.expectConsistent()
  }

  @Test func `a switch keeps its lock when the lock file is deleted`() throws {
    let store = try makeStore()
    let switching = try StoppedCommand(["activate", "rX"], in: store, after: "symlinkat")
    try store.waitUntil("the switch has made a link") {
      try store.names("").contains { $0.hasPrefix(".current.") || $0.hasPrefix(".previous.") }
    }
    try Program.expect(["rm", "\(store.path)/.releases/lock"])
    try store.expectFailure(
      ["prune", "--keep", "1", "--keep-within", "0d", "--wait", "0s"], status: 5, code: "locked")
    #expect(try switching.resume() == 0)
    #expect(store.current == "rX" && store.exists("current/VERSION"))
    try store.expectSuccess(["recover"])
    try store.expectConsistent()
  }

  @Test func `a pin survives the loss of its catalog entry`() throws {
    let store = try makeStore()
    try store.expectSuccess(["pin", "rX", "--reason", "audit"])
    try store.write(".releases/catalog/rX.json", "{}")
    try store.expectSuccess(["init"])
    #expect(try store.releases()["rX"]?["pinned"] as? Bool == true)
  }

  @Test func `remove refuses a release that is a process's working directory`() throws {
    let store = try makeStore()
    let process = try BackgroundProgram(
      ["sh", "-c", "echo started; exec sleep 60"], directory: "\(store.path)/releases/rX")
    #expect(process.firstOutput() == "started\n")
    try store.expectFailure(["remove", "rX"], status: 3, code: "inUse")
    try store.expectFailure(["remove", "rX", "--dry-run"], status: 3, code: "inUse")
    try store.expectSuccess(["remove", "rX", "--force"])
    process.send(SIGKILL)
  }

  private func runKilled(
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

  @Test(arguments: ["current", "previous"])
  func `a directory in place of a link is refused, and the hint removes it`(name: String) throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    try Program.expect(["rm", "\(store.path)/\(name)"])
    try store.write("\(name)/data", "the only copy")
    // The first command records in the history that the link was removed by hand.
    let refused = try store.expectFailure(["activate", "1"], status: 3, code: "notALink")
    let before = try store.fileSystemState()
    for command in [["activate", "1"], ["rollback"], ["rollback", "--to", "1"], ["init"]] {
      try store.expectFailure(command, status: 3, code: "notALink")
    }
    #expect(try store.fileSystemState() == before)
    try store.runHint(of: refused)
    #expect(try store.read("releases/from-\(name)/data") == "the only copy")
    try store.expectSuccess(["activate", "1"])
    #expect(store.current == "1")
    #expect(store.link("current") == "releases/1")
    try store.expectConsistent()
  }

  @Test(arguments: ["link", "file", "directory"])
  func `left-over temporary links never block a switch`(kind: String) throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    let names = [
      ".current.0123abcd", ".previous.0123abcd", ".current.tmp", ".current", "current.new",
      "current_tmp", "current-tmp", "current~", ".current.00000000", ".previous.FFFFFFFF",
    ]
    for name in names {
      switch kind {
      case "link": try store.makeLink(name, to: "releases/1")
      case "file": try store.write(name, "x")
      default: try store.write("\(name)/x", "x")
      }
    }
    try store.expectSuccess(["rollback"])
    try store.expectSuccess(["activate", "2", "--force"])
    #expect(store.link("current") == "releases/2")
    #expect(store.previous == "1")
    let left = try store.names("")
    #expect(
      left.contains("current.new") && left.contains(".current.tmp"),
      "these are not temporary files of the tool")
    if kind != "link" {
      #expect(Set(names).isSubset(of: left), "only links are temporary files of the tool")
    }
  }
}
