import Foundation
import TestSupport
import Testing

/// Root acts as the owner of a store, and hooks see that user in their variables.
@Suite(.enabled(if: PrivateHost.isPossible, PrivateHost.comment)) struct OwnerTests {
  private static let user = 471_147

  /// Returns a store of that user whose hooks record their user and groups.
  private func makeStore() throws -> TestStore {
    let store = try TestStore()
    let hook = "{ id -u; id -G; echo $USER $LOGNAME $HOME $SHELL; } > $RELEASES_STORE/who"
    try store.write("releases.yaml", "hooks: {activate: {run: '\(hook)'}}\n")
    try store.changeOwner(to: Self.user)
    return store
  }

  private func hookUser(
    _ store: TestStore, _ launcher: [String], _ environment: [String: String] = [:]
  ) throws -> [String] {
    let archive = try store.packRelease("1")
    let run = try store.runCopy(
      ["deploy", archive], launcher: launcher, environment: environment)
    #expect(run.status == 0, "\(run.errors)")
    return try store.read("who").split(separator: "\n").map(String.init)
  }

  @Test func `root keeps all groups of the owner that the host lists`() throws {
    let store = try makeStore()
    var host = PrivateHost(store)
    try host.append("ann:x:\(Self.user):27:::/bin/bash", to: "/etc/passwd")
    try host.append("o1:x:471201:bob,ann", "o2:x:471202:ann", "o3:x:471203:", to: "/etc/group")
    #expect(
      try hookUser(store, host.launcher(), ["HOME": "/root", "USER": "root"])
        == ["\(Self.user)", "27 471201 471202", "ann ann / /bin/bash"])
  }

  @Test func `without getent the groups come from the group file`() throws {
    let store = try makeStore()
    var host = PrivateHost(store)
    try host.append("ann:x:\(Self.user):27::/srv/ann:", to: "/etc/passwd")
    try host.append("o1:x:471201:bob,ann", to: "/etc/group")
    try host.replace(program: "/usr/bin/getent", by: "exit 3")
    #expect(
      try hookUser(store, host.launcher())
        == ["\(Self.user)", "27 471201", "ann ann /srv/ann /bin/sh"])
  }

  @Test func `getent describes an owner who is only in a directory server`() throws {
    let store = try makeStore()
    var host = PrivateHost(store)
    try host.replace(
      program: "/usr/bin/getent",
      by: """
        case "$2 $3" in
          'passwd \(Self.user)') echo 'ann:*:\(Self.user):471300:Ann:/home/far/ann:/bin/bash';;
          'initgroups ann') echo 'ann                   471301 471302';;
          *) exit 2;;
        esac
        """)
    #expect(
      try hookUser(store, host.launcher(), ["HOME": "/root"])
        == ["\(Self.user)", "471300 471301 471302", "ann ann /home/far/ann /bin/bash"])
    #expect(
      try hookUser(store, host.launcher(as: Self.user), ["HOME": "/elsewhere"])[2]
        == "ann ann /home/far/ann /bin/bash")
  }

  @Test func `a caller unknown to the host is described by its own variables`() throws {
    let store = try makeStore()
    let host = PrivateHost(store)
    let variables = ["HOME": "/home/far/ann", "USER": "ann", "SHELL": "/bin/bash"]
    #expect(
      try hookUser(store, host.launcher(as: Self.user), variables)[2]
        == "ann ann /home/far/ann /bin/bash")
    #expect(
      try hookUser(store, host.launcher(), variables)
        == ["\(Self.user)", "\(Self.user)", "\(Self.user) \(Self.user) / /bin/sh"])
  }

  @Test func `root that may only change users becomes the owner`() throws {
    let store = try makeStore()
    try Program.expect(["chmod", "700", store.path])
    let bounded = ["setpriv", "--bounding-set", "-all,+setuid,+setgid", "--"]
    let launcher = PrivateHost(store).launcher() + bounded
    #expect(try hookUser(store, launcher).first == "\(Self.user)")
    // Root needs further rights to search a directory above the store.
    try Program.expect(["chown", "\(Self.user)", store.directory])
    try Program.expect(["chmod", "711", store.directory])
    #expect(try store.runCopy(["status"], launcher: launcher).status == 0)
    var closed = PrivateHost(store)
    closed.run("cp \(Releases.binary) /run/releases-\(Self.user) && chmod 700 \(store.directory)")
    let run = try Program.run(
      closed.launcher() + bounded
        + ["/run/releases-\(Self.user)", "--store", store.path, "--json", "status"],
      environment: ["PATH": "/usr/bin:/bin"])
    try Program.expect(["rm", "/run/releases-\(Self.user)"])
    #expect(run.status == 1)
    #expect(try run.error["code"] as? String == "permission")
    #expect(
      try run.error["message"] as? String
        == "can't read the owner of \(store.path): this process can't search \(store.directory)")
    #expect((try run.error["hint"] as? String)?.hasSuffix("chmod o+x \(store.directory)") == true)
  }
}
