import Configuration
import Foundation
import Glibc
import HostPrograms
import Linux
import ModelTestSupport
import ReleaseModel
import Synchronization
import Testing
import Text

/// Health checks with real servers and commands.
@Suite struct HealthTests {
  private let hooks: HookFixture

  init() throws { hooks = try HookFixture() }

  private func health(
    _ probe: Configuration.Health.Probe, timeout: Int64 = 1, successes: Int = 1
  ) -> Configuration.Health {
    var health = Configuration.Health(probe: probe)
    health.timeout = TimeSpan(seconds: timeout)
    health.successes = successes
    return health
  }

  private func check(
    _ health: Configuration.Health, of id: ReleaseID = "1", ref: String? = nil,
    services: [String] = [], in hooks: HookFixture? = nil, _ caller: CallerEnvironment
  ) throws -> HealthCheck {
    HealthCheck(
      health, services: services, of: HealthSubject(id: id, previous: nil, ref: ref),
      in: try (hooks ?? self.hooks).directories(), caller)
  }

  private func look(
    _ probe: Configuration.Health.Probe, _ variables: [String: String] = [:],
    programs: [String] = HostProgram.directories
  ) throws -> HealthAttempt {
    let caller = CallerEnvironment(variables: variables, programDirectories: programs)
    return try check(health(probe), caller).once()
  }

  private func wait(
    _ health: Configuration.Health, programs: [String] = HostProgram.directories,
    stop: StopCheck = { nil }, onAttempt: @Sendable (HealthAttempt) -> Void = { _ in }
  ) throws -> HealthReport {
    try check(health, CallerEnvironment(programDirectories: programs)).wait(
      since: nil, stop: stop, onAttempt: onAttempt)
  }

  @Test func `a response that meets every condition is healthy`() throws {
    let server = try hooks.serve()
    var probe = server.probe("/ok")
    probe.json = [
      "status": .text("healthy"), "code": .number(200), "half": .number(0.5), "ok": .boolean(true),
      "none": .null, "text": .text("1"),
    ]
    probe.body = "\"half\": 0.5"
    let found = try look(.http(probe))
    #expect(found.problem == nil)
    #expect(found.answer?.text.hasPrefix("{\"status\": \"healthy\"") == true)
    let report = try wait(health(.http(probe)))
    #expect(report.isHealthy && report.attempts == 1 && report.problem == nil)
  }

  @Test func `a configured socket is used instead of the port`() throws {
    let socket = "\(hooks.path)/s"
    var probe = Configuration.HTTPProbe(url: "http://localhost:9/ok")
    probe.unixSocket = socket
    #expect(
      try look(.http(probe)).problem
        == "connection refused: http://localhost:9/ok at \(socket)")
    _ = try hooks.serve(socket: socket)
    #expect(try look(.http(probe)).problem == nil)
  }

  @Test func `a response that does not meet a condition is described`() throws {
    let server = try hooks.serve()
    func problem(
      _ path: String, _ change: (inout Configuration.HTTPProbe) -> Void = { _ in }
    ) throws -> String? {
      var probe = server.probe(path)
      change(&probe)
      return try look(.http(probe)).problem?.text.replacing(server.address, with: "")
    }
    #expect(try problem("/503") == "/503 answered with status 503, not 200")
    #expect(try problem("/503") { $0.status = 503 } == nil)
    #expect(try problem("/moved") == "/moved answered with status 302, not 200")
    #expect(
      try problem("/close") == "/close closed the connection without a response")
    #expect(try problem("/big") == nil)
    #expect(
      try problem("/text") { $0.body = "unwell" }
        == "the response from /text does not contain 'unwell'")
    #expect(try look(.http(server.probe("/text"))).answer == "all is well")
    #expect(try look(.http(server.probe("/lines"))).answer == #"{  "a": 1, "b": 2}"#)
    #expect(try look(.http(server.probe("/empty"))).answer == nil)
  }

  @Test(
    arguments: [
      ("/text", .null, "the response from /text is not a JSON object"),
      ("/array", .null, "the response from /array is not a JSON object"),
      ("/cut", .null, "the response from /cut is not a JSON object"),
      ("/empty", .null, "the response from /empty is not a JSON object"),
      ("/big", .null, "the response from /big is larger than 1 MiB"),
      ("/ok#nope", .number(1), "the response from /ok#nope has no 'nope', which should be 1"),
      (
        "/ok#status", .text("up"),
        "in the response from /ok#status, 'status' is \"healthy\", not \"up\""
      ),
      ("/ok#code", .number(201), "in the response from /ok#code, 'code' is 200, not 201"),
      ("/ok#code", .text("200"), "in the response from /ok#code, 'code' is 200, not \"200\""),
      ("/ok#text", .number(1), "in the response from /ok#text, 'text' is \"1\", not 1"),
      ("/ok#ok", .number(1), "in the response from /ok#ok, 'ok' is true, not 1"),
      ("/ok#none", .boolean(false), "in the response from /ok#none, 'none' is null, not false"),
      ("/ok#list", .null, "in the response from /ok#list, 'list' is a list, not null"),
      ("/ok#object", .null, "in the response from /ok#object, 'object' is an object, not null"),
    ] as [(String, JSONScalar, String)])
  func `JSON members are compared by type and value`(
    path: String, value: JSONScalar, problem: String
  ) throws {
    let server = try hooks.serve()
    var probe = server.probe(path)
    let name = path.split(separator: "#").dropFirst().first ?? "x"
    probe.json = [String(name): value]
    #expect(try look(.http(probe)).problem?.text.replacing(server.address, with: "") == problem)
  }

  @Test(arguments: ["/silent", "/endless"])
  func `a server that does not answer in time is not healthy`(path: String) throws {
    let server = try hooks.serve()
    let start = Clock.monotonicSeconds()
    let report = try wait(health(.http(server.probe(path))))
    #expect(!report.isHealthy && report.attempts == 1)
    let place = "\(server.address)\(path)"
    let why =
      path == "/silent"
      ? "no response from \(place) within" : "the response from \(place) was not complete"
    #expect(report.problem?.text.hasPrefix("not healthy within 1s after 1 attempt: \(why)") == true)
    #expect(Clock.monotonicSeconds() - start < 4)
  }

  @Test func `a failure restarts the count of successes in a row`() throws {
    let server = try hooks.serve()
    let course = Mutex<[Bool]>([])
    let report = try wait(
      health(.http(server.probe("/flaky")), timeout: 30, successes: 2),
      onAttempt: { attempt in course.withLock { $0.append(attempt.isHealthy) } })
    #expect(report.isHealthy && report.attempts == 5)
    #expect(course.withLock { $0 } == [false, true, false, true, true])
    let never = try wait(health(.http(server.probe("/ok")), timeout: 1, successes: 3))
    #expect(!never.isHealthy)
    #expect(never.problem?.text.contains(" of 3 times in a row after ") == true)
  }

  /// A service that has just been started is often healthy before the interval has passed.
  @Test func `the first tries follow each other faster than the interval`() throws {
    var slow = health(
      .command(.shell("echo >>tries; test $(wc -l <tries) -ge 4")), timeout: 300)
    slow.interval = Interval(seconds: 300)
    let start = Clock.monotonicSeconds()
    let report = try wait(slow)
    #expect(report.isHealthy && report.attempts == 4)
    let seconds = Clock.monotonicSeconds() - start
    #expect(seconds > 0.6 && seconds < 60)
  }

  @Test func `the full interval passes after a success`() throws {
    var slow = health(.command(.shell("exit 0")), timeout: 2, successes: 2)
    slow.interval = Interval(seconds: 300)
    let report = try wait(slow)
    #expect(!report.isHealthy && report.attempts == 1)
  }

  @Test func `the password of a URL is not shown`() throws {
    let problem = try look(.http(.init(url: "http://user:secret@127.0.0.1:9/@x"))).problem
    #expect(problem == "connection refused: http://127.0.0.1:9/@x")
  }

  @Test func `curl gets neither the caller's variables nor its configuration`() throws {
    let server = try hooks.serve()
    try Data("user-agent = spy\n".utf8).write(to: URL(fileURLWithPath: "\(hooks.tree)/.curlrc"))
    let found = try look(
      .http(server.probe("/agent")), ["http_proxy": "http://127.0.0.1:9", "HOME": hooks.tree])
    #expect(found.problem == nil && found.answer?.text.contains("User-Agent: releases") == true)
  }

  @Test func `a host without curl ends the check at once`() throws {
    let report = try wait(
      health(.http(.init(url: "http://x")), timeout: 600), programs: ["/nowhere"])
    #expect(
      report.problem == "its health can't be checked: this host has no curl; install it, or"
        + " configure a health command")
    #expect(report.attempts == 1)
  }

  @Test func `a stop request ends the current attempt`() throws {
    let server = try hooks.serve()
    let asked = Mutex(0)
    let start = Clock.monotonicSeconds()
    let report = try wait(
      health(.http(server.probe("/silent")), timeout: 600),
      stop: {
        asked.withLock { $0 += 1 }
        return asked.withLock { $0 } > 3 ? .signal(SIGTERM) : nil
      })
    #expect(report.stopped == .signal(SIGTERM) && report.attempts == 0)
    #expect(report.problem?.text.contains("by signal 15") == true)
    #expect(Clock.monotonicSeconds() - start < 5)
  }

  @Test func `a stop ends the pause between tries`() throws {
    var slow = health(.command(.shell("exit 1")), timeout: 600)
    slow.interval = Interval(seconds: 600)
    let isTried = Mutex(false)
    let report = try wait(
      slow, stop: { isTried.withLock { $0 } ? .aborted(by: "ann", reason: nil) : nil },
      onAttempt: { _ in isTried.withLock { $0 = true } })
    #expect(report.stopped == .aborted(by: "ann", reason: nil) && report.attempts == 1)
  }

  // MARK: - Commands

  @Test func `a health command runs like a hook`() throws {
    let found = try look(.command(.shell("pwd -P; echo $RELEASES_ID $RELEASES_EVENT $HOME")))
    #expect(found.problem == nil)
    let home = String(cString: try #require(getpwuid(geteuid())).pointee.pw_dir)
    #expect(found.answer == "1 health \(home)")
    #expect(
      try look(.command(.shell(#"printf 'all\tis well \t\r\n \t\n'"#))).answer == "all is well")
    #expect(
      try look(.command(.shell("echo no >&2; exit 5"))).problem
        == "the health command exited with status 5: no")
    #expect(
      try look(.command(.arguments(["/nowhere/x"]))).problem
        == "the health command could not be started: /nowhere/x does not exist")
  }

  @Test func `a health command that exceeds its time is killed with its children`() throws {
    let report = try wait(health(.command(.shell("trap '' TERM; sleep 600 & echo $! > pid; wait"))))
    #expect(report.problem?.text.contains("the health command did not end within 1.0s") == true)
    #expect(try !isRunning(hooks.number(in: "pid")))
  }

  // MARK: - With a service

  @Test func `the main process of the service must run in the new release`() throws {
    let hooks = try HookFixture("1", "2")
    let process = try hooks.startProcess(in: "\(hooks.path)/releases/2")
    let programs = try hooks.standIn(
      for:
        "systemctl",
      "echo LoadState=loaded; echo ActiveState=active; echo MainPID=\(process)")
    func look(_ id: ReleaseID, programs: [String]) throws -> HealthAttempt {
      try check(
        health(.command(.shell("echo fine"))), of: id, services: ["diting"],
        in: hooks, CallerEnvironment(programDirectories: programs)
      ).once()
    }
    #expect(
      try look("1", programs: programs).problem
        == "diting's main process \(process) still runs in releases/2")
    let right = try look("2", programs: programs)
    #expect(right.problem == nil && right.answer == "fine")
    let unseen = try look("1", programs: ["/nowhere"])
    #expect(unseen.problem == nil)
    #expect(
      unseen.answer == "fine; can't find out where diting runs: this host has no systemctl")
  }
}
