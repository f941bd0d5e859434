import Foundation
import TestSupport
import Testing

/// A configuration that can't work: an invalid file, which a forced rollback does without, a health check
/// without a restart, and a reserve that is larger than the disk.
@Suite struct UnusableConfigurationTests {
  private func store(_ configuration: String = "hooks: {activte: {run: x}}\n") throws -> TestStore {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    try store.write("releases.yaml", configuration)
    return store
  }

  @Test func `an invalid file prevents a rollback, and the hint names the way out`() throws {
    let store = try store()
    let refused = try store.expectFailure(["rollback"], status: 3, code: "configuration")
    #expect(store.current == "2")
    try store.runHint(of: refused)
    #expect(store.current == "1" && store.previous == nil)
    try store.expectFailure(["activate", "2", "--force"], status: 3, code: "configuration")
    try store.expectFailure(["restart"], status: 3, code: "configuration")
  }

  @Test func `a forced rollback without hooks says so until a restart is confirmed`() throws {
    let store = try store()
    let plan = try store.expectSuccess(["rollback", "--force", "--dry-run"])
    #expect(plan.output.contains("would restart and check nothing, because releases.yaml"))
    let run = try store.expectSuccess(["rollback", "--force"])
    #expect(store.current == "1")
    #expect(
      run.output.contains("nothing was restarted or checked, because releases.yaml is unusable\n"))
    #expect(run.errors.contains("no hook and no health check can run"), "\(run.errors)")
    #expect(run.errors.contains(": releases --store \(store.path) restart\n"), "\(run.errors)")
    try store.expectFindings(["serviceUnconfirmed", "configurationInvalid"])
    try store.write("releases.yaml", "hooks: {activate: {run: 'true'}}\n")
    try store.follow("serviceUnconfirmed", until: [])
  }

  @Test func `a recovery that can't read the configuration says that no hook has run`() throws {
    let store = try store("health: {command: 'touch ../../asked; false', timeout: 1m}\n")
    try store.publish("3")
    let switching = try store.start(["activate", "3"])
    try store.waitUntil("it waits for health") { store.exists("asked") }
    switching.send(SIGKILL)
    _ = switching.waitForExit()
    try store.write("releases.yaml", "hooks: [\n")
    let run = try store.expectSuccess(["recover"])
    #expect(store.current == "2")
    #expect(run.errors.contains("2 is live again, but no hook has run"), "\(run.errors)")
    try store.expectFindings(["serviceUnconfirmed", "configurationInvalid"])
  }

  @Test func `health without an activate hook is a warning of check`() throws {
    let store = try store("health: {command: 'true'}\n")
    let check = try store.run(["check"])
    #expect(check.status == 0, "\(check.output)")
    #expect(check.output.contains("no switch restarts the service"), "\(check.output)")
    try store.write(
      "releases.yaml", "hooks: {activate: {run: 'true'}}\nhealth: {command: 'true'}\n")
    #expect(!(try store.run(["check"]).output.contains("no switch restarts the service")))
  }

  @Test func `a reserve that the file system can't have is a finding`() throws {
    let store = try store("keep: {min-free: 100000TB}\n")
    try store.expectFindings(["minFreeUnreachable"])
    #expect(try store.run(["check"]).status == 8)
    try store.expectFailure(
      ["unpack", try store.archive(["VERSION": "3"]), "--id", "3"], status: 8, code: "noSpace")
    try store.write("releases.yaml", "keep: {min-free: 1MB}\n")
    try store.expectFindings([])
  }
}
