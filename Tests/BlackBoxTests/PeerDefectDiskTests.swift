import Foundation
import Testing

/// The same, by the numbers of PEERS.md: a disk that is full.
@Suite(.enabled(if: SmallDisk.isPossible, SmallDisk.comment))
struct PeerDefectDiskTests {
  @Test(arguments: ["bytes", "inodes"])
  func `unpack exits with 8 on a full disk and leaves nothing`(short: String) throws {
    let disk = try SmallDisk(size: 2048, inodes: 200)
    let store = disk.store
    try store.activate(["1"])
    var files: [String: String] = [:]
    if short == "bytes" {
      files["large"] = String(repeating: "x", count: 3 << 20)
    } else {
      for number in 0..<300 { files["small/\(number)"] = "" }
    }
    let archive = try store.archive(files)
    let space = try disk.space()
    let refused = try store.expectFailure(["unpack", archive], status: 8, code: "noSpace")
    #expect(refused.errors.contains("hint: "))
    try disk.expectSpace(space)
    #expect(try store.names("releases") == ["1"])
    #expect(try Array(store.releases().keys) == ["1"])
    try store.expectSettled()
    try store.publish("2")
    try store.expectSettled()
  }

  @Test func `a switch on a full disk is refused and changes nothing`() throws {
    let disk = try SmallDisk(size: 2048, inodes: 200)
    let store = disk.store
    try store.activate(["1", "2"])
    try store.publish("3")
    try disk.fill()
    let refused = try store.expectFailure(["activate", "3"], status: 8, code: "noSpace")
    #expect(refused.errors.contains("hint: "))
    #expect(store.current == "2")
    #expect(store.previous == "1")
    try store.expectSettled()
    try disk.empty()
    try store.expectDone(["activate", "3"])
    try store.expectSettled()
  }

  @Test func `prune and rollback work on a full disk`() throws {
    let disk = try SmallDisk(size: 2048, inodes: 200)
    let store = disk.store
    try store.activate(["1", "2", "3", "4"])
    try disk.fill()
    try store.expectDone(["prune", "--keep", "1", "--keep-within", "0d"])
    #expect(try store.names("releases") == ["3", "4"])
    try store.expectDone(["rollback"])
    #expect(store.current == "3")
    try disk.empty()
    try store.expectDone(["recover"])
    try store.expectSettled()
    let operations = try store.history().map { $0["operation"] as? String }
    #expect(operations.prefix(3) == ["rollback", "remove", "remove"], "none is lost")
  }

  @Test func `prune works when the history cannot grow`() throws {
    let disk = try SmallDisk(size: 2048, inodes: 200)
    let store = disk.store
    try store.activate(["1", "2", "3", "4"])
    let before = try store.history().count
    try disk.fill()
    // Each leaves a line, until the last page of the history is full as well.
    var failures = 0
    while try !store.run(["freeze", "--reason", "x"]).errors.contains("append to the history") {
      failures += 1
      try #require(failures < 20)
    }
    let refused = try store.expectFailure(
      ["pin", "1", "--reason", "x"], status: 8, code: "noSpace")
    #expect(!refused.errors.contains("warning:"), "said once is enough")
    try store.expectDone(["list"])
    let run = try store.expectDone(["prune", "--keep", "1", "--keep-within", "0d"])
    #expect(run.errors == "")
    #expect(try store.names("releases") == ["3", "4"])
    try disk.empty()
    try store.expectSettled()
    let operations = try store.history().map { $0["operation"] as? String }
    #expect(operations.prefix(3) == ["remove", "remove", "freeze"], "none is lost")
    #expect(operations.count == before + failures + 3)
  }
}
