import Foundation
import TestSupport
import Testing

/// The hints about wrong owners make a store of one owner, and never let hooks run as root.
@Suite(.enabled(if: User.isRoot, ForeignUser.comment)) struct OddOwnerTests {
  private let store: TestStore

  /// A store of an ordinary user where 2 is live and 1 was live before. Its hook records who ran it.
  init() throws {
    store = try TestStore()
    for id in ["1", "2"] { try store.publishAndActivate([id]) }
    let log = try store.writableLog("ran")
    try store.write("releases.yaml", "hooks: {activate: {run: 'id -u >> \(log)'}}\n")
    try store.give(".", to: ForeignUser.owner)
    try Program.expect(["chmod", "755", store.directory])
  }

  private func ran() throws -> String {
    try String(contentsOfFile: "\(store.directory)/ran", encoding: .utf8)
  }

  private func chown(_ owner: Int, _ names: String..., recursively: Bool = false) throws {
    try Program.expect(
      ["chown"] + (recursively ? ["-R"] : []) + ["\(owner)"] + names.map { "\(store.path)/\($0)" })
  }

  @Test func `a store whose directory alone belongs to root is given to its user`() throws {
    try chown(0, ".")
    let run = try store.expectFailure(["rollback"], status: 3, code: "unsafeOwner")
    #expect(run.hintCommand == "chown \(ForeignUser.owner) \(store.path)")
    try store.runHint(of: run)
    try store.expectFindings([])
    try store.expectSuccess(["rollback"])
    #expect(try ran() == "\(ForeignUser.owner)\n")
  }

  @Test func `half a store of root says both ways and runs the safe one`() throws {
    try chown(0, ".")
    try chown(0, ".releases", recursively: true)
    let run = try store.expectFailure(["rollback"], status: 3, code: "unsafeOwner")
    #expect(run.hintCommand == "chown -R \(ForeignUser.owner) \(store.path)")
    #expect((try run.error["hint"] as? String)?.contains("'chown -R 0 \(store.path)'") == true)
    try store.runHint(of: run)
    try store.expectFindings([])
    try store.expectSuccess(["rollback"])
    #expect(try ran() == "\(ForeignUser.owner)\n")
  }

  @Test(arguments: [
    "catalog", "lock", "staging", "trash", "history.jsonl", "manifests", "logs",
  ])
  func `a part of the store that belongs to root is a finding with a way out`(name: String) throws {
    try chown(0, ".releases/\(name)", recursively: true)
    let status = try store.status()
    #expect(try status.findings.contains { $0.code == "wrongOwner" }, "\(status)")
    #expect(try store.run(["check", "--json"]).checkCodes.contains("wrongOwner"))
    let owner = ForeignUser.launcher(ForeignUser.owner)
    let own = try store.run(["status", "--json"], launcher: owner)
    let finding = try #require(try own.findings.first { $0.code == "wrongOwner" }, "\(own)")
    #expect(
      finding.command == "sudo chown -R \(ForeignUser.owner) \(store.path)/.releases/\(name)")
    try Releases.paste(String(try #require(finding.command).dropFirst("sudo ".count)))
    try store.expectFindings([])
    try store.expectSuccess(["mark", "1", "good"])
    try store.expectSuccess(["rollback"])
  }

  /// Whether the numbers of users mean the same here as on the host; see user_namespaces(7).
  private static var mapsEveryUser: Bool {
    (try? String(contentsOfFile: "/proc/self/uid_map", encoding: .utf8))?.contains("4294967295")
      ?? false
  }

  @Test(.enabled(if: mapsEveryUser, "this is a user namespace, which hides the owners of files"))
  func `a part of the store that belongs to nobody is a finding, too`() throws {
    try chown(65534, ".releases/lock")
    let status = try store.status()
    #expect(try status.findings.contains { $0.code == "wrongOwner" }, "\(status)")
  }

  @Test(arguments: [0, ForeignUser.owner])
  func `the hint for the owner and for root gives a directory to the owner`(user: Int) throws {
    try chown(0, ".releases/catalog")
    let run = try store.run(
      ["mark", "1", "good", "--json"], launcher: ForeignUser.launcher(user))
    #expect(run.status == 1)
    #expect(
      (try run.error["command"] as? String)?.hasSuffix(
        "chown -R \(ForeignUser.owner) \(store.path)/.releases/catalog") == true, "\(run)")
  }
}
