import Foundation
import TestSupport
import Testing

/// The owner of a store, who is not root, removes releases with unusual permissions.
@Suite(.enabled(if: PrivateHost.isPossible, PrivateHost.comment)) struct OwnerRemovalTests {
  private static let user = 471_147

  /// Returns a store of that user with three releases, of which 3 is live.
  private func makeStore() throws -> TestStore {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2", "3"])
    try store.changeOwner(to: Self.user)
    return store
  }

  private func runAsOwner(_ store: TestStore, _ arguments: [String]) throws -> Releases.Run {
    try store.runCopy(arguments, launcher: PrivateHost(store).launcher(as: Self.user))
  }

  /// Runs the hint of a run as root, as an administrator would type it.
  private func runHintAsRoot(_ run: Releases.Run, _ store: TestStore) throws {
    let command = try #require(run.hintCommand ?? run.sudoCommand, "\(run.errors)")
    #expect(command.contains("sudo "), "the owner can't do it: \(command)")
    try Program.expect(["sh", "-c", command.replacing("sudo ", with: "")])
  }

  @Test(
    arguments: ["chmod -R a-w .", "chmod -R 000 .", "chmod 555 .", "chmod 0 bin"], [true, false])
  func `the owner removes a read-only release`(change: String, isPrune: Bool) throws {
    let store = try makeStore()
    try Program.expect(["sh", "-ec", "cd '\(store.path)/releases/1'; \(change)"])
    let arguments = isPrune ? TestStore.pruneByCount : ["remove", "1"]
    let run = try runAsOwner(store, arguments)
    #expect(run.status == 0 && run.errors == "", "\(run.errors)")
    #expect(try store.names("releases") == ["2", "3"])
    #expect(try store.names(".releases/trash") == [])
  }

  @Test(arguments: [true, false])
  func `files of another user stay in the trash and do not count as freed`(isPrune: Bool) throws {
    let store = try makeStore()
    let foreign = "\(store.path)/releases/1/__pycache__"
    try Program.expect(["mkdir", foreign])
    try store.write("releases/1/__pycache__/x.pyc", "1234567")
    let arguments = isPrune ? TestStore.pruneByCount : ["remove", "1"]
    let run = try runAsOwner(store, arguments + ["--json"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(try store.names("releases") == ["2", "3"])
    // The file was added after the release was cataloged with 18 bytes.
    #expect(try run.json["freedBytes"] as? Int == 18 - 7)
    let item = try #require(try store.names(".releases/trash").first)
    #expect(
      run.errors.contains(
        "\(store.path)/.releases/trash/\(item) was not removed completely; 1 file of 7 B"),
      "\(run.errors)")
    #expect(run.errors.contains("__pycache__ belongs to root; only root can remove it"))
    #expect(try store.names(".releases/trash/\(item)") == ["__pycache__"], "the rest is removed")
    if isPrune {
      let warnings = try #require(try run.json["warnings"] as? [String])
      #expect(warnings.contains { $0.contains("was not removed completely") })
    }
    let check = try runAsOwner(store, ["check"])
    #expect(check.output.contains("trash"), "\(check.output)")
    try runHintAsRoot(run, store)
    #expect(try store.names(".releases/trash") == [])
    #expect(try runAsOwner(store, ["recover"]).errors == "")
  }

  @Test func `a release of another user is retained, and the hint says who can change that`() throws
  {
    let store = try makeStore()
    try Program.expect(["chown", "-R", "0:0", "\(store.path)/releases/1"])
    let planned = try runAsOwner(store, TestStore.pruneByCount + ["--json", "--dry-run"])
    let run = try runAsOwner(store, TestStore.pruneByCount + ["--json"])
    #expect(run.status == 0, "\(run.errors)")
    let path = "\(store.path)/releases/1"
    #expect(try run.decisions()["1"] == "keep: it can't be removed: \(path) belongs to root")
    #expect(try planned.decisions() == run.decisions())
    #expect(try run.json["freedBytes"] as? Int == 0)
    #expect(store.exists("releases/1/VERSION"))
    let removal = try runAsOwner(store, ["remove", "1"])
    #expect(removal.status == 1, "\(removal.errors)")
    #expect(removal.errors.contains("releases/1 belongs to root; give it to user \(Self.user)"))
    #expect(!removal.errors.contains("run it as the owner"))
    try runHintAsRoot(removal, store)
    #expect(try runAsOwner(store, ["remove", "1"]).status == 0)
    #expect(try store.names("releases") == ["2", "3"])
  }

  @Test(arguments: ["", "/bin", "/bin/run"])
  func `the hint about an immutable file removes it`(place: String) throws {
    let store = try makeStore()
    let file = "\(store.path)/releases/1\(place)"
    guard try Program.run(["chattr", "+i", file]).status == 0 else { return }
    defer { _ = try? Program.run(["chattr", "-R", "-f", "-i", store.path]) }
    let run = try runAsOwner(store, ["remove", "1"])
    #expect(run.errors.contains("is immutable or append-only"), "\(run.errors)")
    #expect(run.status == (place.isEmpty ? 1 : 0))
    try runHintAsRoot(run, store)
    if place.isEmpty { #expect(try runAsOwner(store, ["remove", "1"]).status == 0) }
    #expect(try store.names("releases") == ["2", "3"])
    #expect(try store.names(".releases/trash") == [])
  }

  @Test(.enabled(if: SmallDisk.isPossible, SmallDisk.comment))
  func `an unpack stops pruning when the files of a release can't be removed`() throws {
    let disk = try SmallDisk(size: 8192, inodes: 800)
    let store = disk.store
    for id in ["1", "2", "3", "4", "5"] {
      try store.expectSuccess(["unpack", try store.incompressible(kib: 900), "--id", id])
      try store.expectSuccess(["activate", id])
    }
    try store.write("releases.yaml", "keep: {count: 1, age: 7d, min-free: 4000KiB}\n")
    try store.changeOwner(to: Self.user)
    let move = "mkdir root; find . -maxdepth 1 -type f -exec mv {} root \\;"
    for id in ["1", "2", "3"] {
      try Program.expect(["sh", "-ec", "cd '\(store.path)/releases/\(id)'; \(move)"])
    }
    let run = try runAsOwner(store, ["unpack", try store.packRelease("6")])
    #expect(run.status == 8, "\(run.errors)")
    #expect(run.errors.contains("was not removed completely"), "\(run.errors)")
    #expect(try store.names("releases") == ["2", "3", "4", "5"])
  }

  @Test func `a stage of another user does not block the owner's commands`() throws {
    let store = try makeStore()
    try store.write(".releases/staging/left/x", "x")
    let run = try runAsOwner(store, ["prune"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains(".releases/staging/left belongs to root"), "\(run.errors)")
    try runHintAsRoot(run, store)
    #expect(try runAsOwner(store, ["prune"]).errors == "")
    #expect(try store.names(".releases/staging") == [])
  }

  @Test func `the hint about a shared directory of another user creates only what is missing`()
    throws
  {
    let store = try makeStore()
    try store.write("releases.yaml", "shared: {directories: [logs]}\n")
    try store.write("shared/data/x", "x")
    let archive = try store.packRelease("4")
    let run = try runAsOwner(store, ["unpack", archive])
    #expect(run.status == 1, "\(run.errors)")
    #expect(run.errors.contains("shared belongs to root; create the directory as root"))
    try runHintAsRoot(run, store)
    #expect(try runAsOwner(store, ["unpack", archive]).status == 0)
    let owners = try Program.expect(["stat", "-c", "%u", "\(store.path)/shared"])
    #expect(owners.lines == ["0"])
  }

  @Test func `another user is told whose file denied the access`() throws {
    let store = try makeStore()
    let run = try store.runCopy(
      ["prune"], launcher: PrivateHost(store).launcher(as: Self.user + 1))
    #expect(run.status == 1, "\(run.errors)")
    #expect(run.errors.contains("user \(Self.user)"), "\(run.errors)")
    #expect(run.errors.contains("sudo -u '#\(Self.user)' releases"), "\(run.errors)")
  }
}
