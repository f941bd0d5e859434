import Foundation
import Testing

/// The same, by the numbers of PEERS.md: what is in a release, names and clocks.
@Suite struct PeerDefectContentTests {
  @Test func `a release unpacked after the clock was set back is the newest`() throws {
    let store = try TestStore(initialized: false)
    for id in ["4000000000", "4000000001"] { try store.write("releases/\(id)/VERSION", id) }
    try store.makeLink("current", to: "releases/4000000001")
    try store.makeLink("previous", to: "releases/4000000000")
    try store.expectDone(["init"])
    let archive = try store.archive(["VERSION": "new"])
    let id = try #require(try store.expectDone(["unpack", archive]).lines.first)
    #expect(id == "4000000002", "one more than the newest, whatever the clock says")
    try store.publish("0-named-to-sort-first")
    try store.expectDone(["activate", "latest"])
    #expect(store.current == "0-named-to-sort-first")
    try store.expectDone(["prune", "--keep", "2", "--keep-within", "0d"])
    #expect(try store.names("releases") == ["0-named-to-sort-first", "4000000001", id])
    try store.expectSettled()
  }

  @Test func `prune ignores directories that are no releases`() throws {
    let store = try TestStore()
    try store.activate(["1", "2", "3"])
    let strays = ["9999999999", "backup of monday", "lost+found", "notes.txt", ".hidden"]
    for name in strays where name != "notes.txt" { try store.write("releases/\(name)/x", "x") }
    try store.write("releases/notes.txt", "x")
    #expect(
      try Set(store.releases().filter { $1["state"] as? String == "ready" }.keys) == [
        "1", "2", "3",
      ])
    try store.expectDone(["activate", "latest"])
    #expect(store.current == "3")
    try store.expectFailure(["activate", "9999999999"], status: 3, code: "notReady")
    try store.expectDone(["prune", "--keep", "2", "--keep-within", "0d"])
    #expect(try store.names("releases") == (strays + ["2", "3"]).sorted())
  }

  @Test func `list and rollback work without a history`() throws {
    let store = try TestStore()
    try store.activate(["1", "2", "3"])
    try Program.expect(["rm", "\(store.path)/.releases/history.jsonl"])
    #expect(try store.releases().count == 3)
    try store.expectDone(["rollback"])
    try store.expectDone(["rollback"])
    #expect(store.current == "1")
    try store.expectSettled()
  }

  @Test func `a published release does not contain the path of its stage`() throws {
    let store = try TestStore()
    try store.write("releases.yaml", "shared: {directories: [logs, var/cache], files: []}\n")
    let archive = try store.archive(["VERSION": "1", "bin/run": "#!/bin/sh\n", "logs/old": "x"])
    try store.expectDone(["unpack", archive, "--id", "1"])
    try store.expectDone(["activate", "1"])
    let searched = try Program.run(
      [
        "grep", "-rlE", "staging/[^ ]*-|/tree/", "\(store.path)/releases",
        "\(store.path)/.releases/catalog",
        "\(store.path)/.releases/manifests",
      ])
    #expect(searched.output == "")
    let links = try Program.run(["find", "\(store.path)/releases", "-type", "l", "-printf", "%l\n"])
    #expect(links.lines.sorted() == ["../../../shared/var/cache", "../../shared/logs"])
  }

  @Test func `a release whose prepare hook fails never goes live`() throws {
    let store = try TestStore()
    try store.activate(["1"])
    try store.write("releases.yaml", "hooks: {prepare: {run: uv-of-no-host sync --frozen}}\n")
    try store.expectFailure(
      ["unpack", try store.archive(["VERSION": "2"]), "--id", "2"], status: 1,
      code: "prepareFailed")
    try store.expectFailure(["activate", "2"], status: 3, code: "notReady")
    try store.expectDone(["activate", "latest"])
    #expect(store.current == "1")
  }

  @Test(arguments: ["link", "file", "directory"])
  func `left-over temporary links never block a switch`(kind: String) throws {
    let store = try TestStore()
    try store.activate(["1", "2"])
    let names = [
      ".current.0123abcd", ".previous.0123abcd", ".current.tmp", ".current", "current.new",
      "current_tmp", "current-tmp", "current~", ".current.00000000", ".previous.FFFFFFFF",
    ]
    for name in names {
      switch kind {
      case "link": try store.makeLink(name, to: "releases/1")
      case "file": try store.write(name, "x")
      default: try store.write("\(name)/x", "x")
      }
    }
    try store.expectDone(["rollback"])
    try store.expectDone(["activate", "2", "--force"])
    #expect(store.link("current") == "releases/2")
    #expect(store.previous == "1")
    let left = try store.names("")
    #expect(left.contains("current.new") && left.contains(".current.tmp"), "not ours")
    if kind != "link" {
      #expect(Set(names).isSubset(of: left), "ours are links, so these are somebody's")
    }
  }

  @Test func `a clock in doubt does not fail prune`() throws {
    let store = try TestStore()
    try store.activate(["1", "2", "3", "4"])
    try store.setLastChange("2099-01-01T00:00:00Z")
    let run = try store.expectDone(["prune", "--keep", "1"])
    #expect(run.errors.contains("the clock is behind the last change"))
    #expect(try store.names("releases") == ["1", "2", "3", "4"])
    try store.expectDone(["prune", "--keep", "1", "--keep-within", "0d"])
    #expect(try store.names("releases") == ["3", "4"], "told to look at the count alone, it does")
  }

  @Test func `prune with dry-run reports what prune then removes`() throws {
    let store = try TestStore()
    try store.activate(["1", "2", "3"])
    let before = try store.facts()
    let arguments = ["prune", "--keep", "1", "--keep-within", "0d", "--json"]
    let planned = try store.expectDone(arguments + ["--dry-run"]).json
    #expect(try store.facts() == before)
    let done = try store.expectDone(arguments).json
    let decisions = { (json: [String: Any]) in json["decisions"] as? [[String: String]] }
    #expect(decisions(planned) == decisions(done))
    #expect(decisions(done)?.map { $0["action"] } == ["keep", "keep", "remove"])
  }

  @Test(arguments: ["tar.gz", "tar", "tar.zst", "tar.xz", "zip"])
  func `a truncated upload is never published`(format: String) throws {
    let store = try TestStore()
    let tree = "\(store.directory)/tree"
    try Program.expect(["mkdir", "-p", "\(tree)/src"])
    for name in ["a", "b", "src/c", "src/d"] {
      let random = try Program.expect(["head", "-c", "3000", "/dev/urandom"])
      try Data(random.output.utf8).write(to: URL(fileURLWithPath: "\(tree)/\(name)"))
    }
    let archive = "\(store.directory)/a.\(format)"
    let flags = format == "zip" ? ["--format", "zip"] : format == "tar" ? [] : ["-a"]
    try Program.expect(
      ["bsdtar", "-c", "-f", archive, "-C", tree] + flags + ["a", "b", "src"])
    let whole = try Data(contentsOf: URL(fileURLWithPath: archive))
    // A tar's own end is two empty blocks; what pads it after them says nothing.
    let end = whole.lastIndex { $0 != 0 }! + (format == "tar" ? 1 : 0)
    let lengths = Set(stride(from: 0, through: end, by: 512).map { $0 })
      .union([end - 1, end, end / 2, end / 3])
    for length in lengths.sorted() {
      let run = try store.run(["unpack", "-", "--id", "1"], input: whole.prefix(length))
      #expect(run.status == 6, "\(length) of \(whole.count) bytes: \(run.output)\(run.errors)")
    }
    #expect(try store.names("releases") == [])
    #expect(try store.releases().isEmpty)
    try store.expectSettled()
    try store.expectDone(["unpack", "-", "--id", "1"], input: whole)
  }

  @Test func `a release with a missing file does not go live`() throws {
    let store = try TestStore()
    try store.activate(["1", "2"])
    try store.publish("3")
    try Program.expect([
      "rm", "\(store.path)/releases/3/bin/run", "\(store.path)/releases/1/VERSION",
    ])
    for command in [["activate", "3"], ["rollback"]] {
      let refused = try store.expectFailure(command, status: 3, code: "notWhole")
      #expect(refused.errors.contains("is missing"))
    }
    #expect(store.current == "2")
    let verified = try store.run(["verify", "3", "--json"])
    #expect(verified.status == 7)
    let releases = try #require(try verified.json["releases"] as? [[String: Any]])
    #expect(releases.first?["missing"] as? [String] == ["bin/run"])
  }

  @Test func `verify finds changed content of the same size, mode and time`() throws {
    let store = try TestStore()
    try store.activate(["1", "2"])
    let file = "\(store.path)/releases/1/bin/run"
    let other = "\(store.directory)/other"
    try Program.expect(["cp", "-p", file, other])
    try Program.expect(["sed", "-i", "s/echo/ECHO/", file])
    try Program.expect(["touch", "-r", other, file])
    let verified = try store.run(["verify", "--all", "--json"])
    #expect(verified.status == 7)
    let releases = try #require(try verified.json["releases"] as? [[String: Any]])
    #expect(releases.map { $0["modified"] as? [String] } == [[], ["bin/run"]])
    try store.expectFailure(["activate", "1", "--verify"], status: 3, code: "notWhole")
    try store.expectFailure(["rollback", "--verify"], status: 3, code: "notWhole")
    #expect(store.current == "2")
  }
}
