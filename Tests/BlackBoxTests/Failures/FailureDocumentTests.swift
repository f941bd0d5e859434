import Foundation
import TestSupport
import Testing

/// Every failure is one JSON document with its code and exit status, and changes nothing.
@Suite struct FailureDocumentTests {
  @Test(arguments: FailureCase.all)
  func `a failure is one document with its code and exit status`(_ failure: FailureCase) throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    _ = try store.archive(["VERSION": "3", "data": "xxxxxxxxx"], named: "good")
    try failure.prepare(store)
    let arguments = failure.arguments.map {
      $0 == "ARCHIVE" ? "\(store.directory)/good.tar.gz" : $0
    }
    let before = try store.fileSystemState()
    let run = try store.run(["--json"] + arguments)
    expectFailure(run, failure.status, failure.code, mentions: failure.mentions)
    #expect(ignoringStagingTimes(before) == ignoringStagingTimes(try store.fileSystemState()))
  }

  @Test func `a missing store and a directory without a store have the same error code`() throws {
    let store = try TestStore(initialized: false)
    expectFailure(try store.run(["--json", "list"]), 4, "noSuchStore", mentions: store.path)
    try FileManager.default.createDirectory(
      atPath: store.path, withIntermediateDirectories: false)
    let run = try store.run(["--json", "list"])
    expectFailure(run, 4, "noSuchStore", mentions: ".releases")
    #expect(run.errors.contains("releases --store \(store.path) init"))
  }

  @Test func `a held lock is reported with its holder and does not stop list`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    let run = try store.run(
      ["--json", "rollback", "--wait", "0s"], launcher: ["flock", store.path + "/.releases/lock"])
    expectFailure(run, 5, "locked", mentions: "flock")
    #expect(store.current == "2")
    let list = try store.run(["list"], launcher: ["flock", store.path + "/.releases/lock"])
    #expect(list.status == 0, "list does not wait")
  }

  @Test func `differences found by verify are a result and not an error`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    try store.write("releases/1/VERSION", "other")
    let run = try store.run(["--json", "verify"])
    #expect(run.status == 7)
    #expect(run.lines.count == 1)
    #expect(Set(try run.json.keys) == ["schema", "releases"])
  }

  private func expectFailure(
    _ run: Releases.Run, _ status: Int32, _ code: String, mentions: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(run.status == status, "\(run.errors)", sourceLocation: sourceLocation)
    #expect(run.lines.count == 1, "\(run.output)", sourceLocation: sourceLocation)
    let document = (try? run.json) ?? [:]
    let isSwitch = document["outcome"] != nil
    #expect(
      Set(document.keys) == (isSwitch ? DocumentKeys.operation : ["schema", "error"]),
      sourceLocation: sourceLocation)
    let error = document["error"] as? [String: Any] ?? [:]
    #expect(Set(error.keys) == DocumentKeys.error, sourceLocation: sourceLocation)
    #expect(error["code"] as? String == code, sourceLocation: sourceLocation)
    #expect(error["exitStatus"] as? Int32 == status, sourceLocation: sourceLocation)
    #expect(
      (error["hint"] as? String)?.isEmpty == false, "no hint: \(run.errors)",
      sourceLocation: sourceLocation)
    let text = "\(error["message"] ?? "") \(error["cause"] ?? "")"
    #expect(text.contains(mentions), "\(text)", sourceLocation: sourceLocation)
    let message = error["message"] as? String ?? ""
    #expect(run.errors.contains("releases: error: \(message)"), sourceLocation: sourceLocation)
    #expect(!message.hasSuffix("."), "no final period", sourceLocation: sourceLocation)
  }
}
