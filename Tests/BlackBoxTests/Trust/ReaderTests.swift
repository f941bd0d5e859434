import Foundation
import TestSupport
import Testing

/// Commands that only read never run a command of the store's owner as the caller.
@Suite(.enabled(if: User.isRoot, ForeignUser.comment)) struct ReaderTests {
  private let store: TestStore
  private let log: String

  init() throws {
    store = try TestStore()
    try store.publishAndActivate(["1"])
    log = try store.writableLog("ran")
    try store.write("releases.yaml", "health: {command: 'id -u >> \(log)'}\n")
    try store.changeOwner(to: ForeignUser.owner)
  }

  private func run(_ arguments: [String], as user: Int) throws -> Releases.Run {
    try store.runCopy(arguments, launcher: ForeignUser.launcher(user))
  }

  private func users() throws -> [String] {
    try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").map(String.init)
  }

  @Test(arguments: [
    ["status"], ["list"], ["show", "latest"], ["history"], ["check"], ["metrics"],
    ["report", "--html", "-"], ["verify", "1"], ["diagnose", "--timeout", "2s"],
  ])
  func `another user who reads the store runs nothing`(arguments: [String]) throws {
    _ = try run(arguments, as: ForeignUser.other)
    #expect(try users() == [])
    _ = try run(arguments, as: 0)
    #expect(try users().allSatisfy { $0 == "\(ForeignUser.owner)" })
  }

  @Test func `status says why the health was not checked, and how to check it`() throws {
    let run = try run(["--json", "status"], as: ForeignUser.other)
    let finding = try #require(try run.findings.first { $0.code == "healthNotAsked" })
    #expect(finding.level == "note", "\(run.output)")
    let problems = try run.findings.filter { $0.level == "problem" }.map(\.code)
    #expect(problems == [], "what can't be found out is no problem")
    #expect(run.status == 0)
    let user = "user \(ForeignUser.owner)"
    #expect(finding.message == "health was not asked: only \(user) may run the health command")
    #expect(
      finding.command
        == "sudo releases --store \(store.path) status")
    #expect(try run.json["health"] is NSNull)
    let text = try self.run(["status"], as: ForeignUser.other).output
    #expect(text.contains("health       not asked\n"), "\(text)")
    for user in [0, ForeignUser.owner] {
      let asked = try self.run(["--json", "status"], as: user)
      #expect(try (asked.json["health"] as? [String: Any])?["healthy"] as? Bool == true)
      #expect(try asked.findings.isEmpty && asked.status == 0)
    }
    #expect(try users() == ["\(ForeignUser.owner)", "\(ForeignUser.owner)"])
  }

  @Test func `another user does not connect to the socket of the health check`() throws {
    try store.write(
      "releases.yaml", "health: {url: 'http://x/', unix-socket: '\(store.directory)/s'}\n")
    let run = try run(["--json", "status"], as: ForeignUser.other)
    #expect(try run.findings.map(\.code) == ["journalUnreadable", "healthNotAsked"])
    let asked = try self.run(["--json", "status"], as: ForeignUser.owner)
    #expect(try asked.findings.map(\.code) == ["unhealthy"])
  }

  @Test(arguments: ["file:///etc/passwd", "FILE:///etc/passwd", "ftp://localhost/", "scp://x/y"])
  func `a health URL of another scheme is refused`(url: String) throws {
    try store.write("releases.yaml", "health: {url: '\(url)'}\n")
    try store.changeOwner(to: ForeignUser.owner)
    #expect(try run(["activate", "1"], as: ForeignUser.owner).status == 3)
  }
}
