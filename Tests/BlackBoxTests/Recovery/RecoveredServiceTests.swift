import Foundation
import TestSupport
import Testing

/// `recover` says whether the service runs what is live afterwards.
@Suite struct RecoveredServiceTests {
  /// Returns a store whose switch from 1 to 2 was killed while it waited for the health check.
  private func makeStore(hook: Bool = true) throws -> TestStore {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    try store.publish("2")
    // The service gets healthy only by a restart.
    let activate =
      hook
      ? "hooks: {activate: {run: '[ $RELEASES_EVENT != restart ] || touch ../../healthy'}}\n" : ""
    try store.write(
      "releases.yaml",
      "\(activate)health: {command: 'test -e ../../healthy', timeout: 1m, interval: 1s}\n")
    let switching = try store.start(["activate", "2"])
    try store.waitUntil("it waits") { store.exists(".releases/confirmation.json") }
    switching.send(SIGKILL)
    _ = switching.waitForExit()
    return store
  }

  @Test func `a service that is not healthy yet is a warning with the restart`() throws {
    let store = try makeStore()
    let run = try store.expectSuccess(["recover"])
    #expect(run.output == "recovered\n")
    #expect(run.errors.contains("warning: 1 is live but not healthy: "), "\(run.errors)")
    #expect(run.errors.contains("releases --store \(store.path) restart\n"), "\(run.errors)")
    // After the command of the hint, the service is known to work.
    try store.expectSuccess(["restart"])
    try store.expectFindings([])
  }

  @Test func `a healthy service is not mentioned`() throws {
    let store = try makeStore()
    try store.write("healthy", "")
    let run = try store.expectSuccess(["recover"])
    #expect(!run.errors.contains("warning"), "\(run.errors)")
  }

  @Test func `without an activate hook there is nothing to restart`() throws {
    let store = try makeStore(hook: false)
    let run = try store.expectSuccess(["recover"])
    #expect(run.errors.contains("warning: 1 is live but not healthy: "), "\(run.errors)")
    #expect(!run.errors.contains("restart"), "\(run.errors)")
  }

  @Test func `at boot nothing is asked`() throws {
    let store = try makeStore()
    let run = try store.expectSuccess(["recover", "--boot"])
    #expect(!run.errors.contains("warning"), "\(run.errors)")
  }
}
