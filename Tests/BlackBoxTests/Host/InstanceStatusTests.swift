import Foundation
import Glibc
import TestSupport
import Testing

/// What the commands say about instances.
@Suite(.enabled(if: PrivateHost.isPossible, PrivateHost.comment))
struct InstanceStatusTests {
  let store: TestStore

  init() throws {
    store = try Self.makeStore()
    try configure()
  }

  @Test func `status shows the live instance and where the link points`() throws {
    let socket = try ListeningSocket("\(run)/2.sock")
    link(to: "2.sock")
    let launcher = try host(running: ["2"])
    let document = try status(launcher)
    let instances = try #require(document["instances"] as? [[String: Any]])
    #expect(instances.count == 1)
    #expect(instances[0]["release"] as? String == "2" && instances[0]["role"] as? String == "live")
    #expect(instances[0]["listening"] as? Bool == true)
    let liveLink = try #require(document["liveLink"] as? [String: Any])
    #expect(liveLink["release"] as? String == "2" && liveLink["serves"] as? Bool == true)
    #expect(!codes(document).contains("instanceNotServing"), "\(document)")
    let text = try store.runCopy(["status"], launcher: launcher)
    #expect(text.output.contains("2, live: listens at \(run)/2.sock"), "\(text.output)")
    #expect(text.output.contains("\(run)/live.sock points to 2"), "\(text.output)")
    withExtendedLifetime(socket) {}
  }

  @Test func `a link to the release that was live before is a problem`() throws {
    let sockets = [try ListeningSocket("\(run)/1.sock"), try ListeningSocket("\(run)/2.sock")]
    link(to: "1.sock")
    let launcher = try host(running: ["1", "2"])
    let run = try store.runCopy(["status", "--json"], launcher: launcher)
    #expect(run.status == 7)
    #expect(codes(try run.json).contains("instanceNotServing"))
    #expect(codes(try run.json).contains("instanceOrphaned"))
    let text = try store.runCopy(["status"], launcher: launcher).output
    #expect(text.contains("live.sock points to the socket of 1, but 2 is live"), "\(text)")
    let orphan = "connections go to the instance of 1, which is neither live nor draining"
    #expect(text.contains(orphan), "\(text)")
    withExtendedLifetime(sockets) {}
  }

  @Test func `an instance that does not listen is a problem`() throws {
    link(to: "2.sock")
    let launcher = try host(running: ["2"])
    let run = try store.runCopy(["status"], launcher: launcher)
    #expect(run.status == 7)
    #expect(
      run.output.contains("2 is live, but no process listens at \(self.run)/2.sock"),
      "\(run.output)")
  }

  @Test func `list, show and metrics agree with status`() throws {
    let socket = try ListeningSocket("\(run)/2.sock")
    link(to: "2.sock")
    let launcher = try host(running: ["1", "2"])
    let list = try store.runCopy(["list", "--json"], launcher: launcher).json
    let roles = (list["releases"] as? [[String: Any]] ?? []).map { $0["instance"] as? String }
    #expect(roles == ["live", "orphaned"])
    func own(_ document: [String: Any]) -> [String] {
      codes(document).filter { $0.hasPrefix("instance") }
    }
    #expect(own(list) == own(try status(launcher)) && own(list) == ["instanceOrphaned"])
    #expect(
      try store.runCopy(["list"], launcher: launcher).output.contains("rollback, orphaned"))
    #expect(
      try store.runCopy(["show", "1"], launcher: launcher).output
        .contains("its instance is orphaned"))
    let metrics = try store.runCopy(["metrics"], launcher: launcher).output
    for line in [
      "releases_instances{store=\"\(store.path)\",state=\"live\"} 1",
      "releases_instances{store=\"\(store.path)\",state=\"orphaned\"} 1",
      "releases_instances{store=\"\(store.path)\",state=\"draining\"} 0",
      "releases_live_link_ok{store=\"\(store.path)\"} 1",
    ] {
      #expect(metrics.contains(line + "\n"), "\(line) is not in \(metrics)")
    }
    withExtendedLifetime(socket) {}
  }

  @Test func `a store without instances has no metrics and no members of instances`() throws {
    try store.write("releases.yaml", "keep: {count: 3}\n")
    let launcher = try host(running: ["1"])
    let document = try status(launcher)
    #expect((document["instances"] as? [Any])?.isEmpty == true)
    #expect(document["liveLink"] is NSNull)
    let metrics = try store.runCopy(["metrics"], launcher: launcher).output
    #expect(!metrics.contains("releases_instances") && !metrics.contains("live_link"))
  }
}

extension InstanceStatusTests: InstanceHost {}
