import Foundation
import Testing

/// Blocks shared on file systems that can, see `unpack.share`.
@Suite(.enabled(if: LoopDisk.isPossible, LoopDisk.comment), .serialized)
struct SharingTests {
  private static let large = "lib/large"

  @Test(arguments: [LoopDisk.Kind.xfs, .btrfs])
  func `the tenth release takes a twentieth of the first one's space`(_ kind: LoopDisk.Kind) throws {
    let disk = try LoopDisk(kind)
    let store = disk.store
    let tree = try NearlySame(store)
    var costs: [Int] = []
    var used = try disk.used()
    for number in 1...10 {
      let run = try tree.publish("\(number)")
      #expect(run.status == 0 && run.errors == "", "\(run.errors)")
      let now = try disk.used()
      costs.append(now - used)
      used = now
    }
    #expect(costs[9] * 20 < costs[0], "costs under 5 % of the first: \(costs)")
    #expect(try disk.isShared("releases/10/\(Self.large)"))
    try tree.expectEqual("10")
    let room = try store.room("10")
    #expect(room.own + room.shared == room.bytes)
    // Only the disk knows of what is too small for a block of its own on btrfs.
    #expect(kind == .btrfs ? room.own < 10_000 : room.listed == [room.own, room.shared])
    #expect(room.listed == [3, room.bytes - 3], "its VERSION")
    try store.expectDone(["prune", "--keep", "1", "--keep-within", "0d"])
    try tree.expectEqual("10")
    let alone = try store.room("10")
    #expect(alone.own == alone.bytes && alone.listed == [alone.bytes, 0])
  }

  @Test func `writing to one release leaves the other unchanged`() throws {
    let disk = try LoopDisk(.xfs)
    let tree = try NearlySame(disk.store)
    try tree.publish("1")
    try tree.publish("2")
    try disk.store.flip("releases/1/\(Self.large)", at: 12_345)
    try Program.expect(["rm", "\(disk.store.path)/releases/1/bin/run"])
    try tree.expectEqual("2")
  }

  @Test func `blocks of a file that changed on disk are not shared`() throws {
    let disk = try LoopDisk(.xfs)
    let store = disk.store
    let tree = try NearlySame(store)
    try tree.publish("1")
    // Right size, wrong content; another size; a link to what would do; gone.
    try store.flip("releases/1/\(Self.large)", at: 16_999_999)
    let script = "cd \"$0\"; echo >> f58; mv f57 moved; ln -s moved f57; rm f56"
    try Program.expect(["sh", "-ec", script, "\(store.path)/releases/1/lib/a/b"])
    let run = try tree.publish("2")
    #expect(run.status == 0)
    #expect(
      run.errors.contains("nothing shared with 4 files of 1 that changed"), "\(run.errors)")
    try tree.expectEqual("2")
    for name in [Self.large, "lib/a/b/f58", "lib/a/b/f57", "lib/a/b/f56"] {
      #expect(try !disk.isShared("releases/2/\(name)"), "\(name)")
    }
    #expect(try disk.isShared("releases/2/lib/a/b/f55"))
    // The next one has a good one to share with again.
    try tree.publish("3")
    #expect(try disk.isShared("releases/3/\(Self.large)"))
  }

  @Test func `blocks are shared only with a ready release with a valid manifest`() throws {
    let disk = try LoopDisk(.xfs)
    let store = disk.store
    let tree = try NearlySame(store)
    try tree.publish("1")
    try store.expectDone(["mark", "1", "bad", "--reason", "x"])
    try tree.publish("2")
    #expect(try store.room("2").shared == 0)
    let manifest = try store.read(".releases/manifests/2.mtree")
    try store.write(".releases/manifests/2.mtree", manifest + "./x type=dir mode=0755\n")
    try tree.publish("3")
    #expect(try store.room("3").shared == 0)
    try store.write(".releases/manifests/2.mtree", manifest)
    try tree.publish("4", changing: "chmod 600 lib/large")
    #expect(try !disk.isShared("releases/4/\(Self.large)"), "the mode is another one")
    #expect(try disk.isShared("releases/4/lib/a/b/f55"))
  }

  @Test(arguments: ["never", "auto", "hardlink"])
  func `the configuration selects how files are shared`(_ share: String) throws {
    let disk = try LoopDisk(.xfs)
    try disk.store.share(share)
    let tree = try NearlySame(disk.store)
    try tree.publish("1")
    try tree.publish("2")
    let names = try disk.store.stat("releases/2/\(Self.large)", "%n")
    #expect(names == (share == "hardlink" ? "2" : "1"))
    #expect(try disk.isShared("releases/2/\(Self.large)") == (share == "auto"))
    #expect(try (disk.store.room("2").shared > 17_000_000) == (share != "never"))
  }

  @Test func `ext4 shares no blocks`() throws {
    let disk = try LoopDisk(.ext4)
    let tree = try NearlySame(disk.store)
    for id in ["1", "2"] { #expect(try tree.publish(id).errors == "") }
    try tree.expectEqual("2")
    let room = try disk.store.room("2")
    #expect(room.own == room.bytes && room.shared == 0 && room.listed == [room.bytes, 0])
    #expect(try disk.store.run(["check"]).output.contains("ext4 can't share blocks"))
  }

  @Test func `a failure to share blocks is only a warning`() throws {
    let disk = try LoopDisk(.xfs)
    let tree = try NearlySame(disk.store)
    try tree.publish("1")
    let arguments = try tree.unpacking("2")
    let sharing = try Strace.watch(arguments, in: disk.store).calls.filter {
      $0.text.contains("FIDEDUPERANGE")
    }
    try disk.store.expectDone(["remove", "2", "--force"])
    let call = try #require(sharing.dropFirst(9).first)
    let run = try disk.store.run(arguments, launcher: Strace.failing(call, with: "EIO"))
    #expect(run.status == 0 && run.errors.contains("a file takes its full size"), "\(run.errors)")
    try tree.expectEqual("2")
    #expect(try disk.store.run(["check"]).output.contains("share the blocks of equal files on xfs"))
  }

  @Test func `recover removes an unpack killed while it shares blocks`() throws {
    let disk = try LoopDisk(.xfs)
    let tree = try NearlySame(disk.store)
    try tree.publish("1")
    let arguments = try tree.unpacking("2")
    let probe = try Strace.watch(arguments, in: disk.store)
    try disk.store.expectDone(["remove", "2", "--force"])
    let sharing = probe.calls.filter { $0.name == "ioctl" || $0.name == "syncfs" }
    #expect(sharing.count > NearlySame.fileCount)
    #expect(sharing.last?.name == "syncfs", "what was shared is on the disk before it is told")
    let chosen = [0, 1, 2, sharing.count / 2, sharing.count - 2, sharing.count - 1]
    for call in chosen.map({ sharing[$0] }) {
      let run = try disk.store.run(arguments, launcher: Strace.killing(at: call))
      #expect(run.status == 128 + SIGKILL && run.output == "", "\(call)")
      try disk.store.expectDone(["recover"])
      try disk.store.expectSettled()
      #expect(try disk.store.ids() == ["1"], "\(call)")
    }
    try tree.publish("2")
    try tree.expectEqual("2")
  }
}
