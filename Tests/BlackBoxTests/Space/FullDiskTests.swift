import Foundation
import TestSupport
import Testing

/// Commands on a full disk either work or are refused, and say what was free.
@Suite(.enabled(if: SmallDisk.isPossible, SmallDisk.comment)) struct FullDiskTests {
  @Test(arguments: ["bytes", "inodes"])
  func `a full disk is reported with what prune would free`(short: String) throws {
    let disk = try SmallDisk.withReleases(keep: "{count: 3, age: 7d}", inodes: 100)
    let store = disk.store
    var files = ["zeros": String(repeating: "0", count: 3 << 20)]
    if short == "inodes" {
      files = [:]
      for number in 0..<200 { files["f/\(number)"] = "" }
    }
    let archive = try store.archive(files)
    let space = try disk.space()
    let refused = try store.expectFailure(["unpack", archive], status: 8, code: "noSpace")
    let error = try #require(try refused.json["error"] as? [String: Any])
    let message = try #require(error["message"] as? String)
    #expect(
      message.contains(#/: only 1\.[0-9] MiB and [0-9]+ inodes were free$/#),
      "\(message)")
    #expect((error["cause"] as? String)?.contains("no space left on device") == true)
    #expect(refused.errors.contains("hint: this frees about 900.0 KiB in 1 file:\n"))
    try disk.expectSpace(space)
    #expect(try store.names("releases") == ["1", "2", "3"])
    try store.expectConsistent()
    try store.runHint(of: refused)
  }

  @Test(arguments: [("EDQUOT", "mkdirat"), ("ENOSPC", "syncfs"), ("ENOSPC", "pwrite64")])
  func `any call that runs out of space makes unpack exit with 8`(error: String, call: String)
    throws
  {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    let archive = try store.archive(["VERSION": "2", "bin/run": "x"])
    let run = try store.run(
      ["--json", "unpack", archive], launcher: Fault.error(error, at: call))
    #expect(run.status == 8, "\(run.errors)")
    let failure = try #require(try run.json["error"] as? [String: Any])
    #expect(failure["code"] as? String == "noSpace")
    // Free space on the disk does not matter for a quota.
    let reason =
      error == "EDQUOT" ? "disk quota exceeded" : "were free"
    #expect((failure["message"] as? String)?.hasSuffix(reason) == true)
    #expect(try store.names("releases") == ["1"])
    try store.expectConsistent()
  }

  @Test(arguments: ["bytes", "inodes"])
  func `unpack exits with 8 on a full disk and leaves nothing`(short: String) throws {
    let disk = try SmallDisk(size: 2048, inodes: 200)
    let store = disk.store
    try store.publishAndActivate(["1"])
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
    try store.expectConsistent()
    try store.publish("2")
    try store.expectConsistent()
  }

  @Test func `a switch on a full disk is refused and changes nothing`() throws {
    let disk = try SmallDisk(size: 2048, inodes: 200)
    let store = disk.store
    try store.publishAndActivate(["1", "2"])
    try store.publish("3")
    try disk.fill()
    let refused = try store.expectFailure(["activate", "3"], status: 8, code: "noSpace")
    #expect(refused.errors.contains("hint: "))
    #expect(store.current == "2")
    #expect(store.previous == "1")
    try store.expectConsistent()
    try disk.empty()
    try store.expectSuccess(["activate", "3"])
    try store.expectConsistent()
  }

  @Test func `prune and rollback work on a full disk`() throws {
    let disk = try SmallDisk(size: 2048, inodes: 200)
    let store = disk.store
    try store.publishAndActivate(["1", "2", "3", "4"])
    try disk.fill()
    try store.expectSuccess(["prune", "--keep", "1", "--keep-within", "0d"])
    #expect(try store.names("releases") == ["3", "4"])
    try store.expectSuccess(["rollback"])
    #expect(store.current == "3")
    try disk.empty()
    try store.expectSuccess(["recover"])
    try store.expectConsistent()
    let operations = try store.history().map { $0["operation"] as? String }
    #expect(operations.prefix(3) == ["rollback", "remove", "remove"], "no entry is lost")
  }

  @Test func `prune works when the history cannot grow`() throws {
    let disk = try SmallDisk(size: 2048, inodes: 200)
    let store = disk.store
    try store.publishAndActivate(["1", "2", "3", "4"])
    let before = try store.history().count
    try disk.fill()
    // Each failure adds a line until the last page of the history is full as well.
    var failures = 0
    while try !store.run(["freeze", "--reason", "x"]).errors.contains("append to the history") {
      failures += 1
      try #require(failures < 20)
    }
    let refused = try store.expectFailure(
      ["pin", "1", "--reason", "x"], status: 8, code: "noSpace")
    #expect(!refused.errors.contains("warning:"), "the error is not repeated as a warning")
    try store.expectSuccess(["list"])
    let run = try store.expectSuccess(["prune", "--keep", "1", "--keep-within", "0d"])
    #expect(run.errors == "")
    #expect(try store.names("releases") == ["3", "4"])
    try disk.empty()
    try store.expectConsistent()
    let operations = try store.history().map { $0["operation"] as? String }
    #expect(operations.prefix(3) == ["remove", "remove", "freeze"], "no entry is lost")
    #expect(operations.count == before + failures + 3)
  }
}
