import Foundation
import TestSupport
import Testing

/// Status compares links, journal and health, and its exit status serves a monitor.
@Suite struct StatusProblemTests {
  private func problems(_ store: TestStore) throws -> (status: Int32, problems: [String]) {
    let run = try store.run(["status", "--json"])
    return (run.status, try #require(try run.json["problems"] as? [String]))
  }

  @Test func `status reports no problem if links, journal and health agree`() throws {
    let store = try TestStore()
    let fresh = try problems(store)
    #expect(
      fresh.status == 7 && fresh.problems.count == 1
        && fresh.problems[0].hasPrefix("nothing is live; "), "\(fresh)")
    try store.writeHooks()
    try store.expectSuccess(["deploy", try store.packRelease("good"), "--id", "1"])
    let deployed = try problems(store)
    #expect(deployed.status == 0 && deployed.problems == [], "\(deployed)")
    let health = try #require(
      try store.run(["status", "--json"]).json["health"] as? [String: Any])
    #expect(health["healthy"] as? Bool == true)
  }

  @Test func `status exits with 7 for a link moved by hand`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    try store.makeLink("current", to: "\(store.path)/releases/1")
    let moved = try problems(store)
    #expect(moved.status == 7)
    #expect(
      moved.problems.contains {
        $0.hasPrefix("current was moved by hand from releases/2 to \(store.path)/releases/1")
      }, "\(moved)")
    #expect(try store.run(["status", "--json"]).json["current"] as? String == "1")
    try store.expectSuccess(["recover"])
    #expect(try problems(store).status == 0)
    #expect(store.current == "1", "the moved link is kept")
    #expect(try store.expectSuccess(["history"]).output.contains("moved by hand"))
  }

  @Test func `status exits with 7 when the live release is unhealthy`() throws {
    let store = try TestStore()
    try store.writeHooks()
    try store.expectSuccess(["deploy", try store.packRelease("good"), "--id", "1"])
    try store.write("releases/1/VERSION", "unhealthy")
    let ill = try problems(store)
    #expect(ill.status == 7)
    #expect(ill.problems.contains { $0.hasPrefix("1 is live but not healthy: ") }, "\(ill)")
    #expect(try store.run(["status"]).output.contains("problem"))
  }

  @Test func `status reports no problem during a switch`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    try store.publish("2")
    try store.write(
      "releases.yaml",
      "health: {command: 'touch ../../waiting; test -e ../../healthy', timeout: 1m}\n")
    let switching = try store.start(["activate", "2"])
    try store.waitUntil("it waits for health") { store.exists("waiting") }
    #expect(try problems(store).status == 0)
    try store.write("healthy", "")
    #expect(switching.end() == 0)
  }
}
