import Configuration
import ReleaseModel
import Testing
import Text

/// The section `service`, which describes instances.
@Suite struct ServiceDecodingTests {
  private static let least = "unit: app@, socket: '/run/app/{id}.sock', live: /run/app/live.sock"

  private func read(_ text: String) throws -> Configuration {
    try Configuration(parsing: Array(text.utf8), file: "f.yaml")
  }

  private func seven() throws -> ReleaseID { try #require(ReleaseID("7")) }

  private func refusal(_ text: String) -> String? {
    do throws(ReleasesError) {
      _ = try Configuration(parsing: Array(text.utf8), file: "f.yaml")
      return nil
    } catch {
      return error.line.text
    }
  }

  @Test func `three keys are enough`() throws {
    let read = try read("service: {\(Self.least)}")
    let wanted = Configuration.Instances(
      layout: InstanceLayout(
        templates: ["app@"], socket: "/run/app/{id}.sock", live: "/run/app/live.sock"))
    #expect(read.instances == wanted)
    #expect(wanted.drain.description == "30s" && wanted.overlap && wanted.rehearsal == nil)
    #expect(wanted.memory == .automatic && wanted.layout.manager == .system)
    #expect(read.services.isEmpty)
    #expect(read.units(of: try seven()) == ["app@7.service"])
  }

  @Test func `every key is decoded`() throws {
    let instances = try #require(
      try read(
        """
        service:
          unit: [app@.service, jobs@, worker.service, timer]
          socket: /run/app/{id}/http.sock
          live: /run/app/live.sock
          drain: 2m
          overlap: false
          rehearsal: app-rehearsal@.service
          manager: user
          memory: 300MB
        """
      ).instances)
    #expect(instances.layout.templates == ["app@", "jobs@"])
    #expect(instances.layout.restarted == ["worker.service", "timer"])
    #expect(instances.layout.socket == "/run/app/{id}/http.sock")
    #expect(instances.layout.live == "/run/app/live.sock")
    #expect(instances.layout.manager == .user)
    #expect(instances.drain == TimeSpan(seconds: 120))
    #expect(!instances.overlap && instances.rehearsal == "app-rehearsal@")
    #expect(instances.memory == .atLeast(ByteSize(bytes: 300_000_000)))
  }

  @Test func `the units of a release are its instances and the units without`() throws {
    let text = "service: {unit: [app@, worker], socket: '/r/{id}', live: /r/live}"
    #expect(try read(text).units(of: seven()) == ["app@7.service", "worker"])
    #expect(try read("service: worker").units(of: seven()) == ["worker"])
    #expect(try read("keep: {count: 3}").units(of: seven()) == [])
  }

  @Test(
    arguments: [
      ("auto", .automatic), ("off", .unchecked), ("false", .unchecked),
      ("1GiB", .atLeast(ByteSize(bytes: 1 << 30))),
    ] as [(String, Configuration.Instances.Memory)])
  func `the memory is measured, given or not checked`(
    text: String, memory: Configuration.Instances.Memory
  ) throws {
    #expect(try read("service: {\(Self.least), memory: \(text)}").instances?.memory == memory)
  }

  @Test func `a drain of no time is allowed`() throws {
    #expect(try read("service: {\(Self.least), drain: 0}").instances?.drain.seconds == 0)
  }

  @Test func `the health check asks the socket of the instance`() throws {
    let socket = "/run/app/${RELEASES_ID}.sock"
    #expect(try read("service: {\(Self.least)}").health?.probe == .socket(socket))
    guard
      case .http(let probe)? =
        try read("service: {\(Self.least)}\nhealth: {url: 'http://x/h'}").health?.probe
    else {
      Issue.record("no probe")
      return
    }
    #expect(probe.unixSocket == socket)
  }

  @Test func `a health check that names another socket or runs a command stays`() throws {
    guard
      case .http(let probe)? = try read(
        "service: {\(Self.least)}\nhealth: {url: 'http://x/h', unix-socket: /s}"
      ).health?.probe
    else {
      Issue.record("no probe")
      return
    }
    #expect(probe.unixSocket == "/s")
    guard
      case .command? =
        try read("service: {\(Self.least)}\nhealth: {command: x}").health?.probe
    else {
      Issue.record("no command")
      return
    }
  }

  @Test(arguments: [
    ("service: {}", "1:10: service: 'unit' is missing"),
    ("service: {socket: '/r/{id}', live: /r/l}", "1:10: service: 'unit' is missing"),
    ("service: {unit: a@, live: /r/l}", "1:10: service: 'socket' is missing"),
    ("service: {unit: a@, socket: '/r/{id}'}", "1:10: service: 'live' is missing"),
    ("service: {unit: a}", "the first unit, 'a', is not a template"),
    ("service: {unit: '@'}", "the first unit, '@', is not a template"),
    ("service: {unit: a@b@}", "the first unit, 'a@b@', is not a template"),
    ("service: {unit: a@1.service}", "the first unit, 'a@1.service', is not a template"),
    ("service: {unit: [w, a@]}", "the first unit, 'w', is not a template"),
    ("service: {unit: [a@, a@]}", "service.unit: 'a@' is given twice"),
    ("service: {unit: [a@, a@.service]}", "service.unit: 'a@.service' is given twice"),
    ("service: {unit: []}", "service.unit: the list is empty"),
    ("service: {unit: [a@, b, c, d, e]}", "service.unit: more than 4 units"),
    ("service: {unit: [a@, --now]}", "expected the name of a systemd unit, found '--now'"),
    ("service: {unit: a@, colour: red}", "colour"),
    ("service: {unit: a@, socket: r.sock}", "an absolute path of at most 107 bytes"),
    ("service: {unit: a@, socket: '/r/../{id}'}", "an absolute path of at most 107 bytes"),
    ("service: {unit: a@, socket: '/r/{id}/'}", "an absolute path of at most 107 bytes"),
    ("service: {unit: a@, socket: '/r /{id}'}", "an absolute path of at most 107 bytes"),
    ("service: {unit: a@, socket: '/r/x', live: /r/l}", "service.socket must contain {id} once"),
    (
      "service: {unit: a@, socket: '/r/{id}/{id}', live: /r/l}",
      "service.socket must contain {id} once"
    ),
    (
      "service: {unit: a@, socket: '/r/{id}', live: '/r/{id}'}",
      "service.live must not contain {id}"
    ),
  ])
  func `an incomplete or impossible section is refused`(text: String, message: String) {
    let line = refusal(text)
    #expect(line?.contains(message) == true, "\(line ?? "accepted")")
  }

  @Test(arguments: [
    ("drain: -1", "service.drain"), ("drain: soon", "service.drain"),
    ("overlap: yes", "service.overlap: expected true or false"),
    ("overlap: 'true'", "service.overlap: expected true or false"),
    ("overlap: 1", "service.overlap: expected true or false"),
    ("rehearsal: b@", "service.rehearsal requires 'overlap: false'"),
    ("overlap: true, rehearsal: b@", "service.rehearsal requires 'overlap: false'"),
    ("overlap: false, rehearsal: b", "service.rehearsal: expected a template unit"),
    ("manager: root", "service.manager"),
    ("memory: much", "service.memory: expected a size, 'auto' or 'off'"),
    ("memory: [1]", "service.memory: expected a size, 'auto' or 'off'"),
  ])
  func `an invalid value is refused`(member: String, message: String) {
    let line = refusal("service: {\(Self.least), \(member)}")
    #expect(line?.contains(message) == true, "\(line ?? "accepted")")
  }

  @Test func `names and paths have limits in bytes`() throws {
    let name = String(repeating: "n", count: 63) + "@"
    let path = "/" + String(repeating: "p", count: 102) + "{id}"
    #expect(name.utf8.count == 64 && path.utf8.count == 107)
    #expect(throws: Never.self) {
      try read("service: {unit: \(name), socket: '\(path)', live: /r/l}")
    }
    #expect(
      refusal("service: {unit: n\(name), socket: '\(path)', live: /r/l}")?
        .contains("a name of more than 64 bytes") == true)
    #expect(
      refusal("service: {unit: a@, socket: '/p\(path)', live: /r/l}")?
        .contains("an absolute path of at most 107 bytes") == true)
  }

  @Test func `an activate hook is refused beside instances`() {
    let line = refusal("service: {\(Self.least)}\nhooks:\n  activate: {run: x}")
    #expect(
      line?.contains("hooks.activate and service.socket are mutually exclusive") == true,
      "\(line ?? "accepted")")
    #expect(refusal("service: {\(Self.least)}\nhooks: {prepare: {run: x}}") == nil)
  }

  @Test func `a unit or a list of units still describes a service that is restarted`() throws {
    #expect(try read("service: app@1").instances == nil)
    #expect(try read("service: [app@1, b]").services == ["app@1", "b"])
  }
}
