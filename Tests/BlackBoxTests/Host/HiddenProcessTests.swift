import Foundation
import TestSupport
import Testing

/// With hidepid, `/proc` lacks the processes of other users.
@Suite(.enabled(if: PrivateHost.isPossible, PrivateHost.comment)) struct HiddenProcessTests {
  private static let user = 471_147

  /// Returns a host whose service belongs to another user than the store.
  private func host(_ store: TestStore, runs: Bool) throws -> PrivateHost {
    var host = PrivateHost(store)
    host.hideProcesses()
    try host.replace(
      program: "/usr/bin/systemctl",
      by: """
        echo LoadState=loaded ActiveState=active SubState=running Result=success | tr ' ' '\\n'
        echo MainPID=$(cat \(store.directory)/pid)
        """)
    host.run("cd /; setpriv --reuid 34 --clear-groups sleep 300 & echo $! > \(store.directory)/pid")
    if !runs { host.run("kill $!; wait $! || :") }
    return host
  }

  private func makeStore(_ configuration: String = "") throws -> TestStore {
    let store = try TestStore()
    try store.write(
      "releases.yaml", "service: diting\nhealth: {command: 'true', timeout: 1s}\n\(configuration)")
    try store.changeOwner(to: Self.user)
    return store
  }

  @Test func `a service hidden by hidepid is unknown and not unhealthy`() throws {
    let store = try makeStore()
    let launcher = try host(store, runs: true).launcher(as: Self.user)
    let archive = try store.packRelease("1")
    let run = try store.runCopy(["deploy", archive], launcher: launcher)
    #expect(run.status == 0, "\(run.errors)")
    let status = try store.runCopy(["status"], launcher: launcher)
    #expect(status.status == 0, "\(status.output)")
    #expect(status.output.contains("of another user is hidden (hidepid)"), "\(status.output)")
    let check = try store.runCopy(["check"], launcher: launcher)
    #expect(check.status == 0)
    #expect(check.output.contains("the processes of other users are hidden here (hidepid)"))
  }

  @Test func `a service that has stopped is still reported as stopped`() throws {
    let store = try makeStore()
    let launcher = try host(store, runs: false).launcher(as: Self.user)
    let archive = try store.packRelease("1")
    let run = try store.runCopy(["deploy", archive], launcher: launcher)
    #expect(run.status == 11, "\(run.errors)")
    #expect(run.errors.contains("diting has no main process"))
  }

  @Test func `pruning warns once that processes are hidden`() throws {
    let store = try makeStore("keep: {count: 1, age: 0d}\n")
    for id in ["1", "2", "3", "4", "5"] { try store.publish(id) }
    let launcher = try host(store, runs: true).launcher(as: Self.user)
    let run = try store.runCopy(["prune"], launcher: launcher)
    #expect(run.status == 0)
    #expect(run.errors.components(separatedBy: "(hidepid)").count == 2, "\(run.errors)")
    #expect(try store.runCopy(["prune"], launcher: launcher).errors == "", "nothing to remove")
    try store.publish("6")
    #expect(try store.runCopy(["prune"], launcher: []).errors == "", "root sees all processes")
  }
}
