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
