import Foundation
import TestSupport
import Testing

/// Unpack frees space while an archive arrives, and stops when it cannot.
@Suite(.enabled(if: SmallDisk.isPossible, SmallDisk.comment)) struct SpaceDuringUnpackTests {
  @Test func `unpack frees space while an archive of unknown size arrives`() throws {
    // The archive is larger than the worker's buffer.
    let disk = try SmallDisk.withReleases(keep: "{count: 1, age: 7d, min-free: 5MiB}", times: 10)
    let store = disk.store
    let pipe = try PausingPipe(of: store.incompressible(kib: 12_000), pausingAt: 11_000 << 10)
    let run = try store.expectSuccess(["unpack", pipe.path, "--id", "4", "--json"])
    pipe.end()
    #expect(try run.json["pruned"] as? [String] == ["1"])
    #expect(run.errors.contains("removed release 1 to make space: too little free space"))
    #expect((store.current, store.previous) == ("3", "2"))
    try store.expectConsistent()
  }

  @Test(arguments: ["waited", "killed"])
  func `the unpack worker is stopped while space is freed`(then: String) throws {
    let disk = try SmallDisk.withReleases(keep: "{count: 1, age: 7d, min-free: 5MiB}", times: 10)
    let store = disk.store
    let holder = try store.holdLock()
    let pipe = try PausingPipe(of: store.incompressible(kib: 12_000), pausingAt: 11_000 << 10)
    let unpacking = try store.start(["unpack", pipe.path, "--id", "4"])
    var worker = ""
    func state() throws -> Substring? {
      let stat = try? String(contentsOfFile: "/proc/\(worker)/stat", encoding: .utf8)
      return stat?.split(separator: ")").last?.split(separator: " ").first
    }
    try store.waitUntil("the worker stands still") {
      let children = "/proc/\(unpacking.pid)/task/\(unpacking.pid)/children"
      worker = try String(contentsOfFile: children, encoding: .utf8)
        .trimmingCharacters(in: .whitespaces)
      return try !worker.isEmpty && state() == "T"
    }
    if then == "killed" {
      unpacking.send(SIGKILL)
      #expect(unpacking.end() == 137)
      try store.waitUntil("the worker is gone") { try [nil, "Z", "X"].contains(state()) }
      holder.end()
      try store.expectSuccess(["recover"])
    } else {
      holder.end()
      #expect(unpacking.end() == 0)
      #expect(try store.names("releases") == ["2", "3", "4"])
    }
    pipe.end()
    try store.expectConsistent()
  }

  @Test func `min-free applies to an archive that arrives all at once`() throws {
    let disk = try SmallDisk.withReleases(keep: "{count: 3, age: 0d, min-free: 1200KiB}")
    let store = disk.store
    let archive = try store.archive(["zeros": String(repeating: "0", count: 300 << 10)])
    let space = try disk.space()
    let refused = try store.expectFailure(["unpack", archive], status: 8, code: "noSpace")
    #expect(refused.errors.contains("1.2 MiB needed (keep.min-free)"), "\(refused.errors)")
    #expect(refused.errors.contains("prune --keep 1 --keep-within 0d\n"), "\(refused.errors)")
    try disk.expectSpace(space)
    #expect(try store.names("releases") == ["1", "2", "3"])
    try store.expectConsistent()
  }

  @Test func `unpack stops at once when nothing more can be removed`() throws {
    let disk = try SmallDisk.withReleases(keep: "{count: 3, age: 0d, min-free: 5MiB}", times: 10)
    let store = disk.store
    let space = try disk.space()
    // The rest never arrives, so unpack must not wait for it.
    let pipe = try PausingPipe(
      of: store.incompressible(kib: 12_000), pausingAt: 11_000 << 10, seconds: 60)
    let start = Date()
    let refused = try store.expectFailure(["unpack", pipe.path], status: 8, code: "noSpace")
    #expect(Date().timeIntervalSince(start) < 50)
    pipe.end()
    #expect(refused.errors.contains("5.0 MiB needed (keep.min-free)"), "\(refused.errors)")
    try disk.expectSpace(space)
    try store.expectConsistent()
  }

  @Test(arguments: 1...6)
  func `an unpack killed while it frees space harms no release`(point: Int) throws {
    let disk = try SmallDisk.withReleases(keep: "{count: 1, age: 0d}")
    let store = disk.store
    let archive = try store.incompressible(kib: 1500)
    let run = try store.run(
      ["unpack", archive, "--id", "4"],
      launcher: Fault.signal("KILL", at: "renameat2,renameat,unlinkat,fsync,fdatasync", point))
    #expect(run.status == 137)
    try store.expectSuccess(["recover"])
    #expect(try store.names("releases").suffix(2) == ["2", "3"])
    #expect((store.current, store.previous) == ("3", "2"))
    try store.expectConsistent()
    try store.expectSuccess(["unpack", archive, "--id", "5"])
    try store.expectConsistent()
  }
}
