import Foundation
import TestSupport
import Testing

/// Init adopts stores that an older workflow made.
@Suite struct AdoptionTests {
  @Test func `init replaces a chain of absolute links by a direct one`() throws {
    let store = try LegacyStore.make(
      """
      ln -s "$0/releases/1700000001" previous; ln -s "$0/previous" current
      """)
    try store.expectSuccess(["init"])
    #expect(store.link("current") == "releases/1700000001")
    #expect(store.link("previous") == "\(store.path)/releases/1700000001", "previous is unchanged")
    try store.expectSuccess(["mark", "1700000002", "good", "--reason", "known"])
    try store.expectSuccess(["activate", "1700000002"])
    #expect(store.previous == "1700000001" && store.current == "1700000002")
    try store.expectSuccess(["rollback"])
    #expect(store.current == "1700000001")
  }

  @Test func `a release that may be incomplete is adopted as not ready`() throws {
    let store = try LegacyStore.make(
      "ln -s releases/1700000002 current; ln -s releases/1700000001 previous; mkdir releases/v9")
    try store.expectSuccess(["init", "--adopt", "v9"])
    let releases = try store.releases()
    #expect(releases["1700000001"]?["state"] as? String == "ready")
    #expect(releases["1700000003"]?["state"] as? String == "unpacked")
    #expect(releases["v9"]?["state"] as? String == "failed", "the directory is empty")
    try store.expectFailure(["activate", "1700000003"], status: 3, code: "notReady")
    try store.expectSuccess(["rollback"])
    #expect(store.current == "1700000001")
  }

  @Test func `init says which releases the next prune would remove and how to retain them`() throws
  {
    let store = try LegacyStore.make(
      "ln -s releases/1700000009 current; ln -s releases/1700000008 previous", releases: 9)
    let planned = try store.expectSuccess(["init", "--dry-run", "--json"])
    let doomed = try #require(planned.json["wouldRemove"] as? [String])
    #expect(doomed == (1...6).reversed().map { "170000000\($0)" })
    let warned = try store.expectSuccess(["init", "--dry-run"]).errors
    #expect(warned.contains("the next prune would remove 6 of 9 releases to adopt"), "\(warned)")
    #expect(
      warned.contains("run 'prune --dry-run': releases --store \(store.path) init\n"), "\(warned)")

    let document = try store.expectSuccess(["init", "--json"]).json
    #expect(document["wouldRemove"] as? [String] == doomed)
    let warnings = try #require(document["warnings"] as? [String])
    #expect(
      warnings == [
        "the next prune would remove 6 of 9 adopted releases, and every deploy ends with a prune; "
          + "show which ones and why: releases --store \(store.path) prune --dry-run",
        "to retain adopted releases, pin them, or raise keep.count or keep.age in "
          + "\(store.path)/releases.yaml; pin the newest of them: "
          + "releases --store \(store.path) pin 1700000006 --reason 'it was there before the store'",
      ])
    let prune = try store.expectSuccess(["prune", "--dry-run", "--json"]).json
    let decisions = try #require(prune["decisions"] as? [[String: Any]])
    let removed = decisions.filter { $0["action"] as? String == "remove" }
    #expect(removed.compactMap { $0["id"] as? String } == doomed)
    try store.expectSuccess(["pin", "1700000006", "--reason", "it was there before the store"])
    try store.expectSuccess(["prune"])
    #expect(try store.ids().sorted() == (6...9).map { "170000000\($0)" })
  }

  @Test func `init does not warn of a prune that removes nothing`() throws {
    let store = try LegacyStore.make("ln -s releases/1700000003 current")
    for arguments in [["init", "--dry-run"], ["init"]] {
      let document = try store.expectSuccess(arguments + ["--json"]).json
      #expect(document["wouldRemove"] as? [String] == [])
      #expect(document["warnings"] as? [String] == [])
    }
  }

  @Test func `prune says that a release is not ready rather than that it is old`() throws {
    let store = try LegacyStore.make("ln -s releases/1700000001 current")
    try store.expectSuccess(["init"])
    let plan = try store.expectSuccess(["prune", "--dry-run"]).output
    #expect(plan.contains("unpacked; only the newest"), "\(plan)")
  }

  @Test func `digits that are no date and numbers that are no year are not adopted`() throws {
    let store = try LegacyStore.make(
      """
      mkdir releases/99999999999999 releases/20240230120000 releases/20240229120000 releases/2023
      mkdir releases/2024 releases/7 releases/notes; ln -s releases/2024 current
      """, releases: 1)
    try store.expectSuccess(["init"])
    let states = try store.releases().mapValues { $0["state"] as? String }
    let unknown = states.filter { $0.value == "unknown" }.keys.sorted()
    #expect(unknown == ["20240230120000", "7", "99999999999999", "notes"])
  }

  @Test(arguments: ["", "ln -s releases/gone current; ln -s nowhere previous"])
  func `init adopts a store whose links are missing or dangling`(links: String) throws {
    let store = try LegacyStore.make(links + "\ntouch releases/notes.txt")
    try store.expectSuccess(["init"])
    try store.expectSuccess(["activate", "1700000001"])
    #expect(store.current == "1700000001")
    #expect(store.exists("releases/notes.txt"))
  }

  @Test(arguments: ["current", "releases", "releases/1/bin", "releases/new", "shared/x"])
  func `a store inside another store is refused`(place: String) throws {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    try Program.expect(["mkdir", "-p", "\(store.path)/shared"])
    let before = try store.fileSystemState()
    for arguments in [["init"], ["init", "--dry-run"]] {
      let run = try Releases.run(["--store", "\(store.path)/\(place)", "--json"] + arguments)
      #expect(run.status == 3, "\(run)")
      try store.runHint(of: run)
    }
    let run = try Releases.run(["--store", "\(store.path)/\(place)", "--json", "list"])
    #expect(run.status == 4, "\(run)")
    if ["current", "releases", "releases/1/bin"].contains(place) { try store.runHint(of: run) }
    #expect(try store.fileSystemState() == before)
  }

  @Test func `recover keeps a link moved by hand and records it`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    try store.makeLink("current", to: "\(store.path)/previous")
    let run = try store.expectSuccess(["recover"])
    #expect(run.errors.contains("moved by hand"))
    #expect(store.link("current") == "releases/1")
    #expect(try store.history().contains { $0["operation"] as? String == "drift" })
    try store.expectConsistent()
  }

  @Test(.enabled(if: User.isRoot, "only root can take a file from its owner"))
  func `an unreadable release is skipped and the others are adopted`() throws {
    let store = try LegacyStore.make(
      """
      ln -s "$0/releases/1700000003" current; mkdir releases/1700000002/keys
      chown -R 65534:65534 .; chown -h 0:0 current releases/1700000002/keys
      chmod 700 releases/1700000002/keys
      """)
    let run = try store.expectSuccess(["init"])
    #expect(run.errors.contains("warning: 1700000002 was not adopted:"), "\(run.errors)")
    #expect(run.errors.contains("releases/1700000002/keys: permission denied"))
    #expect(try store.releases()["1700000002"]?["state"] as? String == "unknown")
    #expect(try store.releases()["1700000003"]?["live"] as? Bool == true)
    try store.expectSuccess(["rollback", "--to", "1700000001"])
    #expect(store.previous == nil, "3 is bad and 2 is unknown")
    try store.expectSuccess(["prune", "--keep", "1", "--keep-within", "0d"])
    #expect(store.exists("releases/1700000002/VERSION"), "an unknown release is retained")
    try Program.expect(["chown", "65534", "\(store.path)/releases/1700000002/keys"])
    try store.expectSuccess(["init"])
    #expect(try store.releases()["1700000002"]?["state"] as? String == "unpacked")
    #expect(try store.run(["verify", "--all"]).status == 0)
  }

  @Test(arguments: [("signal=KILL", 128 + SIGKILL), ("error=ENOSPC", 8)])
  func `the next init completes an interrupted adoption`(fault: String, status: Int32) throws {
    let adopted = (1...9).reversed().map { "170000000\($0)" }
    // The manifests and catalog entries of nine releases take 18 renames.
    for number in stride(from: 1, through: 19, by: 3) {
      let store = try LegacyStore.make("ln -s releases/1700000009 current", releases: 9)
      let (kind, value) = (fault.prefix { $0 != "=" }, String(fault.drop { $0 != "=" }.dropFirst()))
      let launcher =
        kind == "signal"
        ? Fault.signal(value, at: "renameat", number) : Fault.error(value, at: "renameat", number)
      let cut = try store.run(["init"], launcher: launcher)
      #expect(cut.status == (number > 18 ? 0 : status), "\(number): \(cut.errors)")
      if number <= 18 { #expect(cut.output == "", "nothing is reported as done") }
      try store.expectSuccess(["init"])
      try store.publish("later")
      #expect(try store.ids() == ["later"] + adopted, "cut at \(number)")
      let sequences = try store.releases().values.compactMap { $0["sequence"] as? Int }
      #expect(Set(sequences).count == 10, "a sequence is repeated: \(sequences), cut at \(number)")
      try store.expectConsistent()
    }
  }
}
