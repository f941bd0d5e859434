import Foundation
import TestSupport
import Testing

/// Recovery at boot never waits, since the recovery unit relies on it.
@Suite struct BootRecoveryTests {
  @Test func `recover at boot reports a store that does not exist yet`() throws {
    let store = try TestStore(initialized: false)
    for arguments in [["recover", "--boot"], ["recover", "--boot", "--dry-run"]] {
      let run = try store.run(arguments)
      #expect(run.status == 0)
      #expect(run.output == "" && run.errors == "releases: no store at \(store.path) yet\n")
    }
    let report = try store.run(["recover", "--boot", "--json"]).json
    #expect(report["outcome"] as? String == "unchanged")
    #expect(try store.run(["recover"]).status == 4)
  }

  @Test func `recover at boot fails for a store behind a dangling link`() throws {
    let store = try TestStore(initialized: false)
    try FileManager.default.createSymbolicLink(
      atPath: store.path, withDestinationPath: "\(store.directory)/disk/store")
    #expect(try store.run(["recover", "--boot"]).status == 4)
    try FileManager.default.removeItem(atPath: store.path)
    try Data().write(to: URL(fileURLWithPath: store.path))
    #expect(try store.run(["recover", "--boot"]).status == 4)
  }

  @Test func `recover at boot leaves recovery to a running lock holder`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    let recover = "\(Releases.binary) -s \(store.path) recover --boot 2> \(store.directory)/errors"
    try store.write("releases.yaml", "hooks: {activate: {run: '\(recover)'}}")
    let archive = try store.archive(["f": "2"])
    // The hook acts like a restart of the service that starts the recovery unit and waits for it.
    let run = try store.run(["deploy", archive, "--id", "2", "--wait", "1s"])
    #expect(run.status == 0, "\(run.errors)")
    let errors = try String(contentsOfFile: "\(store.directory)/errors", encoding: .utf8)
    let expected = /releases: recovery is left to \S+ \(pid \d+\), which holds the lock\n/
    #expect(errors.wholeMatch(of: expected) != nil, "\(errors)")
    #expect(store.link("current") == "releases/2")
  }

  @Test func `recover at boot names a lock holder without a transaction`() throws {
    let store = try TestStore()
    let run = try Program.run(
      ["flock", "\(store.path)/.releases/lock", Releases.binary, "-s", store.path]
        + ["recover", "--boot", "--json"])
    #expect(run.status == 0)
    #expect(run.errors.contains("which holds the lock"))
    #expect(run.output.contains("\"outcome\":\"left\""))
  }
}
