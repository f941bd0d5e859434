import Foundation
import Testing

/// Room is made by the policy before and while an archive is unpacked, and what does not fit even
/// then is refused with the figures.
@Suite(.enabled(if: SmallDisk.isPossible, SmallDisk.comment))
struct RoomDiskTests {
  /// Releases 1, 2 and 3 of 900 KiB each on a disk of 4 MiB, or all of that so many times as large;
  /// 3 is live, 2 the fallback.
  private static func disk(
    keep: String, inodes: Int = 400, times factor: Int = 1
  ) throws -> SmallDisk {
    let disk = try SmallDisk(size: 4096 * factor, inodes: inodes)
    for id in ["1", "2", "3"] {
      try disk.store.expectDone([
        "unpack", try disk.store.incompressible(kib: 900 * factor), "--id", id,
      ])
      try disk.store.expectDone(["activate", id])
    }
    try disk.store.write("releases.yaml", "keep: \(keep)\n")
    return disk
  }

  // MARK: - Before

  @Test func `unpack removes what the policy does not retain and reports it`() throws {
    let disk = try Self.disk(keep: "{count: 1, age: 0d}")
    let store = disk.store
    let archive = try store.incompressible(kib: 1500)
    let planned = try store.expectDone(["unpack", archive, "--id", "4", "--dry-run", "--json"])
    #expect(try planned.json["pruned"] as? [String] == ["1"])
    #expect(try store.names("releases") == ["1", "2", "3"])
    let rehearsed = try store.expectDone(["unpack", archive, "--id", "4", "--dry-run"])
    #expect(rehearsed.lines[0].hasPrefix("would remove release 1 to make room: "))
    let run = try store.expectDone(["unpack", archive, "--id", "4", "--json"])
    let told = "removed release 1 to make room: not one of the newest 1"
    #expect(run.errors == "releases: warning: \(told)\n")
    #expect(try run.json["pruned"] as? [String] == ["1"])
    #expect(try store.names("releases") == ["2", "3", "4"])
    #expect((store.current, store.previous) == ("3", "2"))
    let operations = try store.history().prefix(2).map { $0["operation"] as? String }
    #expect(operations == ["publish", "remove"], "journaled like any other")
    try store.expectSettled()
  }

  @Test func `unpack removes nothing while there is enough space`() throws {
    let disk = try Self.disk(keep: "{count: 1, age: 0d, min-free: 100KiB}")
    let run = try disk.store.expectDone([
      "unpack", try disk.store.incompressible(kib: 20), "--id", "4", "--json",
    ])
    #expect(run.errors == "")
    #expect(try run.json["pruned"] as? [String] == [])
    #expect(try disk.store.names("releases") == ["1", "2", "3", "4"])
  }

  @Test func `only min-free lets unpack remove releases that are young`() throws {
    let disk = try Self.disk(keep: "{count: 1, age: 7d}")
    let store = disk.store
    let archive = try store.incompressible(kib: 1500)
    let refused = try store.expectFailure(["unpack", archive], status: 8, code: "noSpace")
    #expect(try refused.json["pruned"] as? [String] == [])
    let rehearsed = try store.run(["unpack", archive, "--dry-run"])
    #expect(rehearsed.status == 8)
    #expect(
      rehearsed.errors.contains("KiB free, 1.5 MiB wanted (at least, for the archive)")
        || rehearsed.errors.contains("MiB free, 1.5 MiB wanted (at least, for the archive)"))
    #expect(try store.names("releases") == ["1", "2", "3"])
    let hint =
      "this would free about 900.0 KiB in 1 file: "
      + "releases --store \(store.path) prune --keep-within 0d"
    #expect(refused.errors.contains("hint: \(hint)\n"), "\(refused.errors)")
    try store.write("releases.yaml", "keep: {count: 1, age: 7d, min-free: 100KiB}\n")
    let run = try store.expectDone(["unpack", archive, "--id", "4", "--json"])
    #expect(try run.json["pruned"] as? [String] == ["1"])
    #expect(run.errors.contains("removed release 1 to make room: too little free space"))
    try store.expectSettled()
  }

  @Test func `the hint of a refusal frees enough space`() throws {
    let disk = try Self.disk(keep: "{count: 3, age: 7d}")
    let store = disk.store
    let archive = try store.incompressible(kib: 1500)
    try store.typeHint(of: store.expectFailure(["unpack", archive], status: 8, code: "noSpace"))
    #expect(try store.names("releases") == ["2", "3"])
    try store.expectDone(["unpack", archive])
    try store.expectSettled()
  }

  @Test func `an archive that cannot fit is refused unread`() throws {
    let disk = try Self.disk(keep: "{count: 1, age: 0d, min-free: 1MiB}")
    let store = disk.store
    try store.expectDone(["pin", "1", "--reason", "audit"])
    let facts = try store.facts()
    let space = try disk.space()
    let sizes = [
      ("2MiB", ["unpack", try store.incompressible(kib: 2048)]),
      ("2MiB", ["unpack", "-", "--size", "\(2 << 20)"]),
    ]
    for (_, arguments) in sizes {
      let refused = try store.expectFailure(arguments, status: 8, code: "noSpace", input: Data())
      let error = try #require(try refused.json["error"] as? [String: Any])
      let message = try #require(error["message"] as? String)
      #expect(
        message.contains(
          #/^too little room: 1\.[0-9] MiB free, 3\.0 MiB wanted \(2\.0 MiB at least for the archive, 1\.0 MiB for keep\.min-free\)$/#
        ), "\(message)")
      #expect(
        error["hint"] as? String
          == "a prune would free nothing: something else has to leave that file system")
      #expect(try refused.json["pruned"] as? [String] == [])
    }
    #expect(try store.facts() == facts)
    try disk.expectSpace(space)
  }

  @Test func `a refusal reports what was removed in vain`() throws {
    let disk = try Self.disk(keep: "{count: 1, age: 0d}")
    let store = disk.store
    let archive = try store.incompressible(kib: 3000)
    let planned = try store.expectFailure(
      ["unpack", archive, "--dry-run"], status: 8, code: "noSpace")
    #expect(try planned.json["pruned"] as? [String] == ["1"])
    #expect(try store.names("releases") == ["1", "2", "3"])
    let refused = try store.expectFailure(["unpack", archive], status: 8, code: "noSpace")
    #expect(try refused.json["pruned"] as? [String] == ["1"])
    #expect(refused.errors.contains("removed release 1 to make room: "))
    #expect(refused.errors.contains("hint: a prune would free nothing: "))
    #expect(try store.names("releases") == ["2", "3"])
    try store.expectSettled()
  }

  @Test func `unpack removes abandoned stages before any release`() throws {
    let disk = try Self.disk(keep: "{count: 1, age: 0d, min-free: 100KiB}")
    let store = disk.store
    try store.write(".releases/staging/dead/data", String(repeating: "x", count: 1 << 20))
    let run = try store.expectDone([
      "unpack", try store.incompressible(kib: 700), "--id", "4", "--json",
    ])
    #expect(try run.json["pruned"] as? [String] == [])
    #expect(try store.names("releases") == ["1", "2", "3", "4"])
    try store.expectSettled()
  }

  // MARK: - Meanwhile

  @Test func `unpack frees space while an archive of unknown size arrives`() throws {
    // More than a worker keeps in memory.
    let disk = try Self.disk(keep: "{count: 1, age: 7d, min-free: 5MiB}", times: 10)
    let store = disk.store
    let pipe = try Pipeline(of: store.incompressible(kib: 12_000), pausingAt: 11_000 << 10)
    let run = try store.expectDone(["unpack", pipe.path, "--id", "4", "--json"])
    pipe.end()
    #expect(try run.json["pruned"] as? [String] == ["1"])
    #expect(run.errors.contains("removed release 1 to make room: too little free space"))
    #expect((store.current, store.previous) == ("3", "2"))
    try store.expectSettled()
  }

  @Test(arguments: ["waited", "killed"])
  func `the unpack worker is stopped while space is freed`(then: String) throws {
    let disk = try Self.disk(keep: "{count: 1, age: 7d, min-free: 5MiB}", times: 10)
    let store = disk.store
    let holder = try store.holdLock()
    let pipe = try Pipeline(of: store.incompressible(kib: 12_000), pausingAt: 11_000 << 10)
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
      try store.expectDone(["recover"])
    } else {
      holder.end()
      #expect(unpacking.end() == 0)
      #expect(try store.names("releases") == ["2", "3", "4"])
    }
    pipe.end()
    try store.expectSettled()
  }

  @Test func `min-free applies to an archive that arrives all at once`() throws {
    let disk = try Self.disk(keep: "{count: 3, age: 0d, min-free: 1200KiB}")
    let store = disk.store
    let archive = try store.archive(["zeros": String(repeating: "0", count: 300 << 10)])
    let space = try disk.space()
    let refused = try store.expectFailure(["unpack", archive], status: 8, code: "noSpace")
    #expect(refused.errors.contains("1.2 MiB wanted (keep.min-free)"), "\(refused.errors)")
    #expect(refused.errors.contains("prune --keep 1 --keep-within 0d\n"), "\(refused.errors)")
    try disk.expectSpace(space)
    #expect(try store.names("releases") == ["1", "2", "3"])
    try store.expectSettled()
  }

  @Test func `unpack stops at once when nothing more can be removed`() throws {
    let disk = try Self.disk(keep: "{count: 3, age: 0d, min-free: 5MiB}", times: 10)
    let store = disk.store
    let space = try disk.space()
    // The rest never comes: it must not be waited for.
    let pipe = try Pipeline(
      of: store.incompressible(kib: 12_000), pausingAt: 11_000 << 10, seconds: 60)
    let start = Date()
    let refused = try store.expectFailure(["unpack", pipe.path], status: 8, code: "noSpace")
    #expect(Date().timeIntervalSince(start) < 50)
    pipe.end()
    #expect(refused.errors.contains("5.0 MiB wanted (keep.min-free)"), "\(refused.errors)")
    try disk.expectSpace(space)
    try store.expectSettled()
  }

  @Test(arguments: [true, false])
  func `min-free-inodes works like min-free`(canPrune: Bool) throws {
    let disk = try SmallDisk(size: 8192, inodes: 300)
    let store = disk.store
    var files: [String: String] = [:]
    for number in 0..<60 { files["f/\(number)"] = "" }
    let archive = try store.archive(files)
    for id in ["1", "2", "3"] { try store.expectDone(["unpack", archive, "--id", id]) }
    try store.expectDone(["activate", "2"])
    try store.expectDone(["activate", "3"])
    let count = canPrune ? 1 : 3
    try store.write("releases.yaml", "keep: {count: \(count), age: 0d, min-free-inodes: 60}\n")
    let space = try disk.space()
    if canPrune {
      let run = try store.expectDone(["unpack", archive, "--id", "4", "--json"])
      #expect(try run.json["pruned"] as? [String] == ["1"])
      #expect(try store.names("releases") == ["2", "3", "4"])
    } else {
      let refused = try store.expectFailure(["unpack", archive], status: 8, code: "noSpace")
      #expect(refused.errors.contains(" inodes free, 60 wanted (keep.min-free-inodes)"))
      #expect(refused.errors.contains("this would free about 0 B in 60 files: "))
      try disk.expectSpace(space)
      try store.typeHint(of: refused)
    }
    try store.expectSettled()
  }

  // MARK: - Full all the same

  @Test(arguments: ["bytes", "inodes"])
  func `a full disk is reported with what prune would free`(short: String) throws {
    let disk = try Self.disk(keep: "{count: 3, age: 7d}", inodes: 100)
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
      message.contains(#/: 1\.[0-9] MiB and [0-9]+ inodes were free for it, which is too little$/#),
      "\(message)")
    #expect((error["cause"] as? String)?.contains("no space left on device") == true)
    #expect(refused.errors.contains("this would free about 900.0 KiB in 1 file: "))
    try disk.expectSpace(space)
    #expect(try store.names("releases") == ["1", "2", "3"])
    try store.expectSettled()
    try store.typeHint(of: refused)
  }

  @Test(arguments: [("EDQUOT", "mkdirat"), ("ENOSPC", "syncfs"), ("ENOSPC", "pwrite64")])
  func `any call that runs out of space makes unpack exit with 8`(error: String, call: String) throws {
    let store = try TestStore()
    try store.activate(["1"])
    let archive = try store.archive(["VERSION": "2", "bin/run": "x"])
    let run = try store.run(
      ["--json", "unpack", archive], launcher: Fault.error(error, at: call))
    #expect(run.status == 8, "\(run.errors)")
    let failure = try #require(try run.json["error"] as? [String: Any])
    #expect(failure["code"] as? String == "noSpace")
    // What the disk has free says nothing of a quota.
    let reason =
      error == "EDQUOT" ? "disk quota exceeded" : "were free for it, which is too little"
    #expect((failure["message"] as? String)?.hasSuffix(reason) == true)
    #expect(try store.names("releases") == ["1"])
    try store.expectSettled()
  }

  // MARK: - Interrupted

  @Test(arguments: 1...6)
  func `an unpack killed while it frees space harms no release`(point: Int) throws {
    let disk = try Self.disk(keep: "{count: 1, age: 0d}")
    let store = disk.store
    let archive = try store.incompressible(kib: 1500)
    let run = try store.run(
      ["unpack", archive, "--id", "4"],
      launcher: Fault.signal("KILL", at: "renameat2,renameat,unlinkat,fsync,fdatasync", point))
    #expect(run.status == 137)
    try store.expectDone(["recover"])
    #expect(try store.names("releases").suffix(2) == ["2", "3"])
    #expect((store.current, store.previous) == ("3", "2"))
    try store.expectSettled()
    try store.expectDone(["unpack", archive, "--id", "5"])
    try store.expectSettled()
  }
}
