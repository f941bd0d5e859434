import Foundation
import TestSupport
import Testing

/// Directories in `releases/` that are not releases are reported, and no command changes them.
@Suite struct ForeignDirectoryTests {
  /// Returns a store of an older workflow, with directories of people beside the releases.
  private func makeStore(_ more: String = "") throws -> TestStore {
    try LegacyStore.make(
      """
      ln -s releases/1700000003 current
      for name in notes backup-2024 20241103; do mkdir releases/$name; echo mine > releases/$name/x; done
      mkdir releases/20241103120000; echo 1 > releases/20241103120000/VERSION
      \(more)
      """)
  }

  private static let releases = [
    "1700000001", "1700000002", "1700000003", "20241103120000",
  ]

  @Test func `init adopts only what a deployment workflow makes, and names the rest`() throws {
    let store = try makeStore()
    let planned = try store.expectSuccess(["init", "--dry-run"])
    let made = try store.expectSuccess(["init", "--json"])
    let adopted = try #require(try made.json["adopted"] as? [[String: Any]])
    #expect(adopted.compactMap { $0["id"] as? String } == Self.releases)
    #expect(
      planned.lines.filter { $0.hasPrefix("would adopt") }
        == Self.releases.map { "would adopt \($0)" })
    for run in [planned, made] {
      #expect(run.errors.contains("releases/{20241103, backup-2024, notes}"), "\(run.errors)")
      #expect(
        run.warningCommand("if it is a release, adopt it")
          == "releases --store \(store.path) init --adopt 20241103", "\(run.errors)")
    }
    #expect(try store.releases()["notes"]?["state"] as? String == "unknown")
  }

  @Test func `no command removes what was not adopted`() throws {
    let store = try makeStore()
    try store.expectSuccess(["init"])
    try store.publishAndActivate(["n1", "n2", "n3"])
    let mine = ["notes", "backup-2024", "20241103"]
    try store.expectSuccess(["prune", "--keep", "1", "--keep-within", "0d"])
    try store.expectSuccess(["init"])
    try store.expectSuccess(["recover"])
    for name in mine {
      #expect(try store.read("releases/\(name)/x") == "mine\n")
      let refused = try store.expectFailure(["remove", name], status: 3, code: "notReady")
      #expect(refused.hintCommand == "releases --store \(store.path) init --adopt \(name)")
    }
    #expect(try store.names("releases") == (mine + ["n2", "n3"]).sorted())
    let check = try store.run(["check"])
    #expect(check.output.contains("releases/{20241103, backup-2024, notes}"), "\(check.output)")
  }

  @Test func `the hint about a directory adopts it`() throws {
    let store = try makeStore()
    try store.expectSuccess(["init"])
    try store.runHint(of: try store.expectFailure(["activate", "notes"], status: 3))
    #expect(try store.releases()["notes"]?["state"] as? String != "unknown")
    #expect(try store.releases()["backup-2024"]?["state"] as? String == "unknown")
    let again = try store.expectSuccess(["init", "--adopt", "notes", "--json"])
    #expect(try again.json["outcome"] as? String == "unchanged")
    try store.expectConsistent()
  }

  @Test(arguments: ["adopt", "prune"])
  func `names of the shape of the live release are adopted`(_ use: String) throws {
    let store = try LegacyStore.make(
      """
      for i in 1 2 10; do cp -r releases/1700000001 releases/v1.0.$i; done; mkdir releases/v1-notes
      touch -d @1600000000 releases/v1.0.1; touch -d @1600000001 releases/v1.0.2
      ln -s "$0/releases/v1.0.10/bin" previous; ln -s previous/.. current
      """)
    try store.expectSuccess(["init"])
    let known = try store.releases().filter { $0.value["state"] as? String != "unknown" }.keys
    #expect(known.filter { $0.hasPrefix("v") }.sorted() == ["v1.0.1", "v1.0.10", "v1.0.2"])
    #expect(store.exists("releases/v1-notes"))
    try store.expectConsistent()
  }

  /// Names given to `--adopt`, and what the refusal says.
  private static let unsuitable = [
    ("typo", "no directory of that name"), ("releases/notes/", "no directory of that name"),
    ("../shared", "no directory of that name"), ("web", "is a symbolic link to /srv"),
    ("other", "is a symbolic link to notes"), ("v1.2.3+5", "a release ID has only letters"),
    ("has space", "a release ID has only letters"), ("note.txt", "no directory of that name"),
  ]

  @Test(arguments: unsuitable, [true, false])
  func `a name that can't be adopted is refused before anything changes`(
    _ row: (name: String, message: String), isNew: Bool
  ) throws {
    let store = try makeStore(
      """
      ln -s /srv releases/web; ln -s notes releases/other; mkdir releases/v1.2.3+5 'releases/has space'
      echo x > releases/note.txt
      """)
    if !isNew { try store.expectSuccess(["init"]) }
    let before = try store.fileSystemState()
    for arguments in [["init", "--adopt", row.name], ["init", "-n", "--adopt", row.name]] {
      let run = try store.run(["--json"] + arguments)
      #expect(run.status == 3 || run.status == 4, "\(run.errors)")
      #expect(run.errors.contains(row.message), "\(run.errors)")
      #expect(
        ignoringStagingTimes(try store.fileSystemState()) == ignoringStagingTimes(before),
        "\(arguments)")
    }
    let run = try store.run(["--json", "init", "--adopt", row.name])
    if row.name != "web" { try store.runHint(of: run) }
    if row.name == "v1.2.3+5" { #expect(try store.ids().contains("v1.2.3-5")) }
    if row.name == "has space" { #expect(try store.ids().contains("has-space")) }
  }

  @Test func `the hint about the live directory leaves something live`() throws {
    let store = try makeStore("mkdir releases/v1.2.3+5; echo x > releases/v1.2.3+5/x")
    try store.makeLink("current", to: "releases/v1.2.3+5")
    try store.runHint(of: try store.expectFailure(["init", "--adopt", "v1.2.3+5"], status: 3))
    #expect(store.current == "v1.2.3-5")
    #expect(try store.releases()["v1.2.3-5"]?["live"] as? Bool == true)
    #expect(store.exists("releases/v1.2.3+5/x"), "the service may still run there")
    try store.expectConsistent()
  }

  @Test(arguments: ["entry", "entry and manifest", "entry is corrupt"])
  func `init repairs the lost catalog entry of a release of any name`(_ loss: String) throws {
    let store = try TestStore()
    try store.publishAndActivate(["spring", "notes", "winter"])
    try Program.expect(["mkdir", "\(store.path)/releases/foreign"])
    switch loss {
    case "entry is corrupt": try store.write(".releases/catalog/spring.json", "{}")
    case "entry": try store.remove(".releases/catalog/spring.json")
    default:
      try store.remove(".releases/catalog/spring.json")
      try store.remove(".releases/manifests/spring.mtree")
    }
    let run = try store.expectSuccess(["init"])
    #expect(run.output.contains("spring"), "\(run.output)")
    #expect(try store.releases()["spring"]?["state"] as? String != "unknown")
    #expect(try store.releases()["foreign"]?["state"] as? String == "unknown")
    #expect(try store.ids() == ["winter", "notes", "spring", "foreign"], "the order is kept")
  }

  @Test func `a release that was removed is not adopted again when its name is used by hand`()
    throws
  {
    let store = try TestStore()
    try store.publishAndActivate(["a", "b", "c"])
    try store.expectSuccess(["remove", "a"])
    try store.write("releases/a/mine", "x")
    try store.expectSuccess(["init"])
    #expect(try store.releases()["a"]?["state"] as? String == "unknown")
    try store.expectSuccess(["prune", "--keep", "1", "--keep-within", "0d"])
    #expect(store.exists("releases/a/mine"))
  }

  @Test func `a symbolic link in releases is named as such`() throws {
    let store = try makeStore("ln -s 1700000002 releases/old; ln -s /srv releases/web")
    let run = try store.expectSuccess(["init"])
    #expect(
      run.errors.contains("old (a link to 1700000002), web (a link to /srv)"), "\(run.errors)")
    let refused = try store.expectFailure(["activate", "old"], status: 4, code: "noSuchRelease")
    #expect(
      refused.errors.contains("releases/old is a symbolic link to 1700000002, not a release"))
    try store.runHint(of: refused)
    try store.makeLink("current", to: "releases/web")
    let check = try store.run(["check"])
    #expect(
      check.output.contains("current points to releases/web, which is a symbolic link to /srv"),
      "\(check.output)")
  }
}
