import Foundation
import Testing

/// What limits of the process, of the journal's slots, or of those who read meanwhile may do.
@Suite struct LimitTests {
  @Test(arguments: ["a\u{301}", "👨‍👩‍👧‍👦", "\u{1}", "\"", "x"])
  func `a reason of any length and script never blocks the journal`(_ unit: String) throws {
    let store = try TestStore()
    try store.activate(["1"])
    // Some of these begin an entry that fits its slot; all of them have to end.
    for length in stride(from: 100, through: 3900, by: 100) {
      let padding = String(repeating: "\u{301}", count: unit == "a\u{301}" ? length / 2 : 0)
      let text = String(repeating: unit, count: length / unit.utf8.count) + padding
      let run = try store.run(["pin", "1", "--reason", text])
      try #require(run.status == 0, "\(length): \(run.errors)")
    }
    try store.expectDone(["recover"])
  }

  @Test func `a switch beyond the file size limit reports its real outcome`() throws {
    let store = try TestStore()
    try store.activate(["1"])
    try store.publish("2")
    for blocks in 0...8 {
      let limited = ["bash", "-c", "ulimit -f \(blocks); exec \"$@\"", "bash"]
      let run = try store.run(["activate", "2"], launcher: limited)
      #expect([0, 1, 11].contains(run.status), "\(blocks): \(run)")
      let before = store.current
      try store.expectDone(["recover"])
      if run.status == 1 { #expect(store.current == before, "as it was, and stays so") }
      try store.expectDone(["activate", "1"])
    }
  }

  @Test func `list shows a release as a whole or not at all`() throws {
    let store = try TestStore()
    try store.activate(["1"])
    let archive = try store.archive(["VERSION": "n", "a/b": "c"])
    let slow = [
      "strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync", "-e",
      "inject=fsync:delay_exit=50000",
    ]
    let writing = Thread {
      for _ in 0..<3 {
        _ = try? store.run(["unpack", archive, "--id", "n"], launcher: slow)
        _ = try? store.run(["remove", "n"], launcher: slow)
      }
      try? store.write("done", "")
    }
    writing.start()
    while !store.exists("done") {
      #expect(try Set(store.releases().values.map { $0["state"] as? String }) == ["ready"])
      let verified = try store.run(["verify", "--all"])
      #expect(verified.status == 0, "\(verified.output)")
    }
  }

  @Test func `a directory of the store that others can write to is refused`() throws {
    let store = try TestStore()
    try store.activate(["1"])
    try store.publish("2")
    for name in ["", "releases", ".releases", ".releases/catalog"] {
      let path = "\(store.path)/\(name)"
      try Program.expect(["chmod", "g+w", path])
      try store.expectFailure(["activate", "2"], status: 3, code: "unsafeOwner")
      try Program.expect(["chmod", "g-w", path])
    }
    guard geteuid() == 0 else { return }
    // A plain `chown USER` leaves the group: root's is not for the owner to act with.
    try Program.expect(["chown", "-R", "65533:0", store.path])
    try store.expectDone(["activate", "2"])
    let made = try Program.expect(["stat", "-c", "%u %g", "\(store.path)/.releases/catalog/2.json"])
    #expect(made.output == "65533 65534\n")
    try Program.expect(["chown", "-R", "0:0", store.path])
    for name in [".releases", ".releases/catalog", ".releases/staging"] {
      let path = "\(store.path)/\(name)"
      try Program.expect(["chown", "65533", path])
      try store.expectFailure(["unpack", "/dev/null"], status: 3, code: "unsafeOwner")
      try Program.expect(["chown", "0", path])
    }
  }

  @Test(arguments: ["history.jsonl", "freeze.json", "catalog/1.json", "manifests/1.mtree"])
  func `a FIFO in place of a file does not block a command`(_ name: String) throws {
    let store = try TestStore()
    try store.activate(["1"])
    let file = "\(store.path)/.releases/\(name)"
    try Program.expect(["rm", "-f", file])
    try Program.expect(["mkfifo", file])
    for arguments in [["list"], ["history"], ["check"], ["verify"], ["pin", "1", "--reason", "x"]] {
      let run = try store.run(arguments, launcher: ["timeout", "10"])
      #expect(run.status != 124, "\(arguments)")
    }
  }

  @Test func `a relative path in a deleted directory is no store`() throws {
    let store = try TestStore()
    let run = try Program.run(
      [
        "bash", "-c", "mkdir gone && cd gone && rmdir ../gone && env -u PWD \"$@\"", "bash",
        Releases.binary, "--store", "x", "init",
      ], directory: store.directory)
    #expect(run.status == 4, "\(run)")
  }

  @Test func `a store variable that is not UTF-8 is refused`() throws {
    let run = try Program.run(
      ["bash", "-c", "RELEASES_STORE=$'/nowhere/\\xff' \"$0\" list", Releases.binary])
    #expect(run.status == 2 && run.errors.contains("RELEASES_STORE"), "\(run.errors)")
  }
}
