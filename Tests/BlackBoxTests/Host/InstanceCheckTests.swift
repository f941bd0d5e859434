import Foundation
import Glibc
import TestSupport
import Testing

/// What `check` says about a host whose service has instances.
@Suite(.enabled(if: PrivateHost.isPossible, PrivateHost.comment))
struct InstanceCheckTests {
  let store: TestStore

  init() throws {
    store = try Self.makeStore()
    try configure()
  }

  private func checks(_ launcher: [String]) throws -> [[String: Any]] {
    try #require(
      try store.runCopy(["check", "--json"], launcher: launcher).json["findings"]
        as? [[String: Any]]
    )
  }

  private func messages(_ launcher: [String], _ level: String) throws -> [String] {
    try checks(launcher).filter { $0["level"] as? String == level }
      .compactMap { $0["message"] as? String }
  }

  @Test func `check reports no problem on a complete host`() throws {
    let socket = try ListeningSocket("\(run)/2.sock")
    link(to: "2.sock")
    let launcher = try host(running: ["2"])
    #expect(try messages(launcher, "problem") == [])
    let fine = try messages(launcher, "ok")
    for text in [
      "systemd knows the unit app@.service", "\(run)/live.sock can be replaced",
      "instances can be started and stopped", "recovery starts the live instance at boot",
    ] {
      #expect(fine.contains(text), "\(text) is not in \(fine)")
    }
    withExtendedLifetime(socket) {}
  }

  @Test func `check reports a template that systemd does not know`() throws {
    let found = try messages(try host(running: [], load: "not-found"), "problem")
    #expect(found.contains { $0.hasPrefix("systemd does not know the unit app@.service") })
  }

  @Test func `check reports an owner who may not stop instances`() throws {
    let launcher = try host(running: ["2"], stop: "echo 'Access denied' >&2; exit 4")
    let run = try store.runCopy(["check", "--json"], launcher: launcher)
    #expect(run.status == 10 || run.status == 11, "\(run)")
    #expect(
      try messages(launcher, "problem").contains {
        $0 == "backup can't start or stop instances: Access denied"
      })
  }

  @Test func `check reports that nothing starts after a reboot where the owner needs sudo`() throws
  {
    let denied = "echo 'Access denied' >&2; exit 4"
    let unit = "app-start.service"
    var found = try checks(try host(running: ["2"], stop: denied, sudo: "exit 0"))
    let warning = try #require(
      found.first { ($0["message"] as? String)?.contains("\(unit) is not enabled") ?? false })
    #expect(warning["level"] as? String == "warning")
    #expect((warning["hint"] as? String)?.contains("systemctl enable '\(unit)'") ?? false)
    found = try checks(
      try host(running: ["2"], stop: denied, starter: "enabled", sudo: "exit 0"))
    let fine = found.filter { $0["level"] as? String == "ok" }.map { $0["message"] as? String }
    #expect(fine.contains("\(unit) starts the live instance at boot"), "\(found)")
    // With a rule of polkit, recovery itself starts it.
    #expect(
      try messages(try host(running: ["2"], sudo: "exit 0"), "warning")
        .allSatisfy { !$0.contains(unit) })
  }

  @Test func `check reports a running instance whose socket is closed to the owner`() throws {
    let socket = try ListeningSocket("\(run)/2.sock")
    chmod("\(run)/2.sock", 0o700)
    link(to: "2.sock")
    let found = try checks(try host(running: ["2"]))
      .filter { $0["code"] as? String == "permission" }
    #expect(
      found.map { $0["message"] as? String } == [
        """
        backup may not connect to \(run)/2.sock: the socket \(run)/2.sock belongs to root:root and \
        has mode 0700
        """
      ])
    withExtendedLifetime(socket) {}
  }

  @Test func `the directory of a socket that is closed to the owner is named`() throws {
    try Program.expect(["mkdir", "-m", "700", "\(run)/2"])
    try store.write(
      "releases.yaml",
      "service: {unit: app@, socket: '\(run)/{id}/http.sock', live: \(run)/live.sock}\n")
    let socket = try ListeningSocket("\(run)/2/http.sock")
    link(to: "2/http.sock")
    let found = try messages(try host(running: ["2"]), "problem")
    #expect(
      found.contains {
        $0.hasSuffix("the directory \(run)/2 belongs to root:root and has mode 0700")
      }, "\(found)")
    withExtendedLifetime(socket) {}
  }

  @Test func `check tries only an instance that does not exist`() throws {
    let log = "\(store.directory)/asked"
    let launcher = try host(running: ["2"], stop: "echo \"$@\" >> \(log)")
    try Program.expect(["install", "-m", "666", "/dev/null", log])
    _ = try checks(launcher)
    let asked = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n")
    #expect(
      Set(asked) == [
        "--no-ask-password stop -- app@releases-check.service",
        "--no-ask-password reset-failed -- app@releases-check.service",
      ])
  }

  @Test func `check reports a directory of the link that the owner can't change`() throws {
    try Program.expect(["chown", "0:0", run])
    let found = try messages(try host(running: ["2"]), "problem")
    #expect(
      found.contains("\(run), the directory of service.live, can't be changed"), "\(found)")
  }

  @Test func `check compares the memory with what a second instance needs`() throws {
    try configure("  memory: 100TB")
    let found = try checks(try host(running: ["2"])).filter { $0["subject"] as? String == "memory" }
    #expect(found.count == 1 && found[0]["code"] as? String == "noMemory")
  }
}

extension InstanceCheckTests: InstanceHost {}
