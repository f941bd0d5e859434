import Foundation
import Glibc
import TestSupport
import Testing

/// What commands that start, stop or remove instances say and refuse.
@Suite(.enabled(if: PrivateHost.isPossible, PrivateHost.comment))
struct InstanceSwitchTests {
  let store: TestStore

  init() throws {
    store = try Self.makeStore()
    try configure()
  }

  @Test func `recovery at boot leaves the start to the unit that root has enabled`() throws {
    link(to: "2.sock")
    let denied = "echo 'Access denied' >&2; exit 4"
    let without = try store.runCopy(
      ["recover", "--boot"], launcher: try host(running: [], stop: denied, sudo: "exit 1"))
    #expect(without.errors.contains("can't start the instance of 2: Access denied"), "\(without)")
    let with = try store.runCopy(
      ["recover", "--boot"],
      launcher: try host(running: [], stop: denied, starter: "enabled", sudo: "exit 1"))
    #expect(with.status == 0)
    #expect(
      (with.output + with.errors).contains("the start of the instance of 2 to app-start.service"),
      "\(with)")
    #expect(!with.errors.contains("Access denied"), "\(with)")
  }

  @Test func `a release whose socket is closed to the owner is not marked bad`() throws {
    try configure("health: {url: 'http://localhost/', timeout: 1s, interval: 1s}")
    let sockets = [try ListeningSocket("\(run)/1.sock"), try ListeningSocket("\(run)/2.sock")]
    chmod("\(run)/1.sock", 0o700)
    link(to: "2.sock")
    let launcher = try host(running: ["2"])
    let run = try store.runCopy(["activate", "1", "--json"], launcher: launcher)
    let error = try #require(try run.json["error"] as? [String: Any])
    #expect(error["code"] as? String == "permission" && run.status == 1, "\(run)")
    let text = "\(run.output)\(run.errors)"
    for words in ["may not connect to", "belongs to root:root and has mode 0700", "UMask="] {
      #expect(text.contains(words), "\(words) is not in \(text)")
    }
    #expect(store.current == "2")
    let list = try store.runCopy(["list", "--json"], launcher: launcher).json
    let states = (list["releases"] as? [[String: Any]] ?? []).map { $0["state"] as? String }
    #expect(states == ["ready", "ready"])
    withExtendedLifetime(sockets) {}
  }

  @Test func `remove says what keeps an instance, and what helps`() throws {
    try store.write("releases.yaml", "keep: {count: 9}\n")
    try store.publishAndActivate(["3", "4"])
    try configure()
    link(to: "4.sock")
    func refusal(_ launcher: [String]) throws -> String {
      let run = try store.runCopy(["remove", "1"], launcher: launcher)
      #expect(run.status == 3, "\(run)")
      return run.errors
    }
    let runs = try refusal(try host(running: ["1", "4"]))
    #expect(runs.contains("release 1 is in use: its instance runs"), "\(runs)")
    #expect(runs.contains("releases") && runs.contains("recover"), "\(runs)")
    unlink("\(run)/live.sock")
    link(to: "1.sock")
    let serves = try refusal(try host(running: ["1"]))
    #expect(serves.contains("release 1 is in use: connections go to its instance"), "\(serves)")
    #expect(serves.contains("status"), "\(serves)")
  }

  @Test func `a dry run says what would be started, checked, served and drained`() throws {
    let launcher = try host(running: ["2"])
    let run = try store.runCopy(["activate", "1", "--dry-run"], launcher: launcher)
    #expect(
      run.output == """
        would activate 1; 2 was live
        rollback target afterwards: 2
        would start app@1.service
        would check health, for up to 1m: connections at \(self.run)/1.sock
        would point \(self.run)/live.sock to \(self.run)/1.sock
        would stop app@2.service when its connections have ended, after at most 30s

        """, "\(run)")
  }

  @Test func `a dry run without overlap says what is rehearsed and stopped first`() throws {
    try configure("  overlap: false\n  rehearsal: trial@")
    let run = try store.runCopy(
      ["activate", "1", "--dry-run"], launcher: try host(running: ["2"]))
    let lines = run.output.split(separator: "\n").map(String.init)
    let order = [
      "would rehearse 1 with trial@1.service, and stop that again", "would stop app@2.service",
      "would start app@1.service",
    ]
    #expect(order.map { lines.firstIndex(of: $0) ?? -1 } == [2, 3, 4], "\(run.output)")
  }

  @Test func `activating the live release names the repair if its instance does not serve`() throws
  {
    let launcher = try host(running: ["2"])
    let broken = try store.runCopy(["activate", "2"], launcher: launcher)
    #expect(broken.status == 0)
    #expect(
      broken.output.contains(
        "its instance does not serve; start it, and point service.live to it: releases"),
      "\(broken)")
    let socket = try ListeningSocket("\(run)/2.sock")
    link(to: "2.sock")
    let fine = try store.runCopy(["activate", "2"], launcher: launcher)
    #expect(fine.output.contains("restart its instance: releases"), "\(fine)")
    withExtendedLifetime(socket) {}
  }

  @Test func `a release whose socket would be the link is refused`() throws {
    let archive = try store.archive(["VERSION": "3"], named: "app")
    try Program.expect(["chmod", "644", archive])
    let launcher = try host(running: ["2"])
    let run = try store.runCopy(
      ["deploy", archive, "--id", "live", "--json"], launcher: launcher)
    let error = try #require(try run.json["error"] as? [String: Any])
    #expect(run.status == 3 && error["code"] as? String == "configuration", "\(run)")
    #expect(store.current == "2")
  }

  @Test(arguments: [["activate", "1"], ["deploy", "app.tar.gz"]])
  func `a switch that must not roll back is refused before anything is unpacked`(
    command: [String]
  ) throws {
    let archive = try store.archive(["VERSION": "3"], named: "app")
    try Program.expect(["chmod", "644", archive])
    let launcher = try host(running: ["2"])
    let words = command.map { $0.hasSuffix(".gz") ? archive : $0 }
    let run = try store.runCopy(words + ["--no-rollback", "--json"], launcher: launcher)
    let error = try #require(try run.json["error"] as? [String: Any])
    #expect(run.status == 3 && error["code"] as? String == "notAllowed", "\(run)")
    #expect(try store.names("releases") == ["1", "2"])
  }
}

extension InstanceSwitchTests: InstanceHost {}
