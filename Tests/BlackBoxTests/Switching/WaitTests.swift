import Foundation
import TestSupport
import Testing

/// A caller that lost its connection asks for the outcome of its deployment.
@Suite struct WaitTests {
  private let store: TestStore

  init() throws {
    store = try TestStore()
    try store.writeHooks()
  }

  /// Deploys, and expects that `wait` prints the same document and ends with the same status.
  private func expectSameOutcome(
    _ archive: String, _ options: [String], name: String, status: Int32, code: String? = nil
  ) throws {
    let deploy = try store.run(["deploy", archive, "--json"] + options)
    #expect(deploy.status == status, "\(deploy.errors)")
    if let code { #expect(try deploy.error["code"] as? String == code) }
    let wait = try store.run(["wait", name, "--json"])
    #expect(wait.status == status, "\(wait.errors)")
    #expect(wait.output == deploy.output)
    let text = try store.run(["wait", name])
    #expect(text.status == status)
    if code == nil {
      let id = try #require(try deploy.json["id"] as? String)
      #expect(text.output.hasPrefix("activated \(id)\n"), "\(text.output)")
      #expect(try store.run(["wait", name, "--quiet"]).output == "\(id)\n")
    } else {
      let message = try #require(try deploy.error["message"] as? String)
      #expect(text.errors.contains("error: \(message)\n"), "\(text.errors)")
    }
  }

  @Test func `wait returns the report and the status of a deployment`() throws {
    let archive = try store.packRelease("good")
    try expectSameOutcome(
      archive, ["--request", "4711-1", "--ref", "v1"], name: "4711-1", status: 0)
    try expectSameOutcome(archive, ["--ref", "v2"], name: "v2", status: 0)
    try expectSameOutcome(
      try store.packRelease("unhealthy"), ["--request", "r"], name: "r", status: 10,
      code: "rolledBack")
    try expectSameOutcome(
      try store.packRelease("unpreparable"), ["--ref", "v1"], name: "v1", status: 1,
      code: "prepareFailed")
  }

  @Test func `wait takes the options of the deployment`() throws {
    let archive = try store.packRelease("good")
    // The token of one deployment is the ref of another.
    let first = try store.expectSuccess(["deploy", archive, "--request", "v1", "--json"])
    let second = try store.expectSuccess(["deploy", archive, "--ref", "v1", "--json"])
    #expect(try store.run(["wait", "v1", "--json"]).output == first.output)
    #expect(try store.run(["wait", "--request", "v1", "--json"]).output == first.output)
    #expect(try store.run(["wait", "--ref", "v1", "--json"]).output == second.output)
    try store.expectFailure(["wait", "--ref", "v2"], status: 4, code: "noSuchAttempt")
    try store.expectFailure(["wait", "--request", "v2"], status: 4, code: "noSuchAttempt")
    for arguments in [[], ["v1", "--ref", "v1"], ["--ref", "a", "--request", "b"]] {
      try store.expectFailure(["wait"] + arguments, status: 2, code: "usage")
    }
  }

  @Test func `an upload that was rejected has an outcome too`() throws {
    let archive = try store.packRelease("good")
    let digest = String(repeating: "0", count: 64)
    try expectSameOutcome(
      archive, ["--request", "a", "--sha256", digest], name: "a", status: 6, code: "digestMismatch")
    try expectSameOutcome(
      archive, ["--request", "b", "--size", "1"], name: "b", status: 6, code: "sizeMismatch")
    let page = "\(store.directory)/page.html"
    try Data("<html>not found</html>".utf8).write(to: URL(filePath: page))
    let run = try store.run(["deploy", page, "--request", "c"])
    #expect(run.status == 6)
    #expect(try store.run(["wait", "c"]).status == 6)
  }

  @Test func `a deployment that never began is unknown`() throws {
    try store.expectFailure(["wait", "4711-1"], status: 4, code: "noSuchAttempt")
    let archive = try store.packRelease("good")
    // Without a name there is nothing to ask for.
    try store.expectSuccess(["deploy", archive])
    #expect(!store.exists(".releases/attempts"))
    try store.expectSuccess(["deploy", archive, "--dry-run", "--request", "x"])
    try store.expectFailure(["wait", "x"], status: 4, code: "noSuchAttempt")
  }

  @Test func `the token of a deployment that published is used up, and is a plain name`() throws {
    let archive = try store.packRelease("good")
    try store.expectSuccess(["deploy", archive, "--request", "a", "--id", "1"])
    let run = try store.expectFailure(
      ["deploy", archive, "--request", "a", "--id", "2"], status: 3, code: "requestTaken")
    #expect(try store.ids() == ["1"])
    #expect(run.hintCommand == "releases --store \(store.path) wait a")
    for token in ["a/b", "..", "-", String(repeating: "x", count: 65)] {
      try store.expectFailure(["deploy", archive, "--request=\(token)"], status: 2, code: "usage")
    }
    #expect(try store.names(".releases/attempts") == ["a.json"])
  }

  @Test func `wait blocks while the deployment runs`() throws {
    let go = "\(store.directory)/go"
    try store.write(
      "releases.yaml", "hooks: {activate: {run: 'until test -e \(go); do sleep 0.05; done'}}\n")
    let deploy = try store.start(
      ["deploy", try store.packRelease("good"), "--request", "a", "--id", "1"])
    try store.waitUntil("the release is live") { store.current == "1" }
    let run = try store.expectFailure(
      ["wait", "a", "--timeout", "1s"], status: 5, code: "stillRunning")
    #expect(run.errors.contains("error: the deployment that "), "\(run.errors)")
    #expect(run.errors.contains(" is still running"), "\(run.errors)")
    let wait = try store.start(["wait", "a"])
    usleep(300_000)
    try Data().write(to: URL(filePath: go))
    #expect(wait.waitForExit() == 0)
    #expect(deploy.waitForExit() == 0)
  }

  @Test func `a deployment that was ended by a signal has that status`() throws {
    try store.write("releases.yaml", "hooks: {activate: {run: 'test ! -e slow || sleep 30'}}\n")
    try store.publishAndActivate(["1"])
    let archive = try store.archive(["slow": ""])
    let deploy = try store.start(["deploy", archive, "--request", "a", "--id", "2"])
    try store.waitUntil("the release is live") { store.current == "2" }
    deploy.send(SIGTERM)
    #expect(deploy.waitForExit() == 128 + SIGTERM)
    #expect(try store.run(["wait", "a", "--json"]).status == 128 + SIGTERM)
    #expect(store.current == "1")
  }

  @Test func `wait says what became of a deployment that was killed`() throws {
    try store.write("releases.yaml", "hooks: {activate: {run: 'test ! -e slow || sleep 30'}}\n")
    try store.publishAndActivate(["1"])
    let archive = try store.archive(["slow": ""])
    let deploy = try store.start(["deploy", archive, "--request", "a", "--id", "2"])
    try store.waitUntil("the release is live") { store.current == "2" }
    deploy.send(SIGKILL)
    _ = deploy.waitForExit()
    let run = try store.expectFailure(["wait", "a"], status: 11, code: "interrupted")
    try store.runHint(of: run)
    let report = try store.expectFailure(["wait", "a"], status: 11, code: "needsPerson").json
    #expect(report["id"] as? String == "2" && report["current"] as? String == "1")
    #expect(report["command"] as? String == "deploy")
    // Killed before the archive has arrived.
    let upload = try store.start(["deploy", "-", "--request", "b"])
    try store.waitUntil("the deployment is recorded") { store.exists(".releases/attempts/b.json") }
    upload.send(SIGKILL)
    _ = upload.waitForExit()
    let unfinished = try store.expectFailure(["wait", "b"], status: 1, code: "failed")
    #expect(
      unfinished.errors.contains(
        "the deployment ended without a record of its outcome; it had published and switched nothing"
      ))
    #expect(unfinished.errors.contains("cause: its process was killed, or"))
  }

  @Test func `a hundred deployments are kept, and running ones in any case`() throws {
    try store.remove("releases.yaml")
    let digest = String(repeating: "0", count: 64)
    let archive = try store.packRelease("good")
    let first = try store.start(["deploy", "-", "--request", "running"])
    try store.waitUntil("it is recorded") { store.exists(".releases/attempts/running.json") }
    for number in 1...103 {
      try store.run(["deploy", archive, "--sha256", digest, "--request", "r\(number)"])
    }
    // The running one has reserved space for its outcome.
    let names = try store.names(".releases/attempts").filter { !$0.hasPrefix(".") }
    #expect(names.count == 101 && names.contains("running.json"))
    #expect(names.contains("r103.json") && !names.contains("r1.json"))
    first.send(SIGTERM)
    _ = first.waitForExit()
  }
}
