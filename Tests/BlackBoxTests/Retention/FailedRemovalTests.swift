import Foundation
import TestSupport
import Testing

/// Releases that prune and remove must not or cannot delete.
@Suite struct FailedRemovalTests {
  @Test(.enabled(if: User.isRoot, "only root can mount"))
  func `prune retains a release with a mount in it`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2", "3", "4"])
    let data = "\(store.directory)/data"
    try Program.expect([
      "sh", "-ec", "mkdir \"$0\" \"$1\"; echo only > \"$0/copy\"", data,
      "\(store.path)/releases/1/uploads",
    ])
    // The mount is in a namespace of its own and ends with the process.
    let launcher = [
      "unshare", "--mount", "sh", "-c", "mount --bind \"$0\" \"$1\" && shift && exec \"$@\"", data,
      "\(store.path)/releases/1/uploads",
    ]
    let planned = try store.run(
      TestStore.pruneByCount + ["--json", "--dry-run"], launcher: launcher)
    let done = try store.run(TestStore.pruneByCount + ["--json"], launcher: launcher)
    #expect(done.status == 0 && done.errors == "", "\(done.errors)")
    #expect(try planned.decisions() == (try done.decisions()))
    #expect(try done.decisions()["1"] == "keep: contains a mount point")
    #expect(try store.names("releases") == ["1", "3", "4"], "the other releases are removed")
    let refused = try store.run(["--json", "remove", "1", "--force"], launcher: launcher)
    #expect(refused.status == 3 && refused.errors.contains("something is mounted in release 1"))
    // The mount is kept as well when it appears after the release was moved to the trash.
    try Program.expect(["mv", "\(store.path)/releases/1", "\(store.path)/.releases/trash/1.0"])
    let trash = launcher.map { $0.replacing("releases/1/", with: ".releases/trash/1.0/") }
    let late = try store.run(["recover"], launcher: trash)
    #expect(late.errors.contains("trash/1.0 was not removed completely"), "\(late.errors)")
    let copy = try? String(contentsOfFile: "\(data)/copy", encoding: .utf8)
    #expect(copy == "only\n", "the mounted directory is untouched")
    try store.expectSuccess(["prune"])
    #expect(try store.names(".releases/trash") == [])
  }

  @Test(
    .enabled(if: User.isRoot, "only root can make files immutable"), arguments: ["", "/bin/run"])
  func `prune warns of a release that it cannot remove`(path: String) throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2", "3", "4"])
    let file = "\(store.path)/releases/2\(path)"
    guard try Program.run(["chattr", "+i", file]).status == 0 else { return }
    defer {
      _ = try? Program.run([
        "chattr", "-R", "-i", "\(store.path)/releases", "\(store.path)/.releases",
      ])
    }
    let run = try store.expectSuccess(TestStore.pruneByCount + ["--json"])
    let message = path.isEmpty ? "is immutable or append-only" : "operation not permitted"
    #expect(run.errors.contains("warning:") && run.errors.contains(message), "\(run.errors)")
    let left = path.isEmpty ? ["2", "3", "4"] : ["3", "4"]
    #expect(try store.names("releases") == left, "the other releases are removed")
    let why = try run.decisions()["2"]
    #expect(why?.hasPrefix(path.isEmpty ? "keep: it can't be removed" : "remove:") == true)
    // The immutable file of 17 bytes stays.
    #expect(try run.json["freedBytes"] as? Int == (path.isEmpty ? 18 : 18 + 1))
    try Program.expect(["chattr", "-R", "-i", "\(store.path)/releases", "\(store.path)/.releases"])
    try store.expectSuccess(TestStore.pruneByCount)
    #expect(try store.names("releases") == ["3", "4"])
    try store.expectConsistent()
  }

  @Test func `remove does not follow a link in place of a release`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2", "3"])
    try Program.expect(["rm", "-r", "\(store.path)/releases/1"])
    try store.makeLink("releases/1", to: "3")
    try store.expectSuccess(["remove", "1", "--force"])
    try store.expectSuccess(["prune", "--keep", "1", "--keep-within", "0d"])
    #expect(try store.read("current/VERSION") == "3")
    #expect(try store.read("current/bin/run").contains("echo 3"))
    try store.expectConsistent()
  }
}
