import Configuration
import Foundation
import Glibc
import HostPrograms
import Linux
import ModelTestSupport
import ReleaseModel
import StoreSupport
import Testing
import Text

/// The wait for health ends when the release has died. A script stands in for systemctl; booted hosts
/// show the same with systemd.
@Suite struct FailFastTests {
  private let hooks: HookFixture

  init() throws { hooks = try HookFixture("1") }

  private static let before = [
    "ActiveState=active", "SubState=running", "StateChangeTimestampMonotonic=10",
    "InactiveExitTimestampMonotonic=10", "ExecMainPID=7", "ExecMainStartTimestampMonotonic=10",
    "ExecMainExitTimestampMonotonic=0", "NRestarts=0",
  ]
  private static let dead = [
    "ActiveState=activating", "SubState=auto-restart", "StateChangeTimestampMonotonic=22",
    "InactiveExitTimestampMonotonic=21", "ExecMainPID=8", "ExecMainStartTimestampMonotonic=21",
    "ExecMainExitTimestampMonotonic=22", "ExecMainCode=1", "ExecMainStatus=3", "NRestarts=0",
    "InvocationID=abc",
  ]

  private func write(_ properties: [String]) throws {
    try Data((properties.joined(separator: "\n") + "\n").utf8)
      .write(to: URL(fileURLWithPath: "\(hooks.path)/unit"))
  }

  /// Returns the directories of stand-ins for systemctl and journalctl, and of the other programs.
  private func programs() throws -> [String] {
    let log =
      "[ \"$7\" = _SYSTEMD_INVOCATION_ID=abc ] && printf 'starting\\nError: no schema\\nbye\\n'"
    _ = try hooks.standIn(for: "journalctl", log)
    return try hooks.standIn(for: "systemctl", "cat \(hooks.path)/unit") + HostProgram.directories
  }

  private func wait(
    _ health: Configuration.Health, services: [String], seconds: Double = 30,
    _ hook: () throws -> Void
  ) throws -> (report: HealthReport, seconds: Double) {
    let caller = CallerEnvironment(programDirectories: try programs())
    let before = LifeBaseline(
      health, services: services, in: try hooks.directories(), caller)
    try hook()
    let check = HealthCheck(
      health, services: services, of: HealthSubject(id: "1", previous: nil, ref: nil),
      in: try hooks.directories(), caller)
    let start = Clock.monotonicSeconds()
    let report = check.wait(since: before, stop: { nil }, onAttempt: { _ in })
    return (report, Clock.monotonicSeconds() - start)
  }

  private func unreachable(timeout: Int64) -> Configuration.Health {
    var health = Configuration.Health(probe: .http(.init(url: "http://127.0.0.1:9/")))
    health.timeout = TimeSpan(seconds: timeout)
    return health
  }

  @Test func `a death in the unit ends the wait and shows the log of that run`() throws {
    try write(Self.before)
    let (report, seconds) = try wait(unreachable(timeout: 60), services: ["web"]) {
      try write(Self.dead)
    }
    #expect(!report.isHealthy && seconds < 3)
    #expect(report.problem == "web's main process 8 exited with status 3")
    #expect(report.death?.lines == ["starting", "Error: no schema", "bye"])
    #expect(report.death?.mostRelevantLine == "Error: no schema")
  }

  @Test func `a tolerated death does not end the wait`() throws {
    try write(Self.before)
    var health = unreachable(timeout: 2)
    health.restarts = 1
    let (report, _) = try wait(health, services: ["web"]) { try write(Self.dead) }
    #expect(report.death == nil)
    #expect(report.problem?.text.hasPrefix("not healthy within 2s") == true)
  }

  @Test func `a unit that does not change does not end the wait`() throws {
    try write(Self.before)
    let (report, _) = try wait(unreachable(timeout: 2), services: ["web"]) {}
    #expect(report.death == nil)
  }

  @Test func `without a unit the end of the process that listened ends the wait`() throws {
    let port = try freePort()
    var health = Configuration.Health(probe: .http(.init(url: "http://127.0.0.1:\(port)/")))
    health.timeout = TimeSpan(seconds: 60)
    let (report, seconds) = try wait(health, services: []) {
      try hooks.startServer(port: port, seconds: 2)
    }
    #expect(!report.isHealthy && seconds < 10)
    #expect(report.problem?.text.contains(" of release 1, which listened at 127.0.0.1:") == true)
  }

  @Test func `the end of a process that listened before the hook is no death`() throws {
    let port = try freePort()
    var health = Configuration.Health(probe: .http(.init(url: "http://127.0.0.1:\(port)/")))
    health.timeout = TimeSpan(seconds: 4)
    try hooks.startServer(port: port, seconds: 2)
    let (report, _) = try wait(health, services: []) {}
    #expect(report.death == nil && report.problem?.text.hasPrefix("not healthy within 4s") == true)
  }

  private func freePort() throws -> Int {
    let raw = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(raw) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    try withUnsafeMutableBytes(of: &address) { bytes in
      let pointer = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress!
      try #require(bind(raw, pointer, size) == 0 && getsockname(raw, pointer, &size) == 0)
    }
    return Int(UInt16(bigEndian: address.sin_port))
  }
}

extension HookFixture {
  /// Starts a server in release 1 that answers 503, and waits until it listens. It ends after some
  /// seconds.
  fileprivate func startServer(port: Int, seconds: Double) throws {
    let server = try WebServer(failingAt: port, seconds: seconds, directory: tree)
    keep(server)
  }
}
