import Foundation
import Testing

/// A way to fail: what leads to it, what is typed, and what comes of it.
struct Failing: CustomTestStringConvertible, Sendable {
  let name: String
  let status: Int32
  let code: String
  let arguments: [String]
  /// Words of the message or the cause: the file, the release or the option it is about.
  let names: String
  let prepare: @Sendable (TestStore) throws -> Void

  init(
    _ name: String, _ status: Int32, _ code: String, _ arguments: [String], names: String,
    prepare: @escaping @Sendable (TestStore) throws -> Void = { _ in }
  ) {
    self.name = name
    self.status = status
    self.code = code
    self.arguments = arguments
    self.names = names
    self.prepare = prepare
  }

  var testDescription: String { name }
}

/// Every failure is one document with its code and exit status, and leaves the store as it was.
@Suite struct JSONFailureTests {
  /// Each on a store whose releases 1 and 2 have been live, 2 last, with an archive to unpack.
  static let failures = [
    Failing("usage", 2, "usage", ["list", "--nonsense"], names: "--nonsense"),
    Failing("unknown command", 2, "usage", ["lst"], names: "lst"),
    Failing("no operand", 2, "usage", ["activate"], names: "activate"),
    Failing("no such release", 4, "noSuchRelease", ["activate", "9"], names: "9"),
    Failing("nothing to show", 4, "noSuchRelease", ["show", "9"], names: "9"),
    Failing("nothing to verify", 4, "noSuchRelease", ["verify", "9"], names: "9"),
    Failing("nothing to remove", 4, "noSuchRelease", ["remove", "9"], names: "9"),
    Failing("nothing to pin", 4, "noSuchRelease", ["pin", "9", "--reason", "x"], names: "9"),
    Failing("not ready", 3, "notReady", ["activate", "3"], names: "3") {
      try $0.write("releases.yaml", "hooks: {prepare: {run: /bin/false}}\n")
      try $0.expectFailure(
        ["unpack", "\($0.directory)/good.tar.gz", "--id", "3"], status: 1, code: "prepareFailed")
      try $0.remove("releases.yaml")
    },
    Failing("bad", 3, "bad", ["activate", "1"], names: "1") {
      try $0.expectDone(["mark", "1", "bad", "--reason", "loses messages"])
    },
    Failing("not whole", 3, "notWhole", ["activate", "1"], names: "VERSION") {
      try $0.remove("releases/1/VERSION")
    },
    Failing("frozen", 3, "frozen", ["activate", "1"], names: "migration") {
      try $0.expectDone(["freeze", "--reason", "migration"])
    },
    Failing("frozen rollback", 3, "frozen", ["rollback"], names: "migration") {
      try $0.expectDone(["freeze", "--reason", "migration"])
    },
    Failing("pinned", 3, "pinned", ["remove", "3"], names: "3") {
      try $0.publish("3")
      try $0.expectDone(["pin", "3", "--reason", "x"])
    },
    Failing("live", 3, "live", ["remove", "2", "--force"], names: "2"),
    Failing("fallback", 3, "fallback", ["remove", "1"], names: "1"),
    Failing("nothing to roll back to", 3, "nothingToRollBackTo", ["rollback"], names: "roll back") {
      try $0.expectDone(["rollback"])
    },
    Failing("id taken", 3, "idTaken", ["unpack", "ARCHIVE", "--id", "1"], names: "1"),
    Failing(
      "digest", 6, "digestMismatch",
      ["unpack", "ARCHIVE", "--sha256", String(repeating: "0", count: 64)], names: "0000"),
    Failing("size", 6, "sizeMismatch", ["unpack", "ARCHIVE", "--size", "7"], names: "7"),
    Failing("truncated", 6, "archiveTruncated", ["unpack", "ARCHIVE"], names: "truncated") {
      let archive = "\($0.directory)/good.tar.gz"
      let whole = try Data(contentsOf: URL(fileURLWithPath: archive))
      try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: archive))
    },
    Failing("not an archive", 6, "archiveUnreadable", ["unpack", "ARCHIVE"], names: "archive") {
      try Data(String(repeating: "<p>not found</p>\n", count: 100).utf8)
        .write(to: URL(fileURLWithPath: "\($0.directory)/good.tar.gz"))
    },
    Failing("rejected", 6, "archiveRejected", ["unpack", "ARCHIVE"], names: "passwd") {
      let packed = try Program.run(
        ["tar", "-czPf", "good.tar.gz", "../../../../../../../../etc/passwd"],
        directory: $0.directory)
      #expect(packed.status == 0)
    },
    Failing("configuration", 3, "configuration", ["activate", "1"], names: "releases.yaml:2:3") {
      try $0.write("releases.yaml", "keep:\n  cuont: 3\n")
    },
    Failing("hook", 3, "configuration", ["activate", "1"], names: "/nowhere/restart") {
      try $0.write("releases.yaml", "hooks: {activate: {run: /nowhere/restart now}}\n")
    },
    Failing("prepared", 3, "unsupported", ["prepare", "1"], names: "1 is ready") {
      try $0.write("releases.yaml", "hooks: {prepare: {run: /bin/true}}\n")
    },
    Failing("nothing to abort", 3, "nothingToAbort", ["abort"], names: "no switch"),
    Failing("shared file", 3, "sharedFileMissing", ["activate", "1"], names: "shared/app.yaml") {
      try $0.write("releases.yaml", "shared: {files: [app.yaml]}\n")
    },
    Failing("real directory", 3, "notALink", ["rollback", "-n"], names: "current") {
      try $0.remove("current")
      try FileManager.default.createDirectory(
        atPath: $0.path + "/current", withIntermediateDirectories: false)
    },
    Failing("newer journal", 3, "newerStore", ["rollback"], names: "format 2") {
      try $0.makeNewer(".releases/lock")
    },
    Failing("newer catalog", 3, "newerStore", ["list"], names: "format 2") {
      try $0.makeNewer(".releases/catalog/1.json")
    },
    Failing("damaged", 1, "damaged", ["activate", "1"], names: "1") {
      try $0.flip(".releases/catalog/1.json", at: 20)
    },
    Failing("no archive", 1, "input", ["unpack", "/nowhere/x.tar.gz"], names: "/nowhere/x.tar.gz"),
  ]

  @Test(arguments: failures)
  func `a failure is one document with its code and exit status`(_ failing: Failing) throws {
    let store = try TestStore()
    try store.activate(["1", "2"])
    _ = try store.archive(["VERSION": "3", "data": "xxxxxxxxx"], named: "good")
    try failing.prepare(store)
    let arguments = failing.arguments.map {
      $0 == "ARCHIVE" ? "\(store.directory)/good.tar.gz" : $0
    }
    let before = try store.facts()
    let run = try store.run(["--json"] + arguments)
    expectFailure(run, failing.status, failing.code, names: failing.names)
    #expect(withoutStagingTimes(before) == withoutStagingTimes(try store.facts()))
  }

  @Test func `a missing store and a directory without a store have one code`() throws {
    let store = try TestStore(initialized: false)
    expectFailure(try store.run(["--json", "list"]), 4, "noSuchStore", names: store.path)
    try FileManager.default.createDirectory(
      atPath: store.path, withIntermediateDirectories: false)
    let run = try store.run(["--json", "list"])
    expectFailure(run, 4, "noSuchStore", names: ".releases")
    #expect(run.errors.contains("releases --store \(store.path) init"))
  }

  @Test func `a held lock is reported with its holder and does not stop list`() throws {
    let store = try TestStore()
    try store.activate(["1", "2"])
    let run = try store.run(
      ["--json", "rollback", "--wait", "0s"], launcher: ["flock", store.path + "/.releases/lock"])
    expectFailure(run, 5, "locked", names: "flock")
    #expect(store.current == "2")
    let list = try store.run(["list"], launcher: ["flock", store.path + "/.releases/lock"])
    #expect(list.status == 0, "looking never waits")
  }

  @Test func `differences found by verify are a result and not an error`() throws {
    let store = try TestStore()
    try store.activate(["1"])
    try store.write("releases/1/VERSION", "other")
    let run = try store.run(["--json", "verify"])
    #expect(run.status == 7)
    #expect(run.lines.count == 1)
    #expect(Set(try run.json.keys) == ["schema", "releases"])
  }

  // MARK: - Checks

  private func expectFailure(
    _ run: Releases.Run, _ status: Int32, _ code: String, names: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(run.status == status, "\(run.errors)", sourceLocation: sourceLocation)
    #expect(run.lines.count == 1, "\(run.output)", sourceLocation: sourceLocation)
    let document = (try? run.json) ?? [:]
    let isSwitch = document["outcome"] != nil
    #expect(
      Set(document.keys) == (isSwitch ? Keys.operation : ["schema", "error"]),
      sourceLocation: sourceLocation)
    let error = document["error"] as? [String: Any] ?? [:]
    #expect(Set(error.keys) == Keys.error, sourceLocation: sourceLocation)
    #expect(error["code"] as? String == code, sourceLocation: sourceLocation)
    #expect(error["exitStatus"] as? Int32 == status, sourceLocation: sourceLocation)
    #expect(
      (error["hint"] as? String)?.isEmpty == false, "no hint: \(run.errors)",
      sourceLocation: sourceLocation)
    let told = "\(error["message"] ?? "") \(error["cause"] ?? "")"
    #expect(told.contains(names), "\(told)", sourceLocation: sourceLocation)
    let message = error["message"] as? String ?? ""
    #expect(run.errors.contains("releases: error: \(message)"), sourceLocation: sourceLocation)
    #expect(!message.hasSuffix("."), "no final period", sourceLocation: sourceLocation)
  }
}

/// A stage that came and went changes the time of the directory it was in.
func withoutStagingTimes(_ facts: String) -> [Substring] {
  facts.split(separator: "\n").filter { !$0.hasPrefix(".releases/staging d ") }
}
