import Foundation
import Glibc
import TestSupport
import Testing

/// What the commands say about instances, with a script in place of systemctl and real sockets.
@Suite(.enabled(if: PrivateHost.isPossible, PrivateHost.comment)) struct InstanceStatusTests {
  /// An account that every Debian has.
  private static let user = 34
  private let store: TestStore
  private var run: String { "\(store.directory)/run" }

  init() throws {
    store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    try FileManager.default.createDirectory(atPath: run, withIntermediateDirectories: false)
    try configure()
  }

  private func configure(_ further: String = "") throws {
    try store.write(
      "releases.yaml",
      """
      service:
        unit: app@
        socket: \(run)/{id}.sock
        live: \(run)/live.sock
      \(further)
      """)
    try store.changeOwner(to: Self.user)
    try Program.expect(["chown", "\(Self.user):\(Self.user)", run])
  }

  /// Makes a host whose systemd runs the instances of these releases, and knows every unit as loaded.
  private func host(
    running: [String], stop: String = "exit 0", load: String = "loaded", isRoot: Bool = false,
    starter: String = "disabled", sudo: String? = nil
  ) throws -> [String] {
    var host = PrivateHost(store)
    let lines = running.map { "echo app@\($0).service loaded active running App" }
      .joined(separator: "\n    ")
    try host.replace(
      program: "/usr/bin/systemctl",
      by: """
        case " $* " in
        *" list-units "*)
            \(lines.isEmpty ? ":" : lines);;
        *" show "*)
            while [ "$1" != -- ]; do shift; done
            shift
            for unit; do
                case $unit in *-start.service) enabled=\(starter);; *) enabled=enabled;; esac
                printf 'LoadState=\(load)\\nActiveState=active\\nSubState=running\\nMainPID=0\\nUnitFileState=%s\\n\\n' $enabled
            done;;
        *) \(stop);;
        esac

        """)
    if let sudo { try host.replace(program: "/usr/bin/sudo", by: "\(sudo)\n") }
    return host.launcher(as: isRoot ? nil : Self.user)
  }

  private func link(to name: String) { symlink(name, "\(run)/live.sock") }

  private func status(_ launcher: [String]) throws -> [String: Any] {
    try store.runCopy(["status", "--json"], launcher: launcher).json
  }

  private func codes(_ document: [String: Any]) -> [String] {
    (document["findings"] as? [[String: Any]] ?? []).compactMap { $0["code"] as? String }
  }

  @Test func `status shows the live instance and where the link points`() throws {
    let socket = try ListeningSocket("\(run)/2.sock")
    link(to: "2.sock")
    let launcher = try host(running: ["2"])
    let document = try status(launcher)
    let instances = try #require(document["instances"] as? [[String: Any]])
    #expect(instances.count == 1)
    #expect(instances[0]["release"] as? String == "2" && instances[0]["role"] as? String == "live")
    #expect(instances[0]["listening"] as? Bool == true)
    let liveLink = try #require(document["liveLink"] as? [String: Any])
    #expect(liveLink["release"] as? String == "2" && liveLink["serves"] as? Bool == true)
    #expect(!codes(document).contains("instanceNotServing"), "\(document)")
    let text = try store.runCopy(["status"], launcher: launcher)
    #expect(text.output.contains("2, live: listens at \(run)/2.sock"), "\(text.output)")
    #expect(text.output.contains("\(run)/live.sock points to 2"), "\(text.output)")
    withExtendedLifetime(socket) {}
  }

  @Test func `a link to the release that was live before is a problem`() throws {
    let sockets = [try ListeningSocket("\(run)/1.sock"), try ListeningSocket("\(run)/2.sock")]
    link(to: "1.sock")
    let launcher = try host(running: ["1", "2"])
    let run = try store.runCopy(["status", "--json"], launcher: launcher)
    #expect(run.status == 7)
    #expect(codes(try run.json).contains("instanceNotServing"))
    #expect(codes(try run.json).contains("instanceOrphaned"))
    let text = try store.runCopy(["status"], launcher: launcher).output
    #expect(text.contains("live.sock points to the socket of 1, but 2 is live"), "\(text)")
    let orphan = "connections go to the instance of 1, which is neither live nor draining"
    #expect(text.contains(orphan), "\(text)")
    withExtendedLifetime(sockets) {}
  }

  @Test func `an instance that does not listen is a problem`() throws {
    link(to: "2.sock")
    let launcher = try host(running: ["2"])
    let run = try store.runCopy(["status"], launcher: launcher)
    #expect(run.status == 7)
    #expect(
      run.output.contains("2 is live, but no process listens at \(self.run)/2.sock"),
      "\(run.output)")
  }

  @Test func `list, show and metrics agree with status`() throws {
    let socket = try ListeningSocket("\(run)/2.sock")
    link(to: "2.sock")
    let launcher = try host(running: ["1", "2"])
    let list = try store.runCopy(["list", "--json"], launcher: launcher).json
    let roles = (list["releases"] as? [[String: Any]] ?? []).map { $0["instance"] as? String }
    #expect(roles == ["live", "orphaned"])
    func own(_ document: [String: Any]) -> [String] {
      codes(document).filter { $0.hasPrefix("instance") }
    }
    #expect(own(list) == own(try status(launcher)) && own(list) == ["instanceOrphaned"])
    #expect(
      try store.runCopy(["list"], launcher: launcher).output.contains("rollback, orphaned"))
    #expect(
      try store.runCopy(["show", "1"], launcher: launcher).output
        .contains("its instance is orphaned"))
    let metrics = try store.runCopy(["metrics"], launcher: launcher).output
    for line in [
      "releases_instances{store=\"\(store.path)\",state=\"live\"} 1",
      "releases_instances{store=\"\(store.path)\",state=\"orphaned\"} 1",
      "releases_instances{store=\"\(store.path)\",state=\"draining\"} 0",
      "releases_live_link_ok{store=\"\(store.path)\"} 1",
    ] {
      #expect(metrics.contains(line + "\n"), "\(line) is not in \(metrics)")
    }
    withExtendedLifetime(socket) {}
  }

  @Test func `a store without instances has no metrics and no members of instances`() throws {
    try store.write("releases.yaml", "keep: {count: 3}\n")
    let launcher = try host(running: ["1"])
    let document = try status(launcher)
    #expect((document["instances"] as? [Any])?.isEmpty == true)
    #expect(document["liveLink"] is NSNull)
    let metrics = try store.runCopy(["metrics"], launcher: launcher).output
    #expect(!metrics.contains("releases_instances") && !metrics.contains("live_link"))
  }

  // MARK: - check

  private func checks(_ launcher: [String]) throws -> [[String: Any]] {
    try #require(
      try store.runCopy(["check", "--json"], launcher: launcher).json["findings"]
        as? [[String: Any]]
    )
  }

  private func messages(_ launcher: [String], _ level: String) throws -> [String] {
    try checks(launcher).filter { $0["level"] as? String == level }
      .compactMap { $0["message"] as? String }
  }

  @Test func `check is content with a host that has everything`() throws {
    let socket = try ListeningSocket("\(run)/2.sock")
    link(to: "2.sock")
    let launcher = try host(running: ["2"])
    #expect(try messages(launcher, "problem") == [])
    let fine = try messages(launcher, "ok")
    for text in [
      "systemd knows the unit app@.service", "\(run)/live.sock can be replaced",
      "instances can be started and stopped", "recovery starts the live instance at boot",
    ] {
      #expect(fine.contains(text), "\(text) is not in \(fine)")
    }
    withExtendedLifetime(socket) {}
  }

  @Test func `check reports a template that systemd does not know`() throws {
    let found = try messages(try host(running: [], load: "not-found"), "problem")
    #expect(found.contains { $0.hasPrefix("systemd does not know the unit app@.service") })
  }

  @Test func `check reports an owner who may not stop instances`() throws {
    let launcher = try host(running: ["2"], stop: "echo 'Access denied' >&2; exit 4")
    let run = try store.runCopy(["check", "--json"], launcher: launcher)
    #expect(run.status == 10 || run.status == 11, "\(run)")
    #expect(
      try messages(launcher, "problem").contains {
        $0 == "backup can't start or stop instances: Access denied"
      })
  }

  @Test func `check reports that nothing starts after a reboot where the owner needs sudo`() throws
  {
    let denied = "echo 'Access denied' >&2; exit 4"
    let unit = "app-start.service"
    var found = try checks(try host(running: ["2"], stop: denied, sudo: "exit 0"))
    let warning = try #require(
      found.first { ($0["message"] as? String)?.contains("\(unit) is not enabled") ?? false })
    #expect(warning["level"] as? String == "warning")
    #expect((warning["hint"] as? String)?.contains("systemctl enable '\(unit)'") ?? false)
    found = try checks(
      try host(running: ["2"], stop: denied, starter: "enabled", sudo: "exit 0"))
    let fine = found.filter { $0["level"] as? String == "ok" }.map { $0["message"] as? String }
    #expect(fine.contains("\(unit) starts the live instance at boot"), "\(found)")
    // With a rule of polkit, recovery itself starts it.
    #expect(
      try messages(try host(running: ["2"], sudo: "exit 0"), "warning")
        .allSatisfy { !$0.contains(unit) })
  }

  @Test func `recovery at boot leaves the start to the unit that root has enabled`() throws {
    link(to: "2.sock")
    let denied = "echo 'Access denied' >&2; exit 4"
    let without = try store.runCopy(
      ["recover", "--boot"], launcher: try host(running: [], stop: denied, sudo: "exit 1"))
    #expect(without.errors.contains("can't start the instance of 2: Access denied"), "\(without)")
    let with = try store.runCopy(
      ["recover", "--boot"],
      launcher: try host(running: [], stop: denied, starter: "enabled", sudo: "exit 1"))
    #expect(with.status == 0)
    #expect(
      (with.output + with.errors).contains("the start of the instance of 2 to app-start.service"),
      "\(with)")
    #expect(!with.errors.contains("Access denied"), "\(with)")
  }

  // MARK: - A socket that is closed to the owner

  @Test func `check reports a running instance whose socket is closed to the owner`() throws {
    let socket = try ListeningSocket("\(run)/2.sock")
    chmod("\(run)/2.sock", 0o700)
    link(to: "2.sock")
    let found = try checks(try host(running: ["2"]))
      .filter { $0["code"] as? String == "permission" }
    #expect(
      found.map { $0["message"] as? String } == [
        """
        backup may not connect to \(run)/2.sock: the socket \(run)/2.sock belongs to root:root and \
        has mode 0700
        """
      ])
    withExtendedLifetime(socket) {}
  }

  @Test func `a release whose socket is closed to the owner is not marked bad`() throws {
    try configure("health: {url: 'http://localhost/', timeout: 1s, interval: 1s}")
    let sockets = [try ListeningSocket("\(run)/1.sock"), try ListeningSocket("\(run)/2.sock")]
    chmod("\(run)/1.sock", 0o700)
    link(to: "2.sock")
    let launcher = try host(running: ["2"])
    let run = try store.runCopy(["activate", "1", "--json"], launcher: launcher)
    let error = try #require(try run.json["error"] as? [String: Any])
    #expect(error["code"] as? String == "permission" && run.status == 1, "\(run)")
    let text = "\(run.output)\(run.errors)"
    for words in ["may not connect to", "belongs to root:root and has mode 0700", "UMask="] {
      #expect(text.contains(words), "\(words) is not in \(text)")
    }
    #expect(store.current == "2")
    let list = try store.runCopy(["list", "--json"], launcher: launcher).json
    let states = (list["releases"] as? [[String: Any]] ?? []).map { $0["state"] as? String }
    #expect(states == ["ready", "ready"])
    withExtendedLifetime(sockets) {}
  }

  @Test func `the directory of a socket that is closed to the owner is named`() throws {
    try Program.expect(["mkdir", "-m", "700", "\(run)/2"])
    try store.write(
      "releases.yaml",
      "service: {unit: app@, socket: '\(run)/{id}/http.sock', live: \(run)/live.sock}\n")
    let socket = try ListeningSocket("\(run)/2/http.sock")
    link(to: "2/http.sock")
    let found = try messages(try host(running: ["2"]), "problem")
    #expect(
      found.contains {
        $0.hasSuffix("the directory \(run)/2 belongs to root:root and has mode 0700")
      }, "\(found)")
    withExtendedLifetime(socket) {}
  }

  // MARK: - remove

  @Test func `remove says what keeps an instance, and what helps`() throws {
    try store.write("releases.yaml", "keep: {count: 9}\n")
    try store.publishAndActivate(["3", "4"])
    try configure()
    link(to: "4.sock")
    func refusal(_ launcher: [String]) throws -> String {
      let run = try store.runCopy(["remove", "1"], launcher: launcher)
      #expect(run.status == 3, "\(run)")
      return run.errors
    }
    let runs = try refusal(try host(running: ["1", "4"]))
    #expect(runs.contains("release 1 is in use: its instance runs"), "\(runs)")
    #expect(runs.contains("releases") && runs.contains("recover"), "\(runs)")
    unlink("\(run)/live.sock")
    link(to: "1.sock")
    let serves = try refusal(try host(running: ["1"]))
    #expect(serves.contains("release 1 is in use: connections go to its instance"), "\(serves)")
    #expect(serves.contains("restart"), "\(serves)")
  }

  @Test func `check tries only an instance that does not exist`() throws {
    let log = "\(store.directory)/asked"
    let launcher = try host(running: ["2"], stop: "echo \"$@\" >> \(log)")
    try Program.expect(["install", "-m", "666", "/dev/null", log])
    _ = try checks(launcher)
    let asked = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n")
    #expect(
      Set(asked) == [
        "--no-ask-password stop -- app@releases-check.service",
        "--no-ask-password reset-failed -- app@releases-check.service",
      ])
  }

  @Test func `check reports a directory of the link that the owner can't change`() throws {
    try Program.expect(["chown", "0:0", run])
    let found = try messages(try host(running: ["2"]), "problem")
    #expect(
      found.contains("\(run), the directory of service.live, can't be changed"), "\(found)")
  }

  @Test func `check compares the memory with what a second instance needs`() throws {
    try configure("  memory: 100TB")
    let found = try checks(try host(running: ["2"])).filter { $0["subject"] as? String == "memory" }
    #expect(found.count == 1 && found[0]["code"] as? String == "noMemory")
  }

  // MARK: - Switches

  @Test func `a dry run says what would be started, checked, served and drained`() throws {
    let launcher = try host(running: ["2"])
    let run = try store.runCopy(["activate", "1", "--dry-run"], launcher: launcher)
    #expect(
      run.output == """
        would activate 1; 2 was live
        rollback target afterwards: 2
        would start app@1.service
        would check health, for up to 1m: connections at \(self.run)/1.sock
        would point \(self.run)/live.sock to \(self.run)/1.sock
        would stop app@2.service when its connections have ended, after at most 30s

        """, "\(run)")
  }

  @Test func `a dry run without overlap says what is rehearsed and stopped first`() throws {
    try configure("  overlap: false\n  rehearsal: trial@")
    let run = try store.runCopy(
      ["activate", "1", "--dry-run"], launcher: try host(running: ["2"]))
    let lines = run.output.split(separator: "\n").map(String.init)
    let order = [
      "would rehearse 1 with trial@1.service, and stop that again", "would stop app@2.service",
      "would start app@1.service",
    ]
    #expect(order.map { lines.firstIndex(of: $0) ?? -1 } == [2, 3, 4], "\(run.output)")
  }

  @Test func `activating the live release names the repair if its instance does not serve`() throws
  {
    let launcher = try host(running: ["2"])
    let broken = try store.runCopy(["activate", "2"], launcher: launcher)
    #expect(broken.status == 0)
    #expect(
      broken.output.contains("its instance does not serve; start and serve it: releases"),
      "\(broken)")
    let socket = try ListeningSocket("\(run)/2.sock")
    link(to: "2.sock")
    let fine = try store.runCopy(["activate", "2"], launcher: launcher)
    #expect(fine.output.contains("restart its instance: releases"), "\(fine)")
    withExtendedLifetime(socket) {}
  }

  @Test func `a release whose socket would be the link is refused`() throws {
    let archive = try store.archive(["VERSION": "3"], named: "app")
    try Program.expect(["chmod", "644", archive])
    let launcher = try host(running: ["2"])
    let run = try store.runCopy(
      ["deploy", archive, "--id", "live", "--json"], launcher: launcher)
    let error = try #require(try run.json["error"] as? [String: Any])
    #expect(run.status == 3 && error["code"] as? String == "configuration", "\(run)")
    #expect(store.current == "2")
  }

  @Test(arguments: [["activate", "1"], ["deploy", "app.tar.gz"]])
  func `a switch that must not roll back is refused before anything is unpacked`(
    command: [String]
  ) throws {
    let archive = try store.archive(["VERSION": "3"], named: "app")
    try Program.expect(["chmod", "644", archive])
    let launcher = try host(running: ["2"])
    let words = command.map { $0.hasSuffix(".gz") ? archive : $0 }
    let run = try store.runCopy(words + ["--no-rollback", "--json"], launcher: launcher)
    let error = try #require(try run.json["error"] as? [String: Any])
    #expect(run.status == 3 && error["code"] as? String == "notAllowed", "\(run)")
    #expect(try store.names("releases") == ["1", "2"])
  }
}

/// A Unix socket that listens until the value ends.
private final class ListeningSocket {
  private let raw: Int32

  init(_ path: String) throws {
    raw = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    let bound = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(raw, $0, size) }
    }
    try #require(bound == 0 && listen(raw, 8) == 0)
    chmod(path, 0o666)
  }

  deinit { close(raw) }
}
