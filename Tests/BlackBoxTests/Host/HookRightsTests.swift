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

  private func findings(_ run: Releases.Run, _ subject: String) throws -> [[String: Any]] {
    try #require(try run.json["findings"] as? [[String: Any]])
      .filter { $0["subject"] as? String == subject && $0["code"] as? String != "nothingLive" }
  }

  @Test func `status does not advise to restart a unit that does not exist`() throws {
    try store.publishAndActivate(["1"])
    try configure("service: noted\nhooks: {activate: {run: 'true'}}\n")
    let launcher = try host(unit: "not-found").launcher(as: Self.user)
    let status = try store.runCopy(["status"], launcher: launcher)
    #expect(status.status == 7)
    #expect(
      status.output.contains(
        "systemd does not know the unit noted [serviceMismatch]; correct service in \(store.path)/releases.yaml, or "
          + "install the unit and run: sudo systemctl daemon-reload"), "\(status)")
    #expect(!status.output.contains("restart"), "\(status)")
  }

  @Test func `check reports a unit that systemd does not know`() throws {
    try configure("service: noted\nhooks: {activate: {run: 'true'}}\n")
    let unknown = try store.runCopy(
      ["check", "--json"], launcher: try host(unit: "not-found").launcher(as: Self.user))
    #expect(unknown.status == 11)
    let found = try #require(try findings(unknown, "service").first)
    #expect(found["level"] as? String == "problem" && found["code"] as? String == "needsPerson")
    #expect(found["message"] as? String == "systemd does not know the unit noted")
    let loaded = try store.runCopy(
      ["check"], launcher: try host(unit: "loaded").launcher(as: Self.user))
    #expect(loaded.status == 0 && loaded.output.contains("noted is loaded"), "\(loaded)")
  }

  @Test(
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/sudo")),
    arguments: [
      ("activate", 11, "problem"), ("prepare", 1, "problem"), ("succeeded", 0, "warning"),
    ])
  func `check reports a hook that sudo refuses`(
    hook: String, status: Int32, level: String
  ) throws {
    try configure("hooks: {\(hook): {run: sudo systemctl restart notes}}\n")
    let other = "NOPASSWD: /usr/bin/systemctl restart other"
    for rules in [[], [other]] {
      var host = try host(unit: "loaded")
      for rule in rules {
        host.run("echo '\(Self.name) ALL=(root) \(rule)' >>/etc/sudoers.d/test")
      }
      let run = try store.runCopy(["check", "--json"], launcher: host.launcher(as: Self.user))
      #expect(run.status == status, "\(run)")
      let found = try #require(try findings(run, "sudo").first)
      #expect(found["level"] as? String == level)
      #expect(
        found["message"] as? String
          == "hooks.\(hook): sudo does not let \(Self.name) run it: sudo systemctl restart notes")
      let hint = try #require(found["hint"] as? String)
      #expect(
        hint == "as root, let the store's owner run it: echo '\(Self.name) ALL=(root) NOPASSWD: "
          + "/usr/bin/systemctl restart notes' | sudo env EDITOR='tee -a' visudo -f "
          + "/etc/sudoers.d/releases")
      let command = try #require(hint.split(separator: "run it: ", maxSplits: 1).last)
      // Root runs the command twice, which appends to the file, and visudo accepts both lines.
      host.run("\(command) >/dev/null")
      host.run("\(command) >/dev/null")
      host.run(
        "test $(grep -c notes /etc/sudoers.d/releases) = 2 && visudo -cqf /etc/sudoers.d/releases")
      let mended = try store.runCopy(["check", "--json"], launcher: host.launcher(as: Self.user))
      #expect(try mended.status == 0 && findings(mended, "sudo").isEmpty, "\(mended)")
    }
  }

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/sudo")))
  func `a hook that sudo refuses is named as the cause`() throws {
    try configure("hooks: {activate: {run: sudo systemctl restart notes}}\n")
    let host = try host(unit: "loaded")
    let archive = try store.archive(["VERSION": "1"])
    let first = try store.runCopy(
      ["deploy", "-", "--id", "1"], launcher: input(archive, host.launcher(as: Self.user)))
    #expect(first.status == 11, "\(first)")
    #expect(
      first.errors.contains(
        "hint: nothing is live, since sudo does not permit the activate hook; see the rule that "
          + "permits it:\n  releases --store \(store.path) check\n"), "\(first)")
    let status = try store.runCopy(["status"], launcher: host.launcher(as: Self.user))
    #expect(
      status.output.contains("nothing is live, since the deployment of 1 failed: the activate hook")
        && status.output.contains("sudo: a password is required [nothingLive]; correct the cause"),
      "\(status)")
    try configure("hooks: {activate: {run: 'true'}}\n")
    let old = try store.runCopy(
      ["activate", "1", "--force"], launcher: host.launcher(as: Self.user))
    #expect(old.status == 0, "\(old)")
    try configure("hooks: {activate: {run: sudo systemctl restart notes}}\n")
    let second = try store.runCopy(
      ["deploy", "-", "--id", "2"], launcher: input(archive, host.launcher(as: Self.user)))
    #expect(second.status == 11, "\(second)")
    #expect(
      second.errors.contains(
        "hint: 1 is live again, but sudo does not permit its activate hook either; see the rule that "
          + "permits it, add it, then restart the service:\n"), "\(second)")
    let restart = try store.runCopy(["restart"], launcher: host.launcher(as: Self.user))
    #expect(restart.status == 11, "\(restart)")
    #expect(
      restart.errors.contains("1 is still live, but sudo does not permit the activate hook"),
      "\(restart)")
  }

  /// Returns a launcher that passes a file as standard input.
  private func input(_ file: String, _ launcher: [String]) -> [String] {
    ["sh", "-c", "exec \"$@\" <'\(file)'", "sh"] + launcher
  }

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/sudo")))
  func `check says nothing about a hook that sudo permits or can't be asked about`() throws {
    try configure("hooks: {activate: {run: sudo systemctl restart notes}}\n")
    let permitted = try host(
      unit: "loaded", rules: "NOPASSWD: /usr/bin/systemctl restart notes")
    let run = try store.runCopy(["check", "--json"], launcher: permitted.launcher(as: Self.user))
    #expect(try run.status == 0 && findings(run, "sudo").isEmpty, "\(run)")
    let confined = try host(unit: "loaded").launcher(as: Self.user).dropLast()
    let unasked = try store.runCopy(
      ["check", "--json"], launcher: Array(confined) + ["--no-new-privs", "--"])
    #expect(try unasked.status == 0 && findings(unasked, "sudo").isEmpty, "\(unasked)")
  }
}
