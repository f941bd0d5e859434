import Foundation
import TestSupport
import Testing

/// `unpack.share` shares the blocks of equal files on file systems that support it.
@Suite(.enabled(if: LoopDisk.isPossible, LoopDisk.comment), .serialized)
struct BlockSharingTests {
  private static let large = "lib/large"

  @Test(arguments: [LoopDisk.Kind.xfs, .btrfs])
  func `the tenth release takes a twentieth of the first one's space`(_ kind: LoopDisk.Kind) throws
  {
    let disk = try LoopDisk(kind)
    let store = disk.store
    let tree = try SimilarReleases(store)
    var costs: [Int] = []
    var used = try disk.used()
    for number in 1...10 {
      let run = try tree.publish("\(number)")
      #expect(run.status == 0 && run.errors == "", "\(run.errors)")
      let now = try disk.used()
      costs.append(now - used)
      used = now
    }
    #expect(costs[9] * 20 < costs[0], "the space used by each release: \(costs)")
    #expect(try disk.isShared("releases/10/\(Self.large)"))
    try tree.expectEqual("10")
    let use = try store.diskUse(of: "10")
    #expect(use.own + use.shared == use.bytes)
    // On btrfs the disk does not report shares of files smaller than a block.
    #expect(kind == .btrfs ? use.own < 10_000 : use.listed == [use.own, use.shared])
    #expect(use.listed == [3, use.bytes - 3], "its VERSION")
    try store.expectSuccess(["prune", "--keep", "1", "--keep-within", "0d"])
    try tree.expectEqual("10")
    let alone = try store.diskUse(of: "10")
    #expect(alone.own == alone.bytes && alone.listed == [alone.bytes, 0])
  }

  @Test func `writing to one release leaves the other unchanged`() throws {
    let disk = try LoopDisk(.xfs)
    let tree = try SimilarReleases(disk.store)
    try tree.publish("1")
    try tree.publish("2")
    try disk.store.flip("releases/1/\(Self.large)", at: 12_345)
    try Program.expect(["rm", "\(disk.store.path)/releases/1/bin/run"])
    try tree.expectEqual("2")
  }

  @Test func `blocks of a file that changed on disk are not shared`() throws {
    let disk = try LoopDisk(.xfs)
    let store = disk.store
    let tree = try SimilarReleases(store)
    try tree.publish("1")
    // These files have wrong content, another size, a link in their place, or are missing.
    try store.flip("releases/1/\(Self.large)", at: 16_999_999)
    let script = "cd \"$0\"; echo >> f58; mv f57 moved; ln -s moved f57; rm f56"
    try Program.expect(["sh", "-ec", script, "\(store.path)/releases/1/lib/a/b"])
    let run = try tree.publish("2")
    #expect(run.status == 0)
    #expect(run.errors.contains("can't share 4 modified files of 1"), "\(run.errors)")
    try tree.expectEqual("2")
    for name in [Self.large, "lib/a/b/f58", "lib/a/b/f57", "lib/a/b/f56"] {
      #expect(try !disk.isShared("releases/2/\(name)"), "\(name)")
    }
    #expect(try disk.isShared("releases/2/lib/a/b/f55"))
    // The next release can share with the second one.
    try tree.publish("3")
    #expect(try disk.isShared("releases/3/\(Self.large)"))
  }

  @Test func `blocks are shared only with a ready release with a valid manifest`() throws {
    let disk = try LoopDisk(.xfs)
    let store = disk.store
    let tree = try SimilarReleases(store)
    try tree.publish("1")
    try store.expectSuccess(["mark", "1", "bad", "--reason", "x"])
    try tree.publish("2")
    #expect(try store.diskUse(of: "2").shared == 0)
    let manifest = try store.read(".releases/manifests/2.mtree")
    try store.write(".releases/manifests/2.mtree", manifest + "./x type=dir mode=0755\n")
    try tree.publish("3")
    #expect(try store.diskUse(of: "3").shared == 0)
    try store.write(".releases/manifests/2.mtree", manifest)
    try tree.publish("4", changing: "chmod 600 lib/large")
    #expect(try !disk.isShared("releases/4/\(Self.large)"), "the mode differs")
    #expect(try disk.isShared("releases/4/lib/a/b/f55"))
  }

  @Test(arguments: ["never", "auto", "hardlink"])
  func `the configuration selects how files are shared`(_ share: String) throws {
    let disk = try LoopDisk(.xfs)
    try disk.store.setSharing(share)
    let tree = try SimilarReleases(disk.store)
    try tree.publish("1")
    try tree.publish("2")
    let names = try disk.store.stat("releases/2/\(Self.large)", "%n")
    #expect(names == (share == "hardlink" ? "2" : "1"))
    #expect(try disk.isShared("releases/2/\(Self.large)") == (share == "auto"))
    #expect(try (disk.store.diskUse(of: "2").shared > 17_000_000) == (share != "never"))
  }

  @Test func `ext4 shares no blocks`() throws {
    let disk = try LoopDisk(.ext4)
    let tree = try SimilarReleases(disk.store)
    for id in ["1", "2"] { #expect(try tree.publish(id).errors == "") }
    try tree.expectEqual("2")
    let use = try disk.store.diskUse(of: "2")
    #expect(use.own == use.bytes && use.shared == 0 && use.listed == [use.bytes, 0])
    #expect(try disk.store.run(["check"]).output.contains("ext4 can't share blocks"))
  }

  @Test func `a failure to share blocks is only a warning`() throws {
    let disk = try LoopDisk(.xfs)
    let tree = try SimilarReleases(disk.store)
    try tree.publish("1")
    let arguments = try tree.unpacking("2")
    let sharing = try Strace.watch(arguments, in: disk.store).calls.filter {
      $0.text.contains("FIDEDUPERANGE")
    }
    try disk.store.expectSuccess(["remove", "2", "--force"])
    let call = try #require(sharing.dropFirst(9).first)
    let run = try disk.store.run(arguments, launcher: Strace.failing(call, with: "EIO"))
    #expect(run.status == 0 && run.errors.contains("a file takes its full size"), "\(run.errors)")
    try tree.expectEqual("2")
    #expect(try disk.store.run(["check"]).output.contains("share the blocks of equal files on xfs"))
  }

  @Test func `recover removes an unpack killed while it shares blocks`() throws {
    let disk = try LoopDisk(.xfs)
    let tree = try SimilarReleases(disk.store)
    try tree.publish("1")
    let arguments = try tree.unpacking("2")
    let probe = try Strace.watch(arguments, in: disk.store)
    try disk.store.expectSuccess(["remove", "2", "--force"])
    let sharing = probe.calls.filter { $0.name == "ioctl" || $0.name == "syncfs" }
    #expect(sharing.count > SimilarReleases.fileCount)
    #expect(sharing.last?.name == "syncfs", "shares are flushed before the result is printed")
    let chosen = [0, 1, 2, sharing.count / 2, sharing.count - 2, sharing.count - 1]
    for call in chosen.map({ sharing[$0] }) {
      let run = try disk.store.run(arguments, launcher: Strace.killing(at: call))
      #expect(run.status == 128 + SIGKILL && run.output == "", "\(call)")
      try disk.store.expectSuccess(["recover"])
      try disk.store.expectConsistent()
      #expect(try disk.store.ids() == ["1"], "\(call)")
    }
    try tree.publish("2")
    try tree.expectEqual("2")
  }
}
