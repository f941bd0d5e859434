import Foundation
import TestSupport
import Testing

/// The record of a command outlives whatever ends it, and is not trusted blindly.
@Suite struct AttemptRecordTests {
  private let store: TestStore
  private var record: String { ".releases/attempts/a.json" }

  init() throws {
    store = try TestStore()
    try store.writeHooks()
  }

  /// Expects that `wait` ends as the command has ended.
  private func expectSame(_ run: Releases.Run, _ status: Int32) throws {
    #expect(run.status == status, "\(run.errors)")
    let wait = try store.run(["wait", "a", "--json"])
    #expect(wait.status == status, "\(wait.errors)")
    #expect(wait.output == run.output)
  }

  @Test(arguments: ["frozen", "rejected", "stopped", "killed"])
  func `the token of a deployment that published nothing can be used again`(_ end: String) throws {
    let archive = try store.packRelease("good")
    let deploy = ["deploy", archive, "--request", "a", "--json"]
    switch end {
    case "frozen":
      try store.expectSuccess(["freeze", "--reason", "x"])
      try expectSame(try store.run(deploy), 3)
      try store.expectSuccess(["thaw"])
    case "rejected": try expectSame(try store.run(deploy + ["--size", "1"]), 6)
    default:
      let upload = try store.start(["deploy", "-", "--request", "a"])
      try store.waitUntil("it is recorded") { store.exists(record) }
      upload.send(end == "stopped" ? SIGTERM : SIGKILL)
      _ = upload.waitForExit()
    }
    try expectSame(try store.run(deploy), 0)
    try store.expectFailure(deploy, status: 3, code: "requestTaken")
    #expect(try store.names(".releases/attempts").filter { !$0.hasPrefix(".") } == ["a.json"])
  }

  @Test(arguments: ["unpreparable", "unstartable"])
  func `the token of a deployment that failed after its publication is used up`(
    version: String
  ) throws {
    try store.publishAndActivate(["1"])
    let deploy = ["deploy", try store.packRelease(version), "--request", "a"]
    #expect(try store.run(deploy).status != 0)
    try store.expectFailure(deploy, status: 3, code: "requestTaken")
  }

  @Test func `the token of a running command is taken`() throws {
    let upload = try store.start(["deploy", "-", "--request", "a"])
    try store.waitUntil("it is recorded") { store.exists(record) }
    let run = try store.expectFailure(
      ["deploy", try store.packRelease("good"), "--request", "a"], status: 3, code: "requestTaken")
    #expect(run.errors.contains("is still running"))
    upload.send(SIGTERM)
    _ = upload.waitForExit()
  }

  @Test func `an upload that SIGTERM ended has the same status in wait`() throws {
    let upload = try store.start(["deploy", "-", "--request", "a"])
    try store.waitUntil("it is recorded") { store.exists(record) }
    upload.send(SIGTERM)
    #expect(upload.waitForExit() == 128 + SIGTERM)
    let wait = try store.run(["wait", "a"])
    #expect(wait.status == 128 + SIGTERM)
    #expect(wait.errors.contains("the deployment was stopped by signal 15"), "\(wait.errors)")
    #expect(try store.names(".releases/attempts") == ["a.json"])
  }

  @Test(arguments: [["/nonexistent"], ["/"], ["/dev/null", "--id", "latest"]])
  func `a deployment whose arguments are refused is recorded too`(arguments: [String]) throws {
    let run = try store.run(["deploy"] + arguments + ["--request", "a", "--ref", "v1", "--json"])
    try expectSame(run, run.status)
    #expect(run.status == 1 || run.status == 2)
    #expect(try store.run(["wait", "v1"]).status == run.status)
  }

  @Test(.enabled(if: SmallDisk.isPossible, SmallDisk.comment))
  func `a full disk does not lose the outcome`() throws {
    let disk = try SmallDisk(size: 4096, inodes: 400)
    let small = disk.store
    try small.write(
      "releases.yaml",
      """
      hooks:
        activate: {run: 'cat /dev/zero > \(small.path)/filler; test ! -e bad'}
      """)
    for (token, files, status) in [("good", ["x": "1"], 0), ("bad", ["bad": "1"], 10)] {
      let archive = try small.archive(files)
      let run = try small.run(["deploy", archive, "--request", token, "--json"])
      #expect(run.status == Int32(status), "\(run.errors)")
      try Program.expect(["rm", "-f", "\(small.path)/filler"])
      let wait = try small.run(["wait", token, "--json"])
      #expect(wait.status == run.status, "\(wait.errors)")
      #expect(wait.output == run.output)
      #expect(!run.errors.contains("can't record"), "\(run.errors)")
    }
  }

  @Test(arguments: [256, -1, 512])
  func `a record with an impossible exit status is corrupt`(status: Int) throws {
    try store.expectSuccess(["deploy", try store.packRelease("good"), "--request", "a"])
    try store.reseal(record) {
      $0.replacing("\"exitStatus\":0,", with: "\"exitStatus\":\(status),")
    }
    try store.expectFailure(["wait", "a"], status: 1, code: "damaged")
  }

  @Test func `the ID in a record is escaped`() throws {
    try store.expectSuccess(
      ["deploy", try store.packRelease("good"), "--request", "a", "--id", "one"])
    try store.reseal(record) {
      $0.replacing("\"id\":\"one\"", with: "\"id\":\"\\u001b[31m\\n::error::\"")
    }
    let run = try store.run(["wait", "a", "--quiet"])
    #expect(run.status == 0)
    #expect(!run.output.contains("\u{1B}"), "\(run.output.debugDescription)")
    #expect(run.output.filter { $0 == "\n" }.count == 1, "\(run.output.debugDescription)")
  }

  @Test(arguments: ["damaged", "link", "foreign"])
  func `a record that can't be trusted is named with a command that helps`(_ kind: String) throws {
    try store.expectSuccess(["deploy", try store.packRelease("good"), "--request", "a"])
    let path = "\(store.path)/\(record)"
    switch kind {
    case "damaged": try store.flip(record, at: 20)
    case "link": try Program.expect(["sh", "-c", "mv $0 $0.old; ln -s $0.old $0", path])
    default:
      guard User.isRoot else { return }
      try Program.expect(["chown", "65534", path])
    }
    let code = kind == "foreign" ? "unsafeOwner" : "damaged"
    let status: Int32 = kind == "foreign" ? 3 : 1
    let wait = try store.expectFailure(["wait", "a"], status: status, code: code)
    #expect(wait.errors.contains(path), "\(wait.errors)")
    try store.expectFailure(
      ["deploy", try store.packRelease("other"), "--request", "a"], status: status, code: code)
    try store.runHint(of: wait)
    if kind != "foreign" {
      try store.expectFailure(["wait", "a"], status: 4, code: "noSuchAttempt")
    }
  }

  @Test func `activate and rollback record their outcome, too`() throws {
    try store.publishAndActivate(["1", "2"])
    _ = store.takeHookLines()
    let rollback = try store.expectSuccess(["rollback", "--request", "a", "--json"])
    try expectSame(rollback, 0)
    #expect(try store.run(["wait", "a"]).output.hasPrefix("rolled back to 1\n"))
    try store.expectSuccess(["mark", "2", "good"])
    let activate = try store.expectSuccess(["activate", "2", "--request", "b", "--json"])
    #expect(try store.run(["wait", "b", "--json"]).output == activate.output)
    try store.expectFailure(["rollback", "--request", "a"], status: 3, code: "requestTaken")
    #expect(store.current == "2")
    // Refused: nothing has switched, so that the token can be used again.
    try store.expectSuccess(["freeze", "--reason", "x"])
    try store.expectFailure(["rollback", "--request", "c"], status: 3, code: "frozen")
    try store.expectSuccess(["thaw"])
    try store.expectSuccess(["rollback", "--request", "c"])
  }

  @Test func `wait says what became of a rollback that was killed`() throws {
    try store.publishAndActivate(["1", "2"])
    try store.write("releases.yaml", "hooks: {activate: {run: 'sleep 30'}}\n")
    let rollback = try store.start(["rollback", "--request", "a"])
    try store.waitUntil("the release is live") { store.current == "1" }
    rollback.send(SIGKILL)
    _ = rollback.waitForExit()
    let run = try store.expectFailure(["wait", "a", "--json"], status: 11, code: "interrupted")
    #expect(try run.json["command"] as? String == "rollback")
    #expect(
      try run.error["message"] as? String ?? "" == "the rollback ended without a record of "
        + "its outcome, in the middle of a change")
  }
}
