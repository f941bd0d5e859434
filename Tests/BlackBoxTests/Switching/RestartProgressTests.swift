import Foundation
import TestSupport
import Testing

/// A restart is visible while it runs, and one that failed or was interrupted until a later one is
/// confirmed.
@Suite struct RestartProgressTests {
  /// A store whose live release is 2. Its service works while the file `healthy` exists, and the hook
  /// fails while the file `broken` exists.
  private func store(health: Bool = true) throws -> TestStore {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    try store.write("healthy", "")
    let check = "health: {command: 'test -e ../../healthy', timeout: 1m, interval: 200ms}\n"
    try store.write(
      "releases.yaml",
      "hooks: {activate: {run: 'test ! -e ../../broken'}}\n" + (health ? check : ""))
    return store
  }

  private func message(_ code: String, _ run: Releases.Run) throws -> String? {
    try run.findings.first { $0.code == code }?.message
  }

  private func restartWithoutHealth(_ store: TestStore) throws -> BackgroundProgram {
    try FileManager.default.removeItem(atPath: "\(store.path)/healthy")
    let restarting = try store.start(["restart"])
    let waiting = /restarting 2: waiting for health, \d+ of 60 s, attempt [1-9]\d*/
    try store.waitUntil("status shows the restart") {
      try message("restarting", try store.status())?.wholeMatch(of: waiting) != nil
    }
    return restarting
  }

  @Test func `a running restart is shown`() throws {
    let store = try store()
    let restarting = try restartWithoutHealth(store)
    let status = try store.status()
    #expect(status.status == 0, "no person has to act")
    let confirmation = try #require(try status.json["confirmation"] as? [String: Any])
    #expect(confirmation["operation"] as? String == "restart")
    #expect(confirmation["release"] as? String == "2")
    #expect(try message("restarting", try store.run(["list", "--json"])) != nil)
    #expect(try store.run(["list"]).output.contains("note: restarting 2: waiting for health, "))
    try store.write("healthy", "")
    #expect(restarting.end() == 0)
    #expect(!store.exists(".releases/confirmation.json"))
    try store.expectFindings([])
  }

  @Test func `a restart that failed needs a person until one is confirmed`() throws {
    let store = try store(health: false)
    try store.write("broken", "")
    try store.expectFailure(["restart"], status: 11, code: "needsPerson")
    try store.expectFindings(["serviceUnconfirmed"])
    #expect(
      try message("serviceUnconfirmed", try store.status())?.hasPrefix(
        "the restart of 2 failed: the activate hook exited with status 1") == true)
    try store.expectSuccess(["pin", "1", "--reason", "x"])
    try store.expectFindings(["serviceUnconfirmed"])
    try FileManager.default.removeItem(atPath: "\(store.path)/broken")
    try store.follow("serviceUnconfirmed", until: [])
  }

  @Test(arguments: [SIGTERM, SIGKILL])
  func `a restart that was interrupted needs a person`(signal: Int32) throws {
    let store = try store()
    let restarting = try restartWithoutHealth(store)
    restarting.send(signal)
    #expect(restarting.waitForExit() == 128 + signal)
    try store.write("healthy", "")
    try store.expectFindings(["serviceUnconfirmed"])
    try store.expectNothingToRecover("an interrupted restart")
    // A confirmed switch ends it too.
    try store.expectSuccess(["rollback"])
    try store.expectFindings([])
  }

  @Test func `a hook that fails for the restored release needs a person`() throws {
    let store = try store(health: false)
    try store.write("broken", "")
    try store.expectFailure(["activate", "1"], status: 11, code: "needsPerson")
    #expect(store.current == "2")
    try store.expectFindings(["serviceUnconfirmed"])
    try FileManager.default.removeItem(atPath: "\(store.path)/broken")
    try store.follow("serviceUnconfirmed", until: [])
  }

  @Test func `a restart whose hook does nothing does not say that it restarted`() throws {
    let store = try store(health: false)
    let run = try store.expectSuccess(["restart"])
    #expect(!run.output.contains("restarted 2"), "\(run.output)")
    #expect(run.output.contains("neither service nor health"), "\(run.output)")
  }

  @Test func `a restart says whether the process that answers is another one`() throws {
    let serving = try ServingStore()
    try serving.publish("1")
    try serving.store.expectSuccess(["activate", "1"])
    let replaced = try serving.store.expectSuccess(["restart", "--json"])
    #expect(try replaced.json["processes"] as? String == "replaced")
    try serving.store.write(
      "releases.yaml",
      """
      hooks: {activate: {run: 'true'}}
      health: {url: 'http://127.0.0.1:\(serving.port)/VERSION', timeout: 30s}
      """)
    let same = try serving.store.expectSuccess(["restart"])
    let pid = try #require(try serving.servers().last)
    #expect(
      same.output.contains(
        "process \(pid), which listens where the health check asks, is the same as before"),
      "\(same.output)")
  }
}
