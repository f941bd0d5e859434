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

/// Which release answers a health check: real servers that run in releases and elsewhere.
@Suite struct AnsweringReleaseTests {
  private let hooks: HookFixture

  init() throws { hooks = try HookFixture("1", "2") }

  private func look(
    _ probe: Configuration.HTTPProbe, at id: ReleaseID, ref: String? = nil
  ) throws -> HealthAttempt {
    HealthCheck(
      Configuration.Health(probe: .http(probe)), services: [],
      of: HealthSubject(id: id, previous: nil, ref: ref), in: try hooks.directories(),
      CallerEnvironment()
    ).once()
  }

  private func directory(_ id: String) -> String { "\(hooks.path)/releases/\(id)" }

  @Test func `a server in the release is the same release`() throws {
    let server = try hooks.serve(in: directory("1"))
    let found = try look(server.probe("/ok"), at: "1")
    #expect(found.problem == nil && found.serving == .same)
  }

  @Test func `a server in another release is named with its process`() throws {
    let server = try hooks.serve(in: directory("1"))
    let found = try look(server.probe("/ok"), at: "2")
    #expect(found.serving == .another("1", pid: server.pid, unit: nil))
    #expect(
      found.problem
        == "process \(server.pid), which listens at \(server.place), belongs to release 1, "
        + "not to release 2")
  }

  @Test func `a server of another release that answers once and ends is that release`() throws {
    let server = try hooks.serve(in: directory("1"))
    let found = try look(server.probe("/last"), at: "2")
    #expect(found.serving == .another("1", pid: server.pid, unit: nil))
    #expect(found.problem?.text.hasPrefix("process \(server.pid), which listen") == true)
  }

  @Test func `a server of the release that answers once and ends is not healthy`() throws {
    let server = try hooks.serve(in: directory("1"))
    #expect(try look(server.probe("/last"), at: "1").problem != nil)
  }

  @Test func `a server of another release on the name localhost is found too`() throws {
    let server = try hooks.serve(in: directory("1"))
    var probe = server.probe("/ok")
    probe.url = probe.url.replacing("127.0.0.1", with: "localhost")
    #expect(try look(probe, at: "1").serving == .same)
    #expect(try look(probe, at: "2").serving == .another("1", pid: server.pid, unit: nil))
  }

  @Test func `a server on a socket is found too`() throws {
    let path = "\(hooks.path)/s"
    let server = try hooks.serve(socket: path, in: directory("1"))
    var probe = Configuration.HTTPProbe(url: "http://localhost/ok")
    probe.unixSocket = path
    #expect(try look(probe, at: "1").serving == .same)
    #expect(try look(probe, at: "2").serving == .another("1", pid: server.pid, unit: nil))
  }

  @Test func `a server in no release is unknown and healthy`() throws {
    let server = try hooks.serve()
    let found = try look(server.probe("/ok"), at: "2")
    #expect(found.problem == nil)
    let reason: Message =
      "process \(server.pid) (python3), which listens at \(server.place), runs in no release"
    #expect(found.serving == .unknown([reason]))
  }

  @Test func `a command without a unit leaves it unknown`() throws {
    var health = Configuration.Health(probe: .command(.arguments(["true"])))
    health.timeout = TimeSpan(seconds: 2)
    let found = HealthCheck(
      health, services: [], of: HealthSubject(id: "1", previous: nil, ref: nil),
      in: try hooks.directories(), CallerEnvironment()
    ).once()
    #expect(found.problem == nil)
    #expect(
      found.serving == .unknown(["the health command does not tell, and service names no unit"]))
  }

  @Test func `an answer that names the release proves it`() throws {
    let server = try hooks.serve(in: directory("1"))
    var probe = server.probe("/ok")
    probe.json = ["text": .text("${RELEASES_REF}")]
    #expect(try look(probe, at: "2", ref: "1").serving == .same)
    let wrong = try look(probe, at: "2", ref: "2")
    #expect(wrong.problem?.text.contains("'text' is \"1\", not \"2\"") == true)
    // Without a ref there is nothing to compare, so the process is looked up.
    #expect(try look(probe, at: "2").serving == .another("1", pid: server.pid, unit: nil))
  }
}
