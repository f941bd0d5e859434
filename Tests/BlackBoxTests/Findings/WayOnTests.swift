import Foundation
import TestSupport
import Testing

/// The hints of a state from which the obvious command does not lead on.
@Suite struct WayOnTests {
  private let store: TestStore

  init() throws { store = try TestStore() }

  private func hint(_ run: Releases.Run) throws -> String {
    try #require(try run.error["hint"] as? String, "\(run)")
  }

  @Test func `a foreign current becomes a release with a free name`() throws {
    try store.publishAndActivate(["1"])
    for name in ["releases/from-current", "releases/from-current-2"] {
      try store.write("\(name)/VERSION", "kept")
    }
    try store.remove("releases/from-current-2")
    try store.write("app/VERSION", "x")
    try store.makeLink("current", to: "app")
    let finding = try #require(try store.status().findings.first)
    #expect(finding.code == "currentBroken")
    #expect(try store.follow(finding).status == 0)
    #expect(try store.read("releases/from-current/VERSION") == "kept")
    #expect(try store.read("releases/from-current-2/VERSION") == "x")
    #expect(store.current == "from-current-2")
    #expect(try store.status().findings.allSatisfy { $0.level != "problem" })
    try store.expectSuccess(["activate", "1"])
    try store.expectSuccess(["rollback", "--to", "from-current-2"])
  }

  @Test func `what was current before a switch becomes a release with a free name`() throws {
    try store.publish("1")
    try store.write("releases/from-current/VERSION", "kept")
    try store.write("app/VERSION", "x")
    try store.makeLink("current", to: "app")
    let run = try store.expectSuccess(["activate", "1"])
    let command = try #require(
      run.warningCommand("to be able to roll back to it, make a release of it"))
    try Releases.paste(command)
    #expect(try store.read("releases/from-current/VERSION") == "kept")
    try store.expectSuccess(["rollback", "--to", "from-current-2"])
  }

  @Test func `a directory named current is made a release, whatever the command`() throws {
    try store.publishAndActivate(["1"])
    try store.remove("current")
    try store.write("current/VERSION", "x")
    try store.write("releases/from-current/VERSION", "kept")
    let refused = try store.expectFailure(["rollback"], status: 3, code: "notALink")
    let command = try #require(refused.hintCommand)
    let commands = try store.status().findings.filter { $0.message.hasPrefix("current ") }
      .map(\.command)
    #expect(!commands.isEmpty && commands.allSatisfy { $0 == command }, "\(commands)")
    #expect(try store.run(["check"]).output.contains("make it a release: \(command)\n"))
    try store.runHint(of: refused)
    #expect(try store.read("current/VERSION") == "x")
    #expect(store.current == "from-current-2")
  }

  @Test func `a rollback never proposes a release that was never live`() throws {
    try store.publishAndActivate(["1"])
    try store.publish("2")
    let refused = try store.expectFailure(["rollback"], status: 3, code: "nothingToRollBackTo")
    #expect(refused.hintCommand == "releases --store \(store.path) deploy ARCHIVE")
    #expect(try hint(refused).hasPrefix("no other release was ever live; deploy one that works"))
  }

  @Test func `a modified rollback target can be taken in spite of it`() throws {
    try store.publishAndActivate(["1", "2"])
    try store.write("releases/1/VERSION", "modified")
    let finding = try #require(try store.status().findings.first)
    #expect(finding.command?.hasSuffix(" verify 1") == true)
    let refused = try store.expectFailure(["rollback"], status: 3, code: "notWhole")
    #expect(refused.hintCommand == "releases --store \(store.path) rollback --to 1 --force")
    try store.runHint(of: refused)
    #expect(store.current == "1")
  }

  @Test func `a modified release can be activated in spite of it`() throws {
    try store.publishAndActivate(["1"])
    try store.publish("2")
    try store.write("releases/2/VERSION", "modified")
    try store.runHint(of: try store.expectFailure(["activate", "2"], status: 3, code: "notWhole"))
    #expect(store.current == "2")
  }

  @Test func `an archive that begins one directory too high is deployed again with its options`()
    throws
  {
    try store.write("releases.yaml", "hooks: {activate: {run: ./bin/run}}\n")
    let archive = try store.archive(
      ["app/bin/run": "#!/bin/sh\n"], executable: ["app/bin/run"])
    let digest = try Program.expect(["sha256sum", archive]).output.prefix(64)
    let run = try store.expectFailure(
      ["deploy", archive, "--id", "1", "--ref", "v 1", "--sha256", "\(digest)", "--request", "t"],
      status: 3, code: "configuration")
    let command = try #require(run.hintCommand)
    #expect(
      command == "releases --store \(store.path) deploy \(archive) --ref 'v 1' --sha256 \(digest)"
        + " --strip-components 1")
    try store.runHint(of: run)
    #expect(try store.releases().values.contains { $0["live"] as? Bool == true })
  }

  @Test func `marking the rollback target bad says what a rollback chooses now`() throws {
    try store.publishAndActivate(["1", "2", "3"])
    #expect(
      try store.expectSuccess(["mark", "2", "bad", "--reason", "x"]).output
        == "marked 2 as bad\nrollback target: 1\n")
    #expect(
      try store.expectSuccess(["mark", "1", "bad", "--reason", "x"]).output
        == "marked 1 as bad\nrollback target: none\n")
    #expect(
      try store.expectSuccess(["mark", "3", "bad", "--reason", "x"]).output == "marked 3 as bad\n")
  }

  @Test func `the entry of a live release whose directory is missing is kept`() throws {
    try store.publishAndActivate(["1", "2"])
    try Program.expect(["mv", "\(store.path)/releases/2", "\(store.directory)/away"])
    let missing = try #require(
      try store.status().findings.first { $0.code == "releaseMissing" })
    #expect(missing.command == "releases --store \(store.path) activate 1")
    let refused = try store.expectFailure(["activate", "2"], status: 4, code: "noSuchRelease")
    #expect(refused.hintCommand == "findmnt -T \(store.path)/releases")
    try Program.expect(["mv", "\(store.directory)/away", "\(store.path)/releases/2"])
    try store.expectFindings([])
  }

  @Test func `a missing rollback target is removed from the catalog`() throws {
    try store.publishAndActivate(["1", "2"])
    try store.remove("releases/1")
    try store.expectFindings(["previousBroken", "releaseMissing"])
    try store.follow("previousBroken", until: [])
  }

  @Test func `one directory without a catalog entry has one hint`() throws {
    try store.publishAndActivate(["1"])
    try store.write("releases/1762147685/VERSION", "x")
    let command = "releases --store \(store.path) init --adopt 1762147685"
    #expect(try store.status().findings.map(\.command) == [command])
    #expect(
      try store.expectFailure(["activate", "1762147685"], status: 3).hintCommand == command)
    #expect(try store.expectSuccess(["list"]).output.contains(command))
    try store.follow("notCataloged", until: [])
  }

  @Test func `a hint says what it is about when another finding causes it`() throws {
    try store.publish("1")
    try store.write("releases.yaml", "shared: {files: [.env]}\n")
    let finding = try #require(try store.status().findings.first { $0.code == "nothingLive" })
    let hint = try #require(finding.command)
    let text = try store.run(["status"]).output
    #expect(text.contains("nothing is live [nothingLive]; first, since "), "\(text)")
    #expect(text.contains(".env"))
    #expect(hint.contains(".env"))
  }

  @Test func `init of a configured store does not ask for a configuration`() throws {
    let store = try TestStore(initialized: false)
    try store.write("releases.yaml", "hooks: {activate: {run: 'true'}}\n")
    try store.write("releases/1762147685/VERSION", "x")
    let output = try store.expectSuccess(["init"]).output
    #expect(output.contains("adopted 1762147685") && output.contains("\nnext, run:\n"), "\(output)")
    let bare = try TestStore(initialized: false).expectSuccess(["init"]).output
    #expect(bare.contains("next: set hooks and health in "), "\(bare)")
  }

  @Test func `a corrupt line of the history can be removed`() throws {
    try store.publishAndActivate(["1"])
    try Program.shell("sed -i '1i junk' '\(store.path)/.releases/history.jsonl'")
    let run = try store.run(["check", "--json"])
    let finding = try #require(
      (try run.json["findings"] as? [[String: Any]])?.first {
        $0["subject"] as? String == "history"
      })
    let command = try #require((finding["hint"] as? String)?.firstRange(of: "flock "))
    try Releases.paste(String(try #require(finding["hint"] as? String)[command.lowerBound...]))
    #expect(try store.expectSuccess(["history"]).errors == "")
  }
}
