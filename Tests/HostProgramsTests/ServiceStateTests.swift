import Foundation
import Glibc
import Linux
import ModelTestSupport
import Testing
import Text

@testable import HostPrograms

/// Real processes, with a script in place of systemctl.
@Suite struct ServiceStateTests {
  private let hooks: HookFixture

  init() throws { hooks = try HookFixture("1", "2") }

  private func state(_ script: String) throws -> ServiceState {
    let programs = try hooks.standIn(for: "systemctl", script)
    return ServiceState(
      of: "diting", releases: try releases(), CallerEnvironment(programDirectories: programs))
  }

  private func releases() throws -> Descriptor {
    try Descriptor.openDirectory("\(hooks.path)/releases")
  }

  private func state(
    _ active: String = "active", _ sub: String = "running", result: String = "success",
    pid: Int32 = 0, load: String = "loaded", further: [String] = []
  ) throws -> ServiceState {
    let lines =
      [
        "MainPID=\(pid)", "Result=\(result)", "LoadState=\(load)", "ActiveState=\(active)",
        "SubState=\(sub)",
      ] + further
    return try state(lines.map { "echo \($0)" }.joined(separator: "\n"))
  }

  @Test func `systemctl is asked about one unit`() throws {
    let said = try state("echo \"$@\" > \(hooks.path)/asked; env >> \(hooks.path)/asked; exit 3")
    let lines = try hooks.read("\(hooks.path)/asked").split(separator: "\n")
    #expect(
      lines[0]
        == "--no-ask-password --no-pager show -p LoadState -p ActiveState -p SubState -p Result -p MainPID -p Job"
        + " -p Type -p RemainAfterExit -- diting")
    #expect(lines.contains("LC_ALL=C") && !lines.contains { $0.hasPrefix("HOME=") })
    #expect(said.note == "can't find out where diting runs: systemctl failed")
    #expect(said.problem(for: "1") == nil)
  }

  @Test func `the running release is recognized by its inode`() throws {
    let pid = try hooks.startProcess(in: "\(hooks.path)/releases/1")
    let found = try state(pid: pid)
    #expect(found.runs == "1" && found.mainPID == pid && found.note == nil)
    #expect(found.problem(for: "1") == nil)
    #expect(
      found.problem(for: "2") == "diting's main process \(pid) still runs in releases/1")
    // After a rename the path is different, but the directory is the same.
    rename("\(hooks.path)/releases/1", "\(hooks.path)/releases/3")
    #expect(try state(pid: pid).runs == "3")
  }

  @Test func `a working directory inside a release counts`() throws {
    let deep = "\(hooks.path)/releases/2/src/app"
    try FileManager.default.createDirectory(atPath: deep, withIntermediateDirectories: true)
    let pid = try hooks.startProcess(in: deep)
    let found = try state(pid: pid)
    #expect(found.problem(for: "2") == nil)
  }

  /// A container, or a service that changes its directory.
  @Test func `a main process in no release is unknown and not a problem`() throws {
    let pid = try hooks.startProcess(in: "/")
    let found = try state(pid: pid)
    #expect(found.problem(for: "2") == nil && found.runs == nil)
    #expect(found.note == "diting's main process \(pid) runs in /, which is in no release")
  }

  /// `docker compose up -d` in a unit with `Type=oneshot`.
  @Test func `a unit that only starts a program is not a problem`() throws {
    func oneshot(_ result: String = "success", remains: Bool = false) throws
      -> ServiceState
    {
      try state(
        "inactive", "dead", result: result,
        further: [
          "Type=oneshot", "RemainAfterExit=\(remains ? "yes" : "no")",
        ])
    }
    let done = try oneshot()
    #expect(done.problem(for: "1") == nil)
    #expect(done.note == "diting is inactive and has Type=oneshot, so it runs no process")
    for bad in [try oneshot("exit-code"), try oneshot(remains: true)] {
      #expect(bad.problem(for: "1") == "diting is inactive (dead)")
    }
  }

  @Test func `a main process in a release that was removed is a problem`() throws {
    let gone = "\(hooks.path)/releases/4"
    try FileManager.default.createDirectory(atPath: gone, withIntermediateDirectories: true)
    let lost = try hooks.startProcess(in: gone)
    rmdir(gone)
    let after = try state(pid: lost)
    #expect(after.problem(for: "2") == "diting's main process \(lost) still runs in releases/4")
  }

  @Test func `an executable in a release counts when the working directory is elsewhere`() throws {
    let program = "\(hooks.path)/releases/1/service"
    try FileManager.default.copyItem(atPath: "/bin/sleep", toPath: program)
    let pid = try hooks.startProcess(in: "/", program: program)
    #expect(try state(pid: pid).runs == "1")
    #expect(
      try state(pid: pid).problem(for: "2")
        == "diting's main process \(pid) still runs in releases/1")
  }

  @Test func `the states of several units are read with one call`() throws {
    let pid = try hooks.startProcess(in: "\(hooks.path)/releases/1")
    let programs = try hooks.standIn(
      for: "systemctl",
      """
      echo "$@" >> \(hooks.path)/asked
      echo ActiveState=active; echo MainPID=\(pid); echo
      echo ActiveState=failed; echo Result=exit-code; echo MainPID=0
      """)
    let states = ServiceState.all(
      ["web", "worker"], releases: try releases(), CallerEnvironment(programDirectories: programs))
    #expect(states.map(\.unit) == ["web", "worker"])
    #expect(states.map { $0.problem(for: "1") } == [nil, "worker failed (exit-code)"])
    #expect(try hooks.read("\(hooks.path)/asked").hasSuffix(" -- web worker\n"))
  }

  @Test(arguments: [
    ("failed", "failed", "exit-code", "diting failed (exit-code)"),
    ("activating", "start-pre", "success", "diting is activating (start-pre)"),
    ("inactive", "dead", "success", "diting is inactive (dead)"),
    ("active", "running", "success", "diting has no main process"),
  ])
  func `a unit that does not run is a problem`(
    active: String, sub: String, result: String, problem: String
  ) throws {
    #expect(try state(active, sub, result: result).problem(for: "1")?.text == problem)
  }

  @Test func `an unknown state is not a problem`() throws {
    let exited = try state("active", "exited")
    #expect(exited.problem(for: "1") == nil)
    #expect(exited.note == "diting has exited, so it runs no process")
    let offline = try state("echo System has not been booted with systemd >&2; exit 1")
    #expect(offline.problem(for: "1") == nil)
    #expect(
      offline.note == "can't find out where diting runs: System has not been booted with systemd")
    let mute = try state("true")
    #expect(mute.problem(for: "1") == nil && mute.note != nil)
  }

  @Test func `an unknown unit and a missing process are problems`() throws {
    #expect(
      try state("inactive", "dead", load: "not-found").problem(for: "1")
        == "systemd does not know the unit diting")
    // The kernel never assigns a process ID this large.
    #expect(try state(pid: 99_999_999).problem(for: "1") == "diting has no main process")
  }

  @Test func `a systemctl that hangs is killed`() throws {
    let programs = try hooks.standIn(
      for: "systemctl", "echo $$ > \(hooks.tree)/pid; exec sleep 600")
    let found = ServiceState(
      of: "diting", releases: try releases(), CallerEnvironment(programDirectories: programs),
      within: 0.5
    ) { false }
    #expect(
      found.note == "can't find out where diting runs: systemctl did not end within 0.5s")
    #expect(try !isRunning(hooks.number(in: "pid")))
  }
}
