import Foundation
import TestSupport
import Testing

/// A release is ready only after its prepare hook has succeeded in its final directory.
@Suite struct PrepareTests {
  private func makeStore(_ hook: String) throws -> TestStore {
    let store = try TestStore()
    try store.publish("1")
    try store.expectSuccess(["activate", "1"])
    try store.write("releases.yaml", "hooks: {prepare: {run: '\(hook)'}}\n")
    return store
  }

  @Test func `the prepare hook runs in the release's final directory`() throws {
    let store = try makeStore("pwd > where; mkdir .venv; echo 1 > .venv/lib; rm bin/run")
    try store.publish("2")
    let entry = try store.entry(of: "2")
    #expect(entry["state"] as? String == "ready")
    #expect(entry["files"] as? Int == 3)
    let place = try String(contentsOfFile: "\(store.path)/releases/2/where", encoding: .utf8)
    #expect(place == "\(store.path)/releases/2\n")
    try store.expectConsistent()
    try store.expectSuccess(["verify", "2", "--strict"])
    try store.write("releases/2/.venv/lib", "2")
    let run = try store.run(["verify", "2", "--json"])
    #expect(run.status == 7)
    #expect(run.output.contains(".venv/lib"))
  }

  @Test func `a release whose prepare hook fails is not ready`() throws {
    let store = try makeStore("echo no network; exit 3")
    let run = try store.expectFailure(
      ["unpack", try store.packRelease("2"), "--id", "2"], status: 1, code: "prepareFailed")
    #expect(try run.json["id"] as? String == "2")
    #expect(try run.error["cause"] as? String == "no network")
    #expect((try run.error["hint"] as? String)?.contains(" prepare 2") == true)
    #expect(try store.entry(of: "2")["state"] as? String == "failed")
    let reason = try store.entry(of: "2")["reason"] as? String
    #expect(reason?.hasPrefix("the prepare hook exited with status 3") == true)
    #expect(reason?.hasSuffix(": no network") == true)
    let last = try #require(try store.history().first)
    #expect(last["operation"] as? String == "prepare" && last["outcome"] as? String == "failed")
    try store.expectFailure(["activate", "2"], status: 3, code: "notReady")
    #expect(store.current == "1")
    #expect(try store.names(".releases/staging") == [])
    #expect(store.exists(".releases/logs/2-prepare.log"))
  }

  @Test func `prepare runs a failed hook again`() throws {
    let store = try makeStore("test -e ../../network")
    try store.expectFailure(
      ["unpack", try store.packRelease("2"), "--id", "2"], status: 1, code: "prepareFailed")
    try store.expectFailure(["prepare", "2"], status: 1, code: "prepareFailed")
    try store.write("network", "")
    #expect(try store.expectSuccess(["prepare", "2", "-n"]).output == "would prepare 2\n")
    #expect(try store.expectSuccess(["prepare", "2"]).output == "2 is ready\n")
    #expect(try store.entry(of: "2")["state"] as? String == "ready")
    try store.expectConsistent()
    try store.expectSuccess(["activate", "2"])
  }

  @Test func `prepare refuses a release that is live or ready`() throws {
    let store = try makeStore("exit 1")
    try store.expectFailure(["prepare", "1"], status: 3, code: "live")
    try store.remove("releases.yaml")
    try store.publish("2")
    try store.expectFailure(["prepare", "2"], status: 3, code: "configuration")
    try store.write("releases.yaml", "hooks: {prepare: {run: 'true'}}\n")
    try store.expectFailure(["prepare", "2"], status: 3, code: "unsupported")
    try store.expectFailure(["prepare", "9"], status: 4, code: "noSuchRelease")
  }

  @Test(arguments: [SIGKILL, SIGTERM])
  func `a release whose preparation is killed has failed`(signal: Int32) throws {
    let store = try makeStore("touch ../../started; exec sleep 60")
    let deploy = try store.start(["deploy", try store.packRelease("2"), "--id", "2"])
    try store.waitUntil("the hook runs") { store.exists("started") }
    #expect(try store.entry(of: "2")["state"] as? String == "preparing")
    try store.expectFailure(["activate", "2"], status: 3, code: "notReady")
    try store.expectFailure(["prepare", "2"], status: 3, code: "notReady")
    try store.expectFailure(["remove", "2"], status: 3)
    #expect(try store.expectSuccess(["prune", "--keep", "1", "--keep-within", "0d"]).output == "")
    // The two changes overwrite both slots of the journal.
    for reason in ["x", "y"] { try store.expectSuccess(["pin", "1", "--reason", reason]) }
    deploy.send(signal)
    #expect(deploy.waitForExit() == 128 + signal)
    if signal == SIGTERM { #expect(try store.entry(of: "2")["state"] as? String == "failed") }
    let recovered = try store.expectSuccess(["recover"])
    #expect(recovered.errors.contains("2 is not ready") == (signal == SIGKILL))
    #expect(try store.entry(of: "2")["state"] as? String == "failed")
    #expect(store.current == "1")
    #expect(try store.names(".releases/staging") == [])
    try store.expectNothingToRecover("a killed preparation")
  }

  @Test func `the store is not locked while the prepare hook runs`() throws {
    let store = try makeStore("touch ../../started; cat ../../go; exit 0")
    try Program.expect(["mkfifo", "\(store.path)/go"])
    let unpack = try store.start(["unpack", try store.packRelease("2"), "--id", "2"])
    try store.waitUntil("the hook runs") { store.exists("started") }
    try store.expectSuccess(["pin", "1", "--reason", "x", "--wait", "0s"])
    try store.write("go", "")
    #expect(unpack.end() == 0)
    #expect(try store.entry(of: "2")["state"] as? String == "ready")
  }

  @Test func `a release marked bad while it is prepared does not go live`() throws {
    let store = try makeStore("\(Releases.binary) mark 2 bad --reason leaks")
    let run = try store.expectFailure(
      ["deploy", try store.packRelease("2"), "--id", "2"], status: 3, code: "bad")
    #expect(try run.error["cause"] as? String == "leaks")
    #expect(try store.entry(of: "2")["state"] as? String == "bad")
    #expect(try store.entry(of: "2")["reason"] as? String == "leaks")
    #expect(store.current == "1")
    try store.expectNothingToRecover("a preparation that was overtaken")
  }

  @Test func `recover ignores an invalid stage name in the catalog`() throws {
    let store = try makeStore("true")
    try store.publish("2")
    for stage in [String(repeating: "x", count: 300), "../..", ""] {
      try store.reseal(".releases/catalog/2.json") {
        $0.replacing(/"state":"(ready|failed)"/, with: "\"state\":\"preparing\"")
          .replacing("{", with: "{\"stage\":\"\(stage)\",", maxReplacements: 1)
      }
      try store.expectSuccess(["recover"])
      #expect(try store.entry(of: "2")["state"] as? String == "failed")
      #expect(store.exists("releases/2"))
    }
  }

  @Test func `a release cannot be marked good while it is prepared`() throws {
    let store = try makeStore("! \(Releases.binary) mark 2 good --reason haste")
    try store.publish("2")
    #expect(try store.history().first?["operation"] as? String == "prepare")
    #expect(try !store.history().contains { $0["operation"] as? String == "mark" })
  }

  @Test func `a release removed while it is prepared stays removed`() throws {
    let store = try makeStore("\(Releases.binary) remove 2 --force")
    let run = try store.expectFailure(
      ["deploy", try store.packRelease("2"), "--id", "2"], status: 4, code: "noSuchRelease")
    #expect(!run.errors.contains("warning"), "\(run.errors)")
    #expect(try store.releases()["2"] == nil)
    #expect(store.current == "1")
    try store.expectNothingToRecover("a release removed while it was prepared")
  }

  @Test func `a release whose prepare hook fails never goes live`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    try store.write("releases.yaml", "hooks: {prepare: {run: test -e uv.lock}}\n")
    try store.expectFailure(
      ["unpack", try store.archive(["VERSION": "2"]), "--id", "2"], status: 1,
      code: "prepareFailed")
    try store.expectFailure(["activate", "2"], status: 3, code: "notReady")
    try store.expectSuccess(["activate", "latest"])
    #expect(store.current == "1")
  }
}
