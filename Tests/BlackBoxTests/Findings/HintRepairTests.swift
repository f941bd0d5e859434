import Foundation
import TestSupport
import Testing

/// Situations whose hints once led nowhere. The helper that runs the binary follows every hint; these
/// tests expect the cure itself.
@Suite struct HintRepairTests {
  @Test(arguments: ["lock", "history.jsonl", "catalog", "manifests", "trash"])
  func `the hint moves a file of the wrong type away`(name: String) throws {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    let path = "\(store.path)/.releases/\(name)"
    var isDirectory: ObjCBool = false
    _ = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
    try Program.shell(
      "rm -rf '\(path)'; \(isDirectory.boolValue ? "touch" : "mkdir") '\(path)'")
    // Several commands may fail one after the other; each says what to move.
    for _ in 0..<3 {
      let run = try store.run(["--json", "freeze", "--reason", "x"])
      if run.status == 0 { break }
      let command = try #require(try run.error["command"] as? String, "\(run.errors)")
      try Releases.paste(command)
    }
    try store.expectSuccess(["freeze", "--reason", "x"])
    try store.expectSuccess(["recover"])
  }

  @Test func `hints in an empty store lead to a release`() throws {
    let store = try TestStore()
    let rollback = try store.run(["--json", "rollback"])
    #expect((try rollback.error["command"] as? String)?.hasSuffix(" deploy ARCHIVE") == true)
    let restart = try store.run(["--json", "restart"])
    #expect((try restart.error["command"] as? String)?.hasSuffix(" deploy ARCHIVE") == true)
    try store.expectSuccess(["freeze", "--reason", "x"])
    let finding = try #require(try store.status().findings.first { $0.code == "nothingLive" })
    #expect(finding.command?.hasSuffix(" thaw") == true)
  }

  @Test func `a refused switch of a published release names what prevents it`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    // The freeze begins after the checks of the deployment.
    try store.write(
      "releases.yaml",
      "hooks: {prepare: {run: '\(Releases.binary) -s \(store.path) freeze --reason x'}}\n")
    let run = try store.run(["--json", "deploy", try store.packRelease("2"), "--id", "2"])
    #expect(try run.error["code"] as? String == "frozen", "\(run.errors)")
    #expect((try run.error["command"] as? String) == "releases --store \(store.path) thaw")
    #expect((try run.error["hint"] as? String)?.hasPrefix("release 2 is ready") == true)
  }

  @Test func `undo is not taken for a rollback alone`() throws {
    let run = try Releases.run(["undo"])
    #expect(run.status == 2)
    #expect(run.errors.contains("did you mean rollback, abort, unpin or thaw? see the help"))
    #expect(run.hintCommand == "releases help")
  }

  @Test(.enabled(if: User.isRoot, "only root can run another user's commands"))
  func `logs that can't be read are an error`() throws {
    let store = try TestStore()
    try store.writeHooks(prepare: false)
    try store.expectSuccess(["deploy", try store.packRelease("1"), "--id", "1"])
    let run = try store.runAsNobody(["logs", "--json"])
    #expect(run.status == 1)
    #expect(run.errors.contains("error: no log of release 1 could be read"))
    #expect(run.hintCommand == "sudo releases --store \(store.path) logs 1")
    let logs = try #require(try run.json["logs"] as? [[String: Any]])
    #expect(!logs.isEmpty && logs.allSatisfy { $0["outcome"] as? String == "failed" })
  }

  @Test func `the hint about a failed release shows what its hooks printed`() throws {
    let store = try TestStore()
    try store.writeHooks(prepare: false)
    try store.expectSuccess(["deploy", try store.packRelease("1"), "--id", "1"])
    let run = try store.run(["--json", "deploy", try store.packRelease("unhealthy"), "--id", "2"])
    #expect(run.status == 10)
    #expect((try run.error["command"] as? String) == "releases --store \(store.path) logs 2")
  }

  @Test(.enabled(if: User.isRoot, "only root can give a release away"))
  func `a rollback target that the owner can't read is a problem with its cure`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    try store.changeOwner(to: 65533)
    try Program.shell(
      "chown -R 0:0 '\(store.path)/releases/1'; chmod 700 '\(store.path)/releases/1'")
    let status = try store.run(["status", "--json"])
    let finding = try #require(try status.findings.first { $0.code == "rollbackUnknown" })
    #expect(status.status == 7 && finding.level == "problem")
    #expect(finding.command == "sudo chown -R 65533 \(store.path)/releases/1")
    #expect(try store.run(["check", "--json"]).status == 1)
    #expect(try store.run(["rollback", "--dry-run"]).status != 0)
    try Program.shell(String(finding.command?.dropFirst(5) ?? "false"))
    // The mode that kept the owner out differs from the manifest.
    try Program.shell("chmod 755 '\(store.path)/releases/1'")
    try store.expectSuccess(["rollback", "--dry-run"])
    try Program.shell("chmod 700 '\(store.path)/releases/1'")
    let other = try store.runAsNobody(["status", "--json"])
    #expect(try other.findings.first { $0.code == "rollbackUnknown" }?.level == "note")
  }

  @Test func `a failed release that stays live is told by metrics, check and status`() throws {
    let store = try TestStore()
    try store.writeHooks(prepare: false)
    try store.expectSuccess(["deploy", try store.packRelease("1"), "--id", "1"])
    _ = try store.run(["deploy", try store.packRelease("unhealthy"), "--id", "2", "--no-rollback"])
    #expect(store.current == "2")
    let metrics = try store.expectSuccess(["metrics"]).output
    #expect(
      metrics.contains(
        "releases_transactions_total{store=\"\(store.path)\",operation=\"activate\","
          + "outcome=\"failed\"} 1\n")
        || metrics.contains("operation=\"activate\",outcome=\"failed\""), "\(metrics)")
    #expect(try store.history().first?["outcome"] as? String == "done", "this is published")
    #expect(try store.run(["check"]).status == 7)
    #expect(try store.run(["status"]).status == 7)
    let levels = try #require(
      try store.run(["check", "--json"]).json["findings"] as? [[String: Any]])
    #expect(levels.first { $0["code"] as? String == "liveBad" }?["level"] as? String == "problem")
  }

  @Test(.enabled(if: User.isRoot, "only root can make a file immutable"))
  func `a removal that could not be completed is in the document`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2", "3"])
    let file = "\(store.path)/releases/1/VERSION"
    guard try Program.run(["chattr", "+i", file]).status == 0 else { return }
    let run = try store.run(["remove", "1", "--json"])
    let stuck = try store.names(".releases/trash")
    for name in stuck {
      _ = try Program.run(["chattr", "-R", "-i", "\(store.path)/.releases/trash/\(name)"])
    }
    _ = try Program.run(["chattr", "-i", file])
    #expect(run.status == 0, "\(run.errors)")
    let remains = try #require(try run.json["remains"] as? [[String: Any]])
    #expect(remains.map { $0["id"] as? String } == ["1"])
    #expect((remains.first?["command"] as? String)?.contains("chattr -R -f -ia") == true)
  }
}
