import Foundation
import TestSupport
import Testing

/// A health check fails while a process of another release answers it.
@Suite struct AnsweringReleaseTests {
  private func configure(_ store: TestStore, _ server: FileServer, _ further: String = "") throws {
    try store.write(
      "releases.yaml",
      """
      hooks: {activate: {run: 'true'}}
      health: {url: 'http://127.0.0.1:\(server.port)/VERSION', timeout: 1s, interval: 0.2s\(further)}
      """)
  }

  private func serving(_ run: Releases.Run) throws -> [String?] {
    try #require(try run.json["steps"] as? [[String: Any]])
      .filter { ($0["name"] as? String)?.hasSuffix("health") == true }
      .map { $0["serving"] as? String }
  }

  @Test func `a switch fails while a process of the old release answers`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    try store.publish("2")
    let server = try FileServer(in: "\(store.path)/releases/1")
    try configure(store, server)
    let run = try store.expectFailure(["activate", "2"], status: 10, code: "rolledBack")
    let message = try #require(try run.error["message"] as? String)
    #expect(
      message.contains(
        "process \(server.pid), which listens at 127.0.0.1:\(server.port), belongs to release 1, "
          + "not to release 2"),
      "\(message)")
    #expect(try serving(run) == ["another", "same"])
    #expect(store.current == "1")
  }

  @Test func `a first deploy fails while a process of another release answers`() throws {
    let store = try TestStore()
    try store.publish("1")
    let server = try FileServer(in: "\(store.path)/releases/1")
    try configure(store, server)
    let archive = try store.packRelease("2")
    let run = try store.expectFailure(["deploy", archive, "--id", "2"], status: 11)
    #expect(run.hintCommand == "\(User.isRoot ? "" : "sudo ")kill \(server.pid)")
  }

  @Test func `status names the process of another release`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    let server = try FileServer(in: "\(store.path)/releases/1")
    try configure(store, server)
    let status = try store.run(["status", "--json"])
    #expect(status.status == 7)
    let health = try #require(try status.json["health"] as? [String: Any])
    #expect(health["healthy"] as? Bool == false && health["serving"] as? String == "another")
    let problems = try #require(try status.json["problems"] as? [String])
    #expect(
      problems == [
        "2 is live but not healthy: process \(server.pid), which listens at "
          + "127.0.0.1:\(server.port), belongs to release 1, not to release 2; "
          + "restart the service with the live release: releases --store \(store.path) restart"
      ])
  }

  @Test func `an old process that drains is waited for`() throws {
    let serving = try ServingStore(hook: "start")
    try serving.publish("1")
    try serving.store.expectSuccess(["activate", "1"])
    let old = try #require(try serving.servers().first)
    try serving.publish("2")
    let draining = try BackgroundProgram(["sh", "-c", "sleep 2; kill \(old)"])
    let run = try serving.store.run(["activate", "2"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains("process \(old), which listens at "), "\(run.errors)")
    #expect(draining.end() == 0)
  }

  @Test func `an unknown release is accepted and said once`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    try store.publish("2")
    let server = try FileServer(in: "/", serving: "\(store.path)/current")
    try configure(store, server, ", successes: 2")
    let run = try store.run(["activate", "2"])
    #expect(run.status == 0)
    #expect(
      run.errors.components(separatedBy: "it is unknown which release answered").count == 2,
      "\(run.errors)")
    let status = try store.run(["status"])
    #expect(status.status == 0)
    #expect(status.output.contains("it is unknown which release answers"), "\(status.output)")
    let json = try store.run(["activate", "1", "--json"])
    #expect(try serving(json) == ["unknown"])
  }

  @Test func `a health command without a unit is accepted, and that is said once`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    try store.publish("2")
    try store.write("releases.yaml", "health: {command: 'true', successes: 2, interval: 0.1s}\n")
    let run = try store.run(["activate", "2"])
    #expect(run.status == 0)
    let note =
      "health: it is unknown which release answered: the health command does not tell, and "
      + "service names no unit"
    #expect(run.errors.components(separatedBy: note).count == 2, "\(run.errors)")
    let json = try store.run(["activate", "1", "--json"])
    #expect(try serving(json) == ["unknown"])
  }

  @Test func `a response that names the release proves it`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["100"])
    try store.publish("200")
    let server = try FileServer(in: "/", serving: "\(store.path)/current")
    try configure(store, server, ", body: '${RELEASES_ID}'")
    let run = try store.run(["activate", "200", "--json"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(try serving(run) == ["same"])
    let stale = try FileServer(in: "/", serving: "\(store.path)/releases/200")
    try configure(store, stale, ", body: '${RELEASES_ID}'")
    let failure = try store.expectFailure(["activate", "100"], status: 10)
    #expect(
      (try failure.error["message"] as? String)?.contains("does not contain '100'") == true)
  }
}
