import Foundation
import TestSupport
import Testing

/// A person or a failing disk damaged the store's own files: the file is named, nothing else is
/// harmed, and the store works after the repair.
@Suite struct DamagedFileTests {
  enum Replacement: String, CaseIterable, Sendable { case file, danglingLink, nothing }

  static let readingCommands = [["list"], ["status"], ["history"], ["check"], ["verify", "--all"]]

  @Test(
    arguments: ["releases", ".releases", "catalog", "manifests", "staging", "trash"],
    Replacement.allCases)
  func `a control directory that is a file is reported by name`(
    _ name: String, _ replacement: Replacement
  ) throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    let path = name.hasSuffix("releases") ? name : ".releases/\(name)"
    try FileManager.default.moveItem(
      atPath: "\(store.path)/\(path)", toPath: "\(store.directory)/aside")
    switch replacement {
    case .file: try store.write(path, "x")
    case .danglingLink:
      try FileManager.default.createSymbolicLink(
        atPath: "\(store.path)/\(path)", withDestinationPath: "nowhere")
    case .nothing: break
    }
    let before = try store.fileSystemState()
    for arguments in Self.readingCommands + [["rollback"]] {
      let run = try store.run(arguments)
      expectNoCrash(run, [0, 1, 3, 4, 7])
      if [1, 3, 4].contains(run.status) {
        let output = run.output + run.errors
        #expect(output.contains("\(store.path)/\(path)") || output.contains(path), "\(output)")
        #expect(output.contains("hint:"), "\(arguments): \(output)")
      }
    }
    #expect(before == (try store.fileSystemState()))
    if replacement != .nothing { try store.remove(path) }
    try FileManager.default.moveItem(
      atPath: "\(store.directory)/aside", toPath: "\(store.path)/\(path)")
    try store.expectSuccess(["rollback"])
    #expect(store.current == "1")
    try store.expectConsistent()
  }

  @Test(arguments: ["zeros", "noise", "short", "empty", "missing"])
  func `a lost or corrupt journal is rebuilt from the links`(_ damage: String) throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    switch damage {
    case "zeros": try store.write(".releases/lock", String(repeating: "\0", count: 8192))
    case "noise": for offset in [40, 4136] { try store.flip(".releases/lock", at: UInt64(offset)) }
    case "short": try store.write(".releases/lock", "{\"format\":1")
    case "empty": try store.write(".releases/lock", "")
    default: try store.remove(".releases/lock")
    }
    let before = try store.fileSystemState()
    for arguments in Self.readingCommands {
      let run = try store.run(arguments)
      #expect(run.status == (arguments == ["status"] ? 7 : 0), "\(arguments): \(run)")
    }
    #expect(try store.run(["check"]).output.contains("releases --store \(store.path) recover"))
    #expect(before == (try store.fileSystemState()), "reading repairs nothing")
    let run = try store.expectSuccess(["pin", "1", "--reason", "x"])
    #expect(run.errors.contains("rebuilt from the links"), "the repair is reported")
    #expect(try store.expectSuccess(["history"]).output.contains("rebuild"))
    try store.expectSuccess(["rollback"])
    #expect(store.current == "1")
    try store.expectConsistent()
  }

  @Test(arguments: [0, 1])
  func `a journal with one corrupt slot uses the other`(_ slot: Int) throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    try store.flip(".releases/lock", at: UInt64(slot * 4096 + 100))
    try store.expectSuccess(["recover"])
    #expect(store.current == "2")
    #expect(store.previous == "1")
    let history = try store.expectSuccess(["history", "--json"]).json
    #expect((history["damagedLines"] as? [Int])?.isEmpty == true)
    try store.expectSuccess(["rollback"])
    #expect(store.current == "1")
  }

  @Test func `a corrupt line of the history is skipped and reported`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    let count = try store.read(".releases/history.jsonl").split(separator: "\n").count
    let first = try store.read(".releases/history.jsonl").split(separator: "\n")[0].utf8.count
    try store.flip(".releases/history.jsonl", at: UInt64(first + 30))
    let run = try store.expectSuccess(["history", "--json"])
    #expect(run.errors.contains("line 2"))
    #expect(try run.json["damagedLines"] as? [Int] == [2])
    #expect((try run.json["entries"] as? [Any])?.count == count - 1)
    #expect(try store.run(["check"]).output.contains("\(store.path)/.releases/history.jsonl"))
    try store.expectSuccess(["rollback"])
  }

  @Test func `recover completes a truncated line of the history`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    let whole = try store.read(".releases/history.jsonl")
    try store.write(".releases/history.jsonl", String(whole.dropLast(20)))
    try store.expectSuccess(["recover"])
    #expect(try store.read(".releases/history.jsonl") == whole, "the journal has the line")
  }

  @Test func `init adopts a release with a corrupt catalog entry again`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    try store.flip(".releases/catalog/1.json", at: 30)
    let before = try store.fileSystemState()
    #expect(try store.releases()["1"]?["state"] as? String == "damaged")
    #expect(try store.run(["check"]).output.contains("releases --store \(store.path) init"))
    #expect(try store.run(["verify", "1"]).status == 7)
    try store.expectFailure(["rollback"], status: 3)
    try store.expectFailure(["pin", "1", "--reason", "x"], status: 1, code: "damaged")
    try store.expectSuccess(["prune", "--keep", "1", "--keep-within", "0d"])
    #expect(before == (try store.fileSystemState()))
    try store.expectSuccess(["init"])
    try store.expectSuccess(["rollback", "--to", "1"])
    try store.expectConsistent()
  }

  @Test(arguments: ["flipped", "truncated", "missing"])
  func `a release with a corrupt manifest does not go live`(_ damage: String) throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    let manifest = ".releases/manifests/1.mtree"
    switch damage {
    case "flipped": try store.flip(manifest, at: 60)
    case "truncated": try store.write(manifest, String(try store.read(manifest).dropLast(9)))
    default: try store.remove(manifest)
    }
    let before = try store.fileSystemState()
    let verified = try store.run(["verify", "1"])
    #expect(verified.status == 7)
    #expect(verified.output.contains(manifest))
    for arguments in [["activate", "1"], ["rollback"], ["rollback", "--verify"]] {
      let run = try store.expectFailure(arguments, status: 3, code: "notWhole")
      #expect(run.errors.contains(manifest) && run.errors.contains("hint:"))
    }
    #expect(before == (try store.fileSystemState()))
    try store.expectSuccess(["rollback", "--force"])
    #expect(store.current == "1")
  }

  @Test(arguments: [
    ("keep: {count: 3\n", "releases.yaml:1:7"), ("keep:\n\tcount: 3\n", "releases.yaml:2:1"),
    ("keep:\n  count: many\n", "releases.yaml:2:10"), ("\u{1}", "releases.yaml:1:1"),
    ("helth: {url: 'http://localhost'}\n", "releases.yaml:1:1"), ("- 1\n", "releases.yaml:1:1"),
  ])
  func `an invalid configuration is reported with line and column`(text: String, place: String)
    throws
  {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    try store.write("releases.yaml", text)
    let before = try store.fileSystemState()
    let archive = try store.archive(["VERSION": "3"])
    for arguments in [["rollback"], ["unpack", archive], ["prune"], ["activate", "1"]] {
      let run = try store.expectFailure(arguments, status: 3, code: "configuration")
      #expect(run.errors.contains("\(store.path)/\(place):"), "\(run.errors)")
      #expect(run.errors.contains("hint:"), "\(run.errors)")
    }
    #expect(try store.run(["check"]).status == 3)
    for arguments in [["list"], ["history"]] { try store.expectSuccess(arguments) }
    let status = try store.run(["status"])
    #expect(status.status == 7 && status.output.contains(place), "\(status)")
    #expect(before == (try store.fileSystemState()))
    try store.remove("releases.yaml")
    try store.expectSuccess(["rollback"])
  }

  @Test(arguments: ["history.jsonl", "freeze.json", "catalog/1.json", "manifests/1.mtree"])
  func `a FIFO in place of a file does not block a command`(_ name: String) throws {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    let file = "\(store.path)/.releases/\(name)"
    try Program.expect(["rm", "-f", file])
    try Program.expect(["mkfifo", file])
    for arguments in [["list"], ["history"], ["check"], ["verify"], ["pin", "1", "--reason", "x"]] {
      let run = try store.run(arguments, launcher: ["timeout", "10"])
      #expect(run.status != 124, "\(arguments)")
    }
  }
}

/// Checks that the program chose its exit status and did not crash.
private func expectNoCrash(
  _ run: Releases.Run, _ statuses: Set<Int32>, sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(
    statuses.contains(run.status), "\(run.status): \(run.errors)", sourceLocation: sourceLocation)
}
