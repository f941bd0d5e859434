import Foundation
import TestSupport
import Testing

/// What `check` and `status` say about units and rules of sudo that the host lacks.
@Suite(.enabled(if: PrivateHost.isPossible, PrivateHost.comment)) struct HookRightsTests {
  /// An account that every Debian has.
  private static let (user, name) = (34, "backup")
  private let store: TestStore

  init() throws { store = try TestStore() }

  private func configure(_ text: String) throws {
    try store.write("releases.yaml", text)
    try store.changeOwner(to: Self.user)
  }

  /// Returns a host whose systemd reports this state of every unit, and whose sudo has these rules.
  private func host(unit state: String, rules: String...) throws -> PrivateHost {
    var host = PrivateHost(store)
    try host.replace(
      program: "/usr/bin/systemctl", by: "echo LoadState=\(state)\necho ActiveState=inactive\n")
    host.run("mount -t tmpfs -o mode=755 tmpfs /etc/sudoers.d")
    for rule in rules { host.run("echo '\(Self.name) ALL=(root) \(rule)' >>/etc/sudoers.d/test") }
    return host
  }

  @Test func `status does not advise to restart a unit that does not exist`() throws {
    try store.publishAndActivate(["1"])
    try configure("service: noted\nhooks: {activate: {run: 'true'}}\n")
    let launcher = try host(unit: "not-found").launcher(as: Self.user)
    let status = try store.runCopy(["status"], launcher: launcher)
    #expect(status.status == 7)
    #expect(
      status.output.contains(
        "systemd does not know the unit noted; correct service in \(store.path)/releases.yaml, or "
          + "install the unit and run: sudo systemctl daemon-reload"), "\(status)")
    #expect(!status.output.contains("restart"), "\(status)")
  }
}
