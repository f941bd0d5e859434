import Foundation
import Testing

/// Stores that an older workflow made.
@Suite struct AdoptionTests {
  /// Three releases named by their time, and whatever links the test makes.
  private func oldStore(_ script: String) throws -> TestStore {
    let store = try TestStore(initialized: false)
    let setUp = """
      mkdir -p "$0/releases"; cd "$0"
      for i in 1700000001 1700000002 1700000003; do
        mkdir releases/$i; echo $i > releases/$i/VERSION
      done
      \(script)
      """
    try Program.expect(["sh", "-ec", setUp, store.path])
    return store
  }

  @Test func aChainOfAbsoluteLinksBecomesDirect() throws {
    let store = try oldStore(
      """
      ln -s "$0/releases/1700000001" previous; ln -s "$0/previous" current
      """)
    try store.expectDone(["init"])
    #expect(store.link("current") == "releases/1700000001")
    #expect(store.link("previous") == "\(store.path)/releases/1700000001", "it works as it is")
    let again = try store.facts()
    #expect(try store.expectDone(["init", "--json"]).json["outcome"] as? String == "unchanged")
    #expect(try store.facts() == again, "twice changes nothing")
    try store.expectDone(["mark", "1700000002", "good", "--reason", "known"])
    try store.expectDone(["activate", "1700000002"])
    #expect(store.previous == "1700000001" && store.current == "1700000002")
    try store.expectDone(["rollback"])
    #expect(store.current == "1700000001")
  }

  @Test func whatMayBeHalfUnpackedWaitsForAPerson() throws {
    let store = try oldStore(
      "ln -s releases/1700000002 current; ln -s releases/1700000001 previous; mkdir releases/v9")
    try store.expectDone(["init"])
    let releases = try store.releases()
    #expect(releases["1700000001"]?["state"] as? String == "ready")
    #expect(releases["1700000003"]?["state"] as? String == "unpacked")
    #expect(releases["v9"]?["state"] as? String == "failed", "it is empty")
    try store.expectFailure(["activate", "1700000003"], status: 3, code: "notReady")
    try store.expectDone(["rollback"])
    #expect(store.current == "1700000001")
  }

  @Test(arguments: ["", "ln -s releases/gone current; ln -s nowhere previous"])
  func missingAndDanglingLinksAreNoObstacle(links: String) throws {
    let store = try oldStore(links + "\ntouch releases/notes.txt")
    try store.expectDone(["init"])
    try store.expectDone(["activate", "1700000001"])
    #expect(store.current == "1700000001")
    #expect(store.exists("releases/notes.txt"))
  }

  @Test func aRealDirectoryNamedCurrentIsRefused() throws {
    let store = try oldStore("mkdir current; touch current/precious")
    let before = try store.facts()
    let run = try store.expectFailure(["init"], status: 3, code: "notALink")
    #expect(run.errors.contains("hint: make a release of it"))
    #expect(try store.facts() == before)
  }

  @Test func linksMovedByHandAreTheTruthAndNoted() throws {
    let store = try TestStore()
    try store.activate(["1", "2"])
    try store.makeLink("current", to: "\(store.path)/previous")
    let run = try store.expectDone(["recover"])
    #expect(run.errors.contains("moved by hand"))
    #expect(store.link("current") == "releases/1")
    #expect(try store.history().contains { $0["operation"] as? String == "drift" })
    try store.expectSettled()
  }
}

/// What outlives a release.
@Suite struct SharedPathTests {
  @Test func directoriesAreLinkedAndMissingFilesRefused() throws {
    let store = try TestStore()
    let text = "shared: {directories: [logs], files: [config/wechat.yaml]}\n"
    try store.write("releases.yaml", text)
    let archive = try store.archive(["VERSION": "1", "logs/old": "x"])
    let run = try store.expectDone(["unpack", archive, "--id", "1"])
    #expect(run.errors.contains("gives way"))
    let links = [
      "logs": "../../shared/logs", "config/wechat.yaml": "../../../shared/config/wechat.yaml",
    ]
    for (name, target) in links { #expect(store.link("releases/1/\(name)") == target) }
    let refused = try store.expectFailure(
      ["activate", "1"], status: 3, code: "sharedFileMissing")
    #expect(refused.errors.contains("shared/config/wechat.yaml"))
    try store.write("shared/config/wechat.yaml", "token: x\n")
    try store.expectDone(["activate", "1"])
    try store.expectSettled()
  }
}

/// What `prune` leaves.
@Suite struct RetentionTests {
  @Test func whatIsLivePinnedInUseOrUnknownStays() throws {
    let store = try TestStore()
    try store.activate(["1", "2", "3", "4", "5", "6"])
    try store.expectDone(["pin", "1", "--reason", "audit"])
    try Program.expect(["mkdir", "\(store.path)/releases/unknown"])
    try Program.expect(["touch", "\(store.path)/releases/2"])
    let user = Process()
    user.executableURL = URL(fileURLWithPath: "/bin/sleep")
    user.arguments = ["600"]
    user.currentDirectoryURL = URL(fileURLWithPath: "\(store.path)/releases/3")
    try user.run()
    defer {
      kill(user.processIdentifier, SIGKILL)
      user.waitUntilExit()
    }
    let prune = ["prune", "--keep", "1", "--keep-within", "0d"]
    try store.expectDone(prune)
    #expect(try store.names("releases") == ["1", "3", "5", "6", "unknown"])
    #expect(try store.expectDone(prune).output == "", "quiet when there is nothing to do")
    try store.expectDone(["unpin", "1"])
    #expect(try store.expectDone(prune + ["--quiet"]).output == "1\n")
  }
}
