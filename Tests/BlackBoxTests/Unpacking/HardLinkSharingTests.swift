import Foundation
import TestSupport
import Testing

/// `unpack: {share: hardlink}` links equal files of releases on any file system.
@Suite struct HardLinkSharingTests {
  private static let large = "lib/large"

  private func makeStore() throws -> (store: TestStore, tree: SimilarReleases) {
    let store = try TestStore()
    try store.setSharing("hardlink")
    return (store, try SimilarReleases(store))
  }

  /// Returns whether a file of several releases is one inode.
  private func areOne(_ store: TestStore, _ name: String, _ ids: [String] = ["1", "2"]) throws
    -> Bool
  {
    try Set(ids.map { try store.stat("releases/\($0)/\(name)", "%D %i") }).count == 1
  }

  @Test func `equal files are linked and read-only`() throws {
    let (store, tree) = try makeStore()
    try tree.publish("1")
    // The older file's time is kept and recorded in the new manifest.
    #expect(try tree.publish("2", changing: "touch lib/large").errors == "")
    try tree.expectEqual("2", times: false)
    for (name, mode) in [(Self.large, "444"), ("bin/run", "555"), ("lib/a/b/f9", "444")] {
      #expect(try areOne(store, name), "\(name)")
      for id in ["1", "2"] { #expect(try store.stat("releases/\(id)/\(name)", "%m") == mode) }
    }
    #expect(try !areOne(store, "VERSION"))
    #expect(
      try store.stat("releases/2/lib/a", "%T@").hasPrefix("1580608922.5"),
      "a directory keeps its own time")
    #expect(try store.run(["verify", "--all", "--strict"]).status == 0)
    let use = try store.diskUse(of: "2")
    #expect(use.own < 10 && use.listed == [use.own, use.shared])
    try store.expectConsistent()
  }

  @Test func `removing a release leaves the linked files of another`() throws {
    let (store, tree) = try makeStore()
    for id in ["1", "2", "3"] { try tree.publish(id) }
    try store.expectSuccess(["remove", "2"])
    try store.expectSuccess(["remove", "1"])
    try tree.expectEqual("3")
    #expect(try store.diskUse(of: "3").shared == 0)
  }

  @Test(arguments: [
    "chmod 644 X; printf x | dd of=X bs=1 seek=99 conv=notrunc; chmod 444 X", "chmod 644 X",
    "chmod 400 X",
  ])
  func `a file that changed since it was unpacked is not linked`(_ change: String) throws {
    let (store, tree) = try makeStore()
    try tree.publish("1")
    let file = "\(store.path)/releases/1/\(Self.large)"
    try Program.expect(["sh", "-ec", change.replacing("X", with: "'\(file)'")])
    let run = try tree.publish("2")
    #expect(run.errors.contains("can't share a modified file of 1"), "\(run.errors)")
    #expect(try !areOne(store, Self.large))
    #expect(try areOne(store, "bin/run"))
    try tree.expectEqual("2")
  }

  @Test func `a writable file is not linked`() throws {
    let (store, tree) = try makeStore()
    try store.setSharing("never")
    try tree.publish("1")
    try store.setSharing("hardlink")
    try tree.publish("2")
    #expect(try !areOne(store, Self.large))
    #expect(try store.stat("releases/1/\(Self.large)", "%m %n") == "644 1")
  }

  @Test(.enabled(if: User.isRoot, "only root can give a file away"))
  func `a file of another owner or group is not linked`() throws {
    let (store, tree) = try makeStore()
    try tree.publish("1")
    try Program.expect(["chown", "65534", "\(store.path)/releases/1/\(Self.large)"])
    try Program.expect(["chgrp", "65534", "\(store.path)/releases/1/bin/run"])
    try tree.publish("2")
    #expect(try !areOne(store, Self.large))
    #expect(try !areOne(store, "bin/run"))
    #expect(try areOne(store, "lib/a/b/f9"))
  }

  @Test func `a file with too many links is copied`() throws {
    let (store, tree) = try makeStore()
    try tree.publish("1")
    let run = try tree.publish("2", launcher: Fault.error("EMLINK", at: "linkat", 3))
    #expect(run.status == 0 && run.errors == "", "\(run.errors)")
    let kept = try Program.expect([
      "find", "\(store.path)/releases/2", "-type", "f", "-links", "1", "-size", "+0",
    ])
    #expect(kept.lines.count == 2, "only that file and VERSION are copies: \(kept.lines)")
    try tree.expectEqual("2", times: false)
  }

  @Test func `recover leaves no link of an unpack that was killed`() throws {
    let (store, tree) = try makeStore()
    try tree.publish("1")
    let arguments = try tree.unpacking("2")
    let probe = try Strace.watch(arguments, in: store)
    try store.expectSuccess(["remove", "2", "--force"])
    let linking = probe.calls.filter { $0.text.contains("\"link\"") }
    #expect(Set(linking.map(\.name)) == ["linkat", "renameat"])
    for call in linking.prefix(4) + linking.suffix(1) {
      let run = try store.run(arguments, launcher: Strace.killing(at: call))
      #expect(run.status == 128 + SIGKILL && run.output == "", "\(call)")
      try store.expectSuccess(["recover"])
      try store.expectConsistent()
      #expect(try store.ids() == ["1"], "\(call)")
      #expect(try store.names("releases") == ["1"], "\(call)")
      let linked = try Program.expect(["find", store.path, "-type", "f", "-links", "+1"])
      #expect(linked.output == "", "\(call)")
    }
    try tree.publish("2")
    try tree.expectEqual("2", times: false)
  }
}
