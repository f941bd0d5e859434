import Foundation
import TestSupport
import Testing

/// Unpack frees space by the retention policy before it reads an archive.
@Suite(.enabled(if: SmallDisk.isPossible, SmallDisk.comment)) struct UnpackSpaceTests {
  @Test func `unpack removes what the policy does not retain, and reports it`() throws {
    let disk = try SmallDisk.withReleases(keep: "{count: 1, age: 0d}")
    let store = disk.store
    let archive = try store.incompressible(kib: 1500)
    let planned = try store.expectSuccess(["unpack", archive, "--id", "4", "--dry-run", "--json"])
    #expect(try planned.json["pruned"] as? [String] == ["1"])
    #expect(try store.names("releases") == ["1", "2", "3"])
    let dryRun = try store.expectSuccess(["unpack", archive, "--id", "4", "--dry-run"])
    #expect(dryRun.lines[0].hasPrefix("would remove release 1 to make space: "))
    let run = try store.expectSuccess(["unpack", archive, "--id", "4", "--json"])
    let warning = "removed release 1 to make space: not one of the newest 1"
    #expect(run.errors == "releases: warning: \(warning)\n")
    #expect(try run.json["pruned"] as? [String] == ["1"])
    #expect(try store.names("releases") == ["2", "3", "4"])
    #expect((store.current, store.previous) == ("3", "2"))
    let operations = try store.history().prefix(2).map { $0["operation"] as? String }
    #expect(operations == ["publish", "remove"], "the removal is in the history")
    try store.expectConsistent()
  }

  @Test func `unpack removes nothing while there is enough space`() throws {
    let disk = try SmallDisk.withReleases(keep: "{count: 1, age: 0d, min-free: 100KiB}")
    let run = try disk.store.expectSuccess([
      "unpack", try disk.store.incompressible(kib: 20), "--id", "4", "--json",
    ])
    #expect(run.errors == "")
    #expect(try run.json["pruned"] as? [String] == [])
    #expect(try disk.store.names("releases") == ["1", "2", "3", "4"])
  }

  @Test func `only min-free lets unpack remove releases that are young`() throws {
    let disk = try SmallDisk.withReleases(keep: "{count: 1, age: 7d}")
    let store = disk.store
    let archive = try store.incompressible(kib: 1500)
    let refused = try store.expectFailure(["unpack", archive], status: 8, code: "noSpace")
    #expect(try refused.json["pruned"] as? [String] == [])
    let dryRun = try store.run(["unpack", archive, "--dry-run"])
    #expect(dryRun.status == 8)
    #expect(
      dryRun.errors.contains("KiB free, 1.5 MiB needed (at least, for the archive)")
        || dryRun.errors.contains("MiB free, 1.5 MiB needed (at least, for the archive)"))
    #expect(try store.names("releases") == ["1", "2", "3"])
    let hint =
      "this frees about 900.0 KiB in 1 file:\n"
      + "  releases --store \(store.path) prune --keep-within 0d"
    #expect(refused.errors.contains("hint: \(hint)\n"), "\(refused.errors)")
    try store.write("releases.yaml", "keep: {count: 1, age: 7d, min-free: 100KiB}\n")
    let run = try store.expectSuccess(["unpack", archive, "--id", "4", "--json"])
    #expect(try run.json["pruned"] as? [String] == ["1"])
    #expect(run.errors.contains("removed release 1 to make space: too little free space"))
    try store.expectConsistent()
  }

  @Test func `the command in the hint frees enough space`() throws {
    let disk = try SmallDisk.withReleases(keep: "{count: 3, age: 7d}")
    let store = disk.store
    let archive = try store.incompressible(kib: 1500)
    try store.runHint(of: store.expectFailure(["unpack", archive], status: 8, code: "noSpace"))
    #expect(try store.names("releases") == ["2", "3"])
    try store.expectSuccess(["unpack", archive])
    try store.expectConsistent()
  }

  @Test func `an archive that cannot fit is refused before it is read`() throws {
    let disk = try SmallDisk.withReleases(keep: "{count: 1, age: 0d, min-free: 1MiB}")
    let store = disk.store
    try store.expectSuccess(["pin", "1", "--reason", "audit"])
    let facts = try store.fileSystemState()
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
          #/^out of space: 1\.[0-9] MiB free, 3\.0 MiB needed \(at least 2\.0 MiB for the archive, 1\.0 MiB for keep\.min-free\)$/#
        ), "\(message)")
      #expect(
        error["hint"] as? String
          == "pruning would free nothing; remove other files from this file system")
      #expect(try refused.json["pruned"] as? [String] == [])
    }
    #expect(try store.fileSystemState() == facts)
    try disk.expectSpace(space)
  }

  @Test func `nothing is removed unless that frees enough`() throws {
    let disk = try SmallDisk.withReleases(keep: "{count: 1, age: 0d}")
    let store = disk.store
    let archive = try store.incompressible(kib: 3000)
    for further in [["--dry-run"], []] {
      let refused = try store.expectFailure(
        ["unpack", archive] + further, status: 8, code: "noSpace")
      #expect(try refused.json["pruned"] as? [String] == [])
      #expect(refused.errors.contains(", which is not enough:"), "\(refused.errors)")
      #expect(try store.names("releases") == ["1", "2", "3"])
    }
    try store.expectConsistent()
  }

  @Test func `a size that is only claimed removes nothing`() throws {
    // Release 1 would be removed for a file of this size.
    let disk = try SmallDisk.withReleases(keep: "{count: 1, age: 7d, min-free: 100KiB}")
    let store = disk.store
    let archive = try Data(
      contentsOf: URL(fileURLWithPath: store.archive(["VERSION": "4"])))
    for (size, status) in [("1500000", Int32(6)), ("9000000000000000000", 8)] {
      for command in ["unpack", "deploy"] {
        for input in [archive, Data()] {
          let run = try store.run([command, "-", "--size", size], input: input)
          #expect(run.status == status, "\(run.errors)")
          #expect(try store.names("releases") == ["1", "2", "3"])
        }
      }
    }
    let planned = try store.run(["unpack", "-", "--size", "1500000", "--dry-run"], input: archive)
    #expect(planned.output.contains("would remove release 1"), "an honest claim: \(planned.output)")
    try store.expectConsistent()
  }

  @Test func `unpack removes abandoned stages before any release`() throws {
    let disk = try SmallDisk.withReleases(keep: "{count: 1, age: 0d, min-free: 100KiB}")
    let store = disk.store
    try store.write(".releases/staging/dead/data", String(repeating: "x", count: 1 << 20))
    let run = try store.expectSuccess([
      "unpack", try store.incompressible(kib: 700), "--id", "4", "--json",
    ])
    #expect(try run.json["pruned"] as? [String] == [])
    #expect(try store.names("releases") == ["1", "2", "3", "4"])
    try store.expectConsistent()
  }

  @Test(arguments: [true, false])
  func `min-free-inodes works like min-free`(canPrune: Bool) throws {
    let disk = try SmallDisk(size: 8192, inodes: 300)
    let store = disk.store
    var files: [String: String] = [:]
    for number in 0..<60 { files["f/\(number)"] = "" }
    let archive = try store.archive(files)
    for id in ["1", "2", "3"] { try store.expectSuccess(["unpack", archive, "--id", id]) }
    try store.expectSuccess(["activate", "2"])
    try store.expectSuccess(["activate", "3"])
    let count = canPrune ? 1 : 3
    try store.write("releases.yaml", "keep: {count: \(count), age: 0d, min-free-inodes: 60}\n")
    let space = try disk.space()
    if canPrune {
      let run = try store.expectSuccess(["unpack", archive, "--id", "4", "--json"])
      #expect(try run.json["pruned"] as? [String] == ["1"])
      #expect(try store.names("releases") == ["2", "3", "4"])
    } else {
      let refused = try store.expectFailure(["unpack", archive], status: 8, code: "noSpace")
      #expect(refused.errors.contains(" inodes free, 60 needed (keep.min-free-inodes)"))
      #expect(refused.errors.contains("hint: this frees about 0 B in 60 files:\n"))
      try disk.expectSpace(space)
      try store.runHint(of: refused)
    }
    try store.expectConsistent()
  }
}
