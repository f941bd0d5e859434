import Foundation
import Testing

/// What `prune` leaves, and why.
@Suite struct RetentionTests {
  private static let byCount = ["prune", "--keep", "1", "--keep-within", "0d"]

  /// What `prune` says of each release.
  private func decisions(_ run: Releases.Run) throws -> [String: String] {
    let decisions = try #require(try run.json["decisions"] as? [[String: String]])
    return Dictionary(
      uniqueKeysWithValues: decisions.map {
        ($0["id"] ?? "", "\($0["action"] ?? ""): \($0["reason"] ?? "")")
      })
  }

  @Test func `prune retains what is live, pinned, in use or unknown`() throws {
    let store = try TestStore()
    try store.activate(["1", "2", "3", "4", "5", "6", "7", "8"])
    try store.expectDone(["pin", "1", "--reason", "audit"])
    try Program.expect(["mkdir", "\(store.path)/releases/unknown"])
    try Program.expect(["touch", "\(store.path)/releases/2"])
    let releases = "\(store.path)/releases"
    try Program.expect(["cp", "/bin/sleep", "\(releases)/4/bin/sleep"])
    let map = "import mmap,sys; f=open('\(releases)/5/VERSION'); m=mmap.mmap(f.fileno(),0,prot=1);"
    let users = [
      try Companion(["sh", "-c", "echo up; exec cat"], directory: "\(releases)/3"),
      try Companion(["sh", "-c", "echo up; exec \(releases)/4/bin/sleep 600"]),
      try Companion(["python3", "-c", map + "print('up',flush=True); sys.stdin.read()"]),
    ]
    for user in users { #expect(user.firstAnswer() == "up\n") }
    try store.waitUntil("the second runs from its release") {
      let exe = "/proc/\(users[1].pid)/exe"
      return (try? FileManager.default.destinationOfSymbolicLink(atPath: exe))?.hasSuffix("sleep")
        == true
    }
    let refused = try store.expectFailure(["remove", "3"], status: 3, code: "inUse")
    #expect(refused.errors.contains("hint: see which: fuser -vm \(releases)/3"))
    let why = try decisions(try store.expectDone(Self.byCount + ["--json"]))
    for id in ["3", "4", "5"] { #expect(why[id] == "keep: in use by a process", "\(id)") }
    #expect(why["1"] == "keep: pinned" && why["8"] == "keep: live")
    #expect(why["7"] == "keep: what a rollback would go to")
    #expect(try store.names("releases") == ["1", "3", "4", "5", "7", "8", "unknown"])
    for arguments in [Self.byCount, Self.byCount + ["--quiet"], ["prune"]] {
      let run = try store.expectDone(arguments)
      #expect(run.output + run.errors == "", "quiet when there is nothing to do")
    }
    users[1].send(SIGKILL)
    for user in users { user.end() }
    try store.expectDone(["unpin", "1"])
    #expect(try store.expectDone(Self.byCount + ["--quiet"]).lines == ["5", "4", "3", "1"])
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
    try store.expectDone(["init"])
    try store.write("releases.yaml", "keep: {count: 1, age: 30d, \(demand)}\n")
    let planned = try decisions(try store.expectDone(["prune", "--dry-run", "--json"]))
    let done = try decisions(try store.expectDone(["prune", "--json"]))
    #expect(planned == done)
    #expect(try store.names("releases") == Array(ids.dropFirst(removed)))
    for id in ids.prefix(removed) { #expect(done[id] == "remove: too little free space") }
    #expect(try store.expectDone(["prune"]).output == "")
    try store.expectSettled()
  }

  @Test(.enabled(if: User.isRoot, "only root can mount"))
  func `prune retains a release with a mount in it`() throws {
    let store = try TestStore()
    try store.activate(["1", "2", "3", "4"])
    let data = "\(store.directory)/data"
    try Program.expect([
      "sh", "-ec", "mkdir \"$0\" \"$1\"; echo only > \"$0/copy\"", data,
      "\(store.path)/releases/1/uploads",
    ])
    // In a mount name space of its own, gone with the process.
    let launcher = [
      "unshare", "--mount", "sh", "-c", "mount --bind \"$0\" \"$1\" && shift && exec \"$@\"", data,
      "\(store.path)/releases/1/uploads",
    ]
    let planned = try store.run(Self.byCount + ["--json", "--dry-run"], launcher: launcher)
    let done = try store.run(Self.byCount + ["--json"], launcher: launcher)
    #expect(done.status == 0 && done.errors == "", "\(done.errors)")
    #expect(try decisions(planned) == (try decisions(done)))
    #expect(try decisions(done)["1"] == "keep: something is mounted in it")
    #expect(try store.names("releases") == ["1", "3", "4"], "the rest went on")
    let refused = try store.run(["--json", "remove", "1", "--force"], launcher: launcher)
    #expect(refused.status == 3 && refused.errors.contains("something is mounted in release 1"))
    // Nor where it is mounted only once the release is on its way out.
    try Program.expect(["mv", "\(store.path)/releases/1", "\(store.path)/.releases/trash/1.0"])
    let trash = launcher.map { $0.replacing("releases/1/", with: ".releases/trash/1.0/") }
    let late = try store.run(["recover"], launcher: trash)
    #expect(late.errors.contains("1.0 stays in the trash"), "\(late.errors)")
    let copy = try? String(contentsOfFile: "\(data)/copy", encoding: .utf8)
    #expect(copy == "only\n", "what is mounted there is nobody's to remove")
    try store.expectDone(["prune"])
    #expect(try store.names(".releases/trash") == [])
  }

  @Test(
    .enabled(if: User.isRoot, "only root can make files immutable"), arguments: ["", "/bin/run"])
  func `prune warns of a release that it cannot remove`(path: String) throws {
    let store = try TestStore()
    try store.activate(["1", "2", "3", "4"])
    let file = "\(store.path)/releases/2\(path)"
    guard try Program.run(["chattr", "+i", file]).status == 0 else { return }
    defer {
      _ = try? Program.run([
        "chattr", "-R", "-i", "\(store.path)/releases", "\(store.path)/.releases",
      ])
    }
    let run = try store.expectDone(Self.byCount + ["--json"])
    #expect(run.errors.contains("warning:") && run.errors.contains("operation not permitted"))
    let left = path.isEmpty ? ["2", "3", "4"] : ["3", "4"]
    #expect(try store.names("releases") == left, "the rest went on")
    let why = try decisions(run)["2"]
    #expect(why?.hasPrefix(path.isEmpty ? "keep: it can't be removed" : "remove:") == true)
    #expect(try run.json["freedBytes"] as? Int == (path.isEmpty ? 1 : 2) * 18)
    try Program.expect(["chattr", "-R", "-i", "\(store.path)/releases", "\(store.path)/.releases"])
    try store.expectDone(Self.byCount)
    #expect(try store.names("releases") == ["3", "4"])
    try store.expectSettled()
  }
}
