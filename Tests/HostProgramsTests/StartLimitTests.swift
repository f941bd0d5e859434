import Foundation
import Linux
import TestSupport
import Testing

@testable import HostPrograms

/// The start limit of a unit, and the warning about it.
@Suite struct StartLimitTests {
  private func made(_ burst: String, _ interval: String, restart: String) -> StartLimit? {
    StartLimit([
      "StartLimitBurst": burst, "StartLimitIntervalUSec": interval, "RestartUSec": restart,
    ])
  }

  @Test(arguments: [
    ("5", "10s", "100ms", true, true), ("5", "2min", "3s", true, true),
    ("5", "10s", "2s", true, false), ("5", "10s", "30s", true, false),
    ("5", "0", "3s", false, false), ("0", "10s", "100ms", false, false),
    ("1", "infinity", "1min 30s", true, true), ("5", "10s", "infinity", true, false),
  ])
  func `an enabled limit could refuse a start`(
    burst: String, interval: String, restart: String, couldRefuse: Bool, isUsedUp: Bool
  ) throws {
    let limit = try #require(made(burst, interval, restart: restart))
    #expect(limit.couldRefuse == couldRefuse)
    #expect(limit.isUsedUpByRestarts == isUsedUp)
  }

  @Test(arguments: [
    ("0", 0), ("100ms", 0.1), ("10s", 10), ("1min 30s", 90), ("2h 5min", 7_500), ("1.5s", 1.5),
    ("1month", 2_629_800), ("infinity", Double.infinity),
  ])
  func `a time span is read as systemctl writes it`(text: String, seconds: Double) throws {
    let read = try #require(StartLimit.seconds(text))
    #expect(read == seconds || abs(read - seconds) < 1e-9)
  }

  @Test(arguments: ["", "10", "s", "10 s", "ten", "1x"])
  func `anything else is not a time span`(text: String) {
    #expect(StartLimit.seconds(text) == nil)
  }

  @Test func `a limit that systemd does not report is not guessed`() {
    #expect(StartLimit([:]) == nil)
    #expect(made("", "10s", restart: "3s") == nil)
    #expect(made("5", "[not set]", restart: "3s") == nil)
  }

  @Test func `the warning names the limit and what uses it up`() throws {
    let quick = try #require(made("5", "10s", restart: "100ms")).warning("diting")
    #expect(
      quick == "systemd refuses to start diting after 5 starts in 10s: a release that dies at start"
        + " uses them up in about 0.5s, and then the restart that a rollback needs is refused")
    let slow = try #require(made("1", "2min", restart: "10min")).warning("diting")
    #expect(slow.contains("after 1 start in 2min: switches and restarts count, and then"))
  }

  @Test(
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/sbin/visudo")),
    arguments: [
      ("deploy", "diting", "deploy", "diting"), (nil, "a:b.service", "#1005", #"a\:b.service"#),
      ("a@b", #"x\x2dy@1"#, #"a\@b"#, #"x\\\\x2dy@1"#),
    ] as [(String?, String, String, String)])
  func `sudo accepts the line of sudoers`(
    user: String?, unit: String, who: String, what: String
  ) throws {
    let line = SudoersLine(user: user, userID: 1005, unit: unit).description
    #expect(line == "\(who) ALL=(root) NOPASSWD: /usr/bin/systemctl reset-failed \(what)")
    let directory = try TemporaryDirectory()
    let file = "\(directory.path)/sudoers"
    try Data("\(line)\n".utf8).write(to: URL(fileURLWithPath: file))
    let nothing = try Descriptor.open("/dev/null")
    let judged = try CapturedProcess(
      "/usr/sbin/visudo", ["visudo", "-cf", file], environment: HostProgram.environment,
      input: nothing
    ).result(within: 10)
    #expect(judged.ending == .exited(0), "\(String(decoding: judged.errors, as: UTF8.self))")
  }
}

/// The reset of the start limit, with scripts in place of the programs that it starts.
@Suite(.enabled(if: ProcessFacts.effectiveUser == 0)) struct StartLimitResetTests {
  private let hooks: HookFixture

  init() throws { hooks = try HookFixture() }

  private func reset(stop: StopCheck = { nil }) throws -> String {
    let programs = try hooks.standIn(for: "systemctl", "echo \"$@\" >> \(hooks.tree)/asked; exit 1")
    _ = try hooks.standIn(for: "sudo", "echo sudo \"$@\" >> \(hooks.tree)/asked")
    StartLimitReset(unit: "diting").run(CallerEnvironment(programDirectories: programs), stop: stop)
    return (try? hooks.read("\(hooks.tree)/asked")) ?? ""
  }

  @Test func `root needs neither polkit nor sudo`() throws {
    #expect(try reset() == "reset-failed diting\n")
  }

  @Test func `a switch that was stopped starts no other program`() throws {
    #expect(try reset(stop: { .signal(15) }) == "")
  }

  @Test func `a program that hangs does not block the switch`() throws {
    let programs = try hooks.standIn(for: "systemctl", "exec sleep 600")
    let start = Clock.monotonicSeconds()
    StartLimitReset(unit: "diting").run(
      CallerEnvironment(programDirectories: programs), stop: { nil })
    #expect(Clock.monotonicSeconds() - start < 5)
  }
}
