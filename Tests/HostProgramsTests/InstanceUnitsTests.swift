import Foundation
import ModelTestSupport
import ReleaseModel
import Testing
import Text

@testable import HostPrograms

/// What systemd says about instances, with a script in place of systemctl.
@Suite struct InstanceUnitsTests {
  private let hooks: HookFixture

  init() throws { hooks = try HookFixture() }

  private func units(
    _ script: String, manager: InstanceLayout.Manager = .system
  ) throws -> InstanceUnits {
    var caller = CallerEnvironment(
      programDirectories: try hooks.standIn(for: "systemctl", script))
    caller.manager = manager
    return InstanceUnits(
      InstanceLayout(templates: ["app@", "jobs@"], socket: "/r/{id}", live: "/r/../l"), caller)
  }

  @Test func `instances that run, start or stop count as running`() throws {
    let found = try units(
      """
      echo app@1.service loaded active running The application
      echo app@2.service loaded activating start
      echo jobs@3.service loaded deactivating stop-sigterm
      echo app@4.service loaded failed failed
      echo app@5.service loaded inactive dead
      echo other@6.service loaded active running
      echo app@.service loaded active running
      echo app@7.socket loaded active listening
      """)
    #expect(found.running == ["1", "2", "3"])
    let failed = try #require(found.units?.first { $0.name == "app@4.service" })
    #expect(failed.id == "4" && failed.activeState == "failed" && failed.subState == "failed")
  }

  @Test func `systemctl is asked once about all templates`() throws {
    _ = try units("echo \"$@\" >> \(hooks.path)/asked")
    #expect(
      try hooks.read("\(hooks.path)/asked")
        == "--no-ask-password list-units --all --plain --no-legend --full --no-pager --"
        + " app@*.service jobs@*.service\n")
  }

  @Test func `the systemd of a user is found through its run-time directory`() throws {
    _ = try units(
      "echo \"$@\" > \(hooks.path)/asked; echo $XDG_RUNTIME_DIR >> \(hooks.path)/asked",
      manager: .user)
    let asked = try hooks.read("\(hooks.path)/asked")
    #expect(asked.hasPrefix("--no-ask-password --user list-units"))
    #expect(asked.hasSuffix("\n/run/user/\(geteuid())\n"))
  }

  /// The clock of the host may be set between two looks.
  @Test func `the start of a unit is a time of the monotonic clock`() throws {
    func start(_ state: String) throws -> UInt64?? {
      let caller = CallerEnvironment(
        programDirectories: try hooks.standIn(
          for: "systemctl",
          "echo ActiveState=\(state); echo InactiveExitTimestampMonotonic=1234567890"))
      return InstanceUnits.start(of: "app@1.service", caller)
    }
    #expect(try start("active") == .some(.some(1_234_567_890)))
    #expect(try start("inactive") == .some(.none))
    let nowhere = CallerEnvironment(programDirectories: ["\(hooks.path)/none"])
    #expect(InstanceUnits.start(of: "app@1.service", nowhere) == .none)
  }

  @Test func `no instance is not the same as no answer`() throws {
    #expect(try units("exit 0").running == [])
    #expect(try units("exit 1").running == nil)
    let nowhere = CallerEnvironment(programDirectories: ["\(hooks.path)/none"])
    let layout = InstanceLayout(templates: ["app@"], socket: "/r/{id}", live: "/l")
    #expect(InstanceUnits(layout, nowhere).running == nil)
  }
}
