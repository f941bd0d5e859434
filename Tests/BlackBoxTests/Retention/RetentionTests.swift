import Foundation
import TestSupport
import Testing

/// Which releases prune retains, and the reasons it gives.
@Suite struct RetentionTests {
  @Test func `prune retains what is live, pinned, in use or unknown`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2", "3", "4", "5", "6", "7", "8"])
    try store.expectSuccess(["pin", "1", "--reason", "audit"])
    try Program.expect(["mkdir", "\(store.path)/releases/unknown"])
    try Program.expect(["touch", "\(store.path)/releases/2"])
    let releases = "\(store.path)/releases"
    try Program.expect(["cp", "/bin/sleep", "\(releases)/4/bin/sleep"])
    let map = "import mmap,sys; f=open('\(releases)/5/VERSION'); m=mmap.mmap(f.fileno(),0,prot=1);"
    let users = [
      try BackgroundProgram(["sh", "-c", "echo up; exec cat"], directory: "\(releases)/3"),
      try BackgroundProgram(["sh", "-c", "echo up; exec \(releases)/4/bin/sleep 600"]),
      try BackgroundProgram(["python3", "-c", map + "print('up',flush=True); sys.stdin.read()"]),
    ]
    for user in users { #expect(user.firstOutput() == "up\n") }
    try store.waitUntil("the second runs from its release") {
      let exe = "/proc/\(users[1].pid)/exe"
      return (try? FileManager.default.destinationOfSymbolicLink(atPath: exe))?.hasSuffix("sleep")
        == true
    }
    let refused = try store.expectFailure(["remove", "3"], status: 3, code: "inUse")
    let command = try #require(refused.hintCommand)
    #expect(try Program.expect(["sh", "-c", command]).output.contains("\(releases)/3"))
    let why = try store.expectSuccess(TestStore.pruneByCount + ["--json"]).decisions()
    for id in ["3", "4", "5"] { #expect(why[id] == "keep: in use by a process", "\(id)") }
    #expect(why["1"] == "keep: pinned" && why["8"] == "keep: live")
    #expect(why["7"] == "keep: rollback target")
    #expect(try store.names("releases") == ["1", "3", "4", "5", "7", "8", "unknown"])
    for arguments in [TestStore.pruneByCount, TestStore.pruneByCount + ["--quiet"], ["prune"]] {
      let run = try store.expectSuccess(arguments)
      #expect(run.output + run.errors == "", "nothing is printed")
    }
    users[1].send(SIGKILL)
    for user in users { user.end() }
    try store.expectSuccess(["unpin", "1"])
    #expect(
      try store.expectSuccess(TestStore.pruneByCount + ["--quiet"]).lines == ["5", "4", "3", "1"])
  }

  @Test(
    .enabled(if: SmallDisk.isPossible, SmallDisk.comment),
    arguments: [("min-free: 4MiB", 2), ("min-free-inodes: 115", 3), ("min-free: 64KiB", 0)])
  func `prune frees only what min-free needs, oldest first`(demand: String, removed: Int) throws {
    let disk = try SmallDisk(size: 8192, inodes: 200)
    let store = disk.store
    let now = Int(Date.now.timeIntervalSince1970)
    let ids = (1...6).map { String(now - 100 + $0) }
    for id in ids {
      let fill = "head -c 1000000 /dev/zero > d; for i in $(seq 15); do : > f$i; done"
      try Program.expect([
        "sh", "-ec", "mkdir \"$0\"; cd \"$0\"; \(fill)", "\(store.path)/releases/\(id)",
      ])
    }
    try store.makeLink("current", to: "releases/\(ids[5])")
    try store.makeLink("previous", to: "releases/\(ids[4])")
    try store.expectSuccess(["init"])
    try store.write("releases.yaml", "keep: {count: 1, age: 30d, \(demand)}\n")
    let planned = try store.expectSuccess(["prune", "--dry-run", "--json"]).decisions()
    let done = try store.expectSuccess(["prune", "--json"]).decisions()
    #expect(planned == done)
    #expect(try store.names("releases") == Array(ids.dropFirst(removed)))
    for id in ids.prefix(removed) { #expect(done[id] == "remove: too little free space") }
    #expect(try store.expectSuccess(["prune"]).output == "")
    try store.expectConsistent()
  }

  @Test func `prune never leaves current dangling`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2", "3", "4"])
    try store.expectSuccess(["activate", "1"])
    for _ in 1...2 {
      try store.expectSuccess(["prune", "--keep", "1", "--keep-within", "0d"])
      #expect(try store.read("current/VERSION") == "1")
      #expect(store.exists("previous/VERSION"))
      try store.expectSuccess(["mark", "1", "bad", "--reason", "it is old"])
    }
    try store.expectFailure(["remove", "1", "--force"], status: 3, code: "live")
  }

  @Test func `failed releases do not count towards the retained ones`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2", "3"])
    for id in ["4", "5", "6", "7"] {
      try store.publishAndActivate([id])
      try store.expectSuccess(["rollback"])
    }
    try store.expectSuccess(["prune", "--keep", "3", "--keep-within", "0d"])
    #expect(
      try store.names("releases") == ["1", "2", "3", "7"],
      "the newest failed release is retained too")
    #expect(store.current == "3")
    #expect(store.previous == "2")
  }

  @Test func `prune ignores directories that are not releases`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2", "3"])
    let strays = ["9999999999", "backup of monday", "lost+found", "notes.txt", ".hidden"]
    for name in strays where name != "notes.txt" { try store.write("releases/\(name)/x", "x") }
    try store.write("releases/notes.txt", "x")
    #expect(
      try Set(store.releases().filter { $1["state"] as? String == "ready" }.keys) == [
        "1", "2", "3",
      ])
    try store.expectSuccess(["activate", "latest"])
    #expect(store.current == "3")
    try store.expectFailure(["activate", "9999999999"], status: 3, code: "notReady")
    try store.expectSuccess(["prune", "--keep", "2", "--keep-within", "0d"])
    #expect(try store.names("releases") == (strays + ["2", "3"]).sorted())
  }

  @Test func `prune with dry-run reports what prune then removes`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2", "3"])
    let before = try store.fileSystemState()
    let arguments = ["prune", "--keep", "1", "--keep-within", "0d", "--json"]
    let planned = try store.expectSuccess(arguments + ["--dry-run"]).json
    #expect(try store.fileSystemState() == before)
    let done = try store.expectSuccess(arguments).json
    let decisions = { (json: [String: Any]) in json["decisions"] as? [[String: String]] }
    #expect(decisions(planned) == decisions(done))
    #expect(decisions(done)?.map { $0["action"] } == ["keep", "keep", "remove"])
  }
}
