import Foundation
import TestSupport
import Testing

/// Where init makes a store, and what it refuses.
@Suite struct InitTests {
  @Test(arguments: ["missing", "empty", "unrelated"])
  func `init makes a store and a second init changes nothing`(_ place: String) throws {
    let store = try TestStore(initialized: false)
    if place != "missing" { try Program.expect(["mkdir", store.path]) }
    if place == "unrelated" {
      try store.write("src/main.py", "print()")
      try store.write("README", "x")
    }
    try store.expectSuccess(["init", "--dry-run"])
    #expect(!store.exists(".releases"))
    #expect(try store.expectSuccess(["init", "--json"]).json["outcome"] as? String == "made")
    let others = place == "unrelated" ? ["README", "src"] : []
    #expect(try store.names("") == ([".releases", "releases", "releases.yaml"] + others).sorted())
    if place == "unrelated" { #expect(try store.read("src/main.py") == "print()") }
    let before = try store.fileSystemState()
    #expect(try store.expectSuccess(["init", "--json"]).json["outcome"] as? String == "unchanged")
    #expect(try store.fileSystemState() == before)
    try store.publishAndActivate(["1"])
    try store.expectConsistent()
  }

  @Test func `init writes a commented configuration and says what to do next`() throws {
    let store = try TestStore(initialized: false)
    let text = try store.expectSuccess(["init"]).output
    #expect(text.contains("next: set hooks and health in \(store.path)/releases.yaml, then run:\n"))
    let commands = text.components(separatedBy: "\n").filter { $0.hasPrefix("  ") }
    #expect(
      commands == [
        "  releases --store \(store.path) check",
        "  releases --store \(store.path) deploy ARCHIVE --ref REF",
      ])
    let configuration = try store.read("releases.yaml")
    #expect(configuration.contains("#hooks:") && configuration.hasPrefix("# "))
    try store.expectSuccess(["check"])
    let again = try store.expectSuccess(["init", "--json"])
    #expect(try again.json["next"] as? [String] == [])
    // What a person has removed or written is left alone.
    try store.remove("releases.yaml")
    try store.expectSuccess(["init"])
    #expect(!store.exists("releases.yaml"))
  }

  @Test(arguments: ["releases.yaml", "releases.yml"])
  func `init keeps a configuration that is there`(name: String) throws {
    let store = try TestStore(initialized: false)
    try Program.expect(["mkdir", store.path])
    try store.write(name, "keep: {count: 9}\n")
    try store.expectSuccess(["init"])
    #expect(try store.names("") == [".releases", "releases", name])
    #expect(try store.read(name) == "keep: {count: 9}\n")
    let check = try store.expectSuccess(["check"]).output
    #expect(check.contains("releases.yml is not read") == (name == "releases.yml"))
    let run = try store.run(["deploy", try store.packRelease("x")])
    #expect(run.status == 0)
    #expect(run.errors.contains("releases.yml is not read") == (name == "releases.yml"))
    if name == "releases.yml" {
      let command = try #require(run.errors.components(separatedBy: "rename it: ").last)
      try Program.expect(["sh", "-ec", command])
      #expect(try store.read("releases.yaml") == "keep: {count: 9}\n")
    }
  }

  @Test func `the hint of init creates the missing parent directories`() throws {
    let store = try TestStore(initialized: false)
    let path = "\(store.path)/a/b"
    let run = try Releases.run(["--store", path, "--json", "init"])
    #expect(run.status == 4)
    try store.runHint(of: run)
    #expect(try Releases.run(["--store", path, "list"]).status == 0)
  }

  @Test func `init refuses a path that is a file`() throws {
    let store = try TestStore(initialized: false)
    try Data("precious".utf8).write(to: URL(fileURLWithPath: store.path))
    for arguments in [["init"], ["init", "--dry-run"]] {
      let run = try store.expectFailure(arguments, status: 4, code: "noSuchStore")
      #expect(run.errors.contains("\(store.path) exists and is not a directory"))
      let hint = "  mv -T \(store.path) \(store.path).old && releases --store \(store.path) init"
      #expect(run.errors.contains(hint), "\(run.errors)")
    }
    #expect(try String(contentsOfFile: store.path, encoding: .utf8) == "precious")
  }

  @Test(.enabled(if: User.isRoot, "only root can become another user"), arguments: [true, false])
  func `init without permission creates nothing`(isThere: Bool) throws {
    let store = try TestStore(initialized: false)
    if isThere { try Program.expect(["mkdir", store.path]) }
    let run = try store.runAsNobody(["init"])
    #expect(run.status == 1, "\(run.errors)")
    #expect(run.errors.contains("permission denied") && run.errors.contains(store.path))
    #expect(run.errors.contains("hint: run it as the owner"))
    #expect(!store.exists(".releases"))
  }

  /// Obstacles in a store, and the path under which their content is kept.
  static let obstacles: [(name: String, script: String, kept: String)] = [
    ("current", "mkdir current; echo only > current/copy", "current/copy"),
    ("current", "mkdir current previous; echo only > previous/copy", "previous/copy"),
    ("current", "echo only > current", "current.old"),
    ("current", "rm -r releases; mkdir current; echo only > current/copy", "current/copy"),
    (
      "releases",
      "mv releases ../elsewhere; ln -s ../elsewhere releases; echo only > ../elsewhere/1700000001/x",
      "releases/1700000001/x"
    ),
    ("releases", "mv releases r; echo only > releases", "releases.old"),
    ("releases", "mv releases r; ln -s gone releases; echo only > kept", "kept"),
    (".releases", "echo only > .releases", ".releases.old"),
  ]

  @Test(arguments: obstacles.indices)
  func `init refuses an obstacle, and its hint removes it`(_ index: Int) throws {
    let (name, script, kept) = Self.obstacles[index]
    let store = try LegacyStore.make(script)
    let before = try store.fileSystemState()
    for _ in 1...2 {
      let run = try store.run(["--json", "init"])
      if run.status == 0 { break }
      #expect(run.status == 3 && run.errors.contains("\(store.path)/"), "\(run.errors)")
      let first = try store.expectFailure(["init", "--dry-run"], status: 3, code: "notALink")
      #expect(first.errors.contains("\(store.path)/\(name)") || kept.hasPrefix("previous"))
      try store.runHint(of: run, mayFail: kept.hasPrefix("previous"))
    }
    #expect(try store.fileSystemState() != before)
    #expect(try store.run(["init", "--json"]).json["outcome"] as? String == "unchanged")
    #expect(try store.read(kept) == "only\n")
    try store.publishAndActivate(["new"])
    #expect(store.current == "new")
    try store.expectConsistent()
  }
}
