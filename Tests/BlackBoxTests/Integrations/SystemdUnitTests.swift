import Foundation
import Glibc
import TestSupport
import Testing

/// Systemd itself checks the units, and the generators reproduce them.
@Suite struct SystemdUnitTests {
  /// Writes all units to a directory, with programs that exist on this host.
  private func withUnits(_ body: (_ directory: String) throws -> Void) throws {
    let store = try TestStore(initialized: false)
    for unit in Integrations.units {
      let text = try Integrations.text("systemd/\(unit)")
        .replacing("ExecStart=/usr/local/bin/releases", with: "ExecStart=\(Releases.binary)")
        .replacing(/ExecStart=\/opt\/diting\/[^ ]+/, with: "ExecStart=/bin/true")
      try Data(text.utf8).write(to: URL(fileURLWithPath: "\(store.directory)/\(unit)"))
    }
    try withExtendedLifetime(store) { try body(store.directory) }
  }

  @Test(.enabled(if: Program.isInstalled("systemd-analyze")), arguments: Integrations.units)
  func `systemd accepts every unit without a warning`(unit: String) throws {
    try withUnits { directory in
      // The path of this instance's store needs escaping.
      let name = unit.replacing("@", with: "@srv-my\\x2dapp")
      let run = try Program.run(["systemd-analyze", "verify", "--man=no", "\(directory)/\(name)"])
      #expect(run.status == 0)
      #expect(run.output + run.errors == "")
    }
  }

  @Test(arguments: ["diting.service", "diting@.service"])
  func `the head of the example names every line that depends on the store`(unit: String) throws {
    let text = try Integrations.text("systemd/\(unit)")
    let parts = text.components(separatedBy: "\n[Unit]\n")
    let head = parts[0]
    for line in parts[1].split(separator: "\n") where !line.hasPrefix("#") {
      guard line.contains("/opt/diting") || line.contains("opt-diting") else { continue }
      let key = line.prefix { $0 != "=" }
      #expect(head.contains("\(key)="), "\(line)")
    }
    #expect(!text.contains("\nCondition"), "a condition that fails skips the unit in silence")
  }

  @Test(
    .enabled(if: Program.isInstalled("systemd-escape")),
    arguments: ["diting.service", "diting@.service"])
  func `the commands in the head of the example adapt it to another store`(name: String) throws {
    let store = try TestStore(initialized: false)
    let head = try Integrations.text("systemd/\(name)").components(separatedBy: "\n[Unit]\n")[0]
    let commands = head.split(separator: "\n").map { $0.dropFirst(4) }
    let first = try #require(commands.firstIndex { $0.hasPrefix("store=") })
    let script = commands[first...].joined(separator: "\n")
    try Program.expect(["mkdir", store.path])
    try Program.expect([
      "sh", "-ec",
      "cd '\(store.path)'; cp '\(Integrations.folder.path)/systemd/\(name)' .; \(script)",
    ])
    let unit = try store.read(name.replacing("diting", with: "my-app")).components(
      separatedBy: "\n[Unit]\n")[1]
    #expect(!unit.contains("/opt/diting") && !unit.contains("opt-diting"))
    #expect(!unit.contains("/run/diting") && !unit.contains("=diting/"))
    #expect(unit.contains(" releases-recover@srv-my\\x2dapp.service\n"))
    #expect(unit.contains("\nAssertPathExists=/srv/my-app/"))
  }

  /// systemd follows a link in such a path when the unit starts, and the application can replace what is
  /// below `shared`.
  @Test(arguments: ["diting.service", "diting@.service", "diting-worker@.service"])
  func `an application can't redirect a path that it may write to`(unit: String) throws {
    let lines = try Integrations.text("systemd/\(unit)").split(separator: "\n")
    #expect(
      lines.filter { $0.hasPrefix("ReadWritePaths=") } == ["ReadWritePaths=-/opt/diting/shared"])
  }

  /// The text of the link comes from the owner of the store, and the unit runs as root.
  @Test(
    arguments: [
      ("releases/1", "app@1.service"), ("releases/a-b_c.1/", "app@a-b_c.1.service"),
      ("STORE/releases/7", "app@7.service"), ("releases/.x", nil), ("releases/-x", nil),
      ("releases/1 ssh.service", nil), ("releases/1\nssh.service", nil), ("releases/../1", nil),
      ("releases/$(id)", nil), ("releases/;id", nil), ("releases/", nil), ("ssh", nil),
      ("/etc/releases/1", nil), ("ssh.service x", nil),
      ("releases/é", nil), ("releases/\(String(repeating: "i", count: 65))", nil),
    ] as [(String, String?)])
  func `the unit that starts the live instance accepts only a release ID`(
    text: String, unit: String?
  ) throws {
    let store = try TestStore(initialized: false)
    try Program.expect(["mkdir", "-p", store.path])
    symlink(text.replacing("STORE", with: store.path), "\(store.path)/current")
    let lines = try Integrations.text("systemd/diting-start.service")
    let command = try #require(lines.components(separatedBy: "ExecStart=/bin/sh -euc '").last)
      .components(separatedBy: "'\n")[0]
      .replacing("\\\n", with: " ").replacing("$$", with: "$").replacing("%%", with: "%")
      .replacing("exec systemctl", with: "echo")
    let run = try Program.run(
      ["env", "LC_ALL=C", "STORE=\(store.path)", "TEMPLATES=app@", "sh", "-euc", command])
    #expect(run.output == (unit.map { "--no-block start \($0)\n" } ?? ""), "\(run)")
    #expect((run.status == 0) == (unit != nil), "\(run)")
  }

  @Test func `the units of fixed name are generated from the templates`() throws {
    let store = try TestStore(initialized: false)
    let root = Integrations.folder.deletingLastPathComponent().path
    try Program.expect(
      ["sh", "-c", "cd '\(root)' && Fixtures/plain-units.sh '\(store.directory)/units'"])
    for unit in Integrations.plain {
      let made = try String(
        contentsOfFile: "\(store.directory)/units/\(unit)", encoding: .utf8)
      #expect(try Integrations.text("systemd/\(unit)") == made, "make generate updates \(unit)")
    }
  }

  @Test func `the user units are generated from the templates`() throws {
    let store = try TestStore(initialized: false)
    let root = Integrations.folder.deletingLastPathComponent().path
    try Program.expect(
      ["sh", "-c", "cd '\(root)' && Fixtures/user-units.sh '\(store.directory)/units'"])
    for unit in Integrations.templates {
      let made = try String(
        contentsOfFile: "\(store.directory)/units/\(unit)", encoding: .utf8)
      #expect(
        try Integrations.text("systemd/user/\(unit)") == made, "make generate updates \(unit)")
    }
  }

  /// The systemd of a user supports none of these settings and would not start the unit.
  @Test(arguments: Integrations.templates)
  func `a user unit has no setting that needs root`(unit: String) throws {
    for line in try Integrations.text("systemd/user/\(unit)").split(separator: "\n") {
      for key in ["Protect", "Private", "Bind", "ReadWritePaths", "IPAddress", "Capability"] {
        #expect(!line.hasPrefix(key), "\(line)")
      }
      #expect(!line.contains("multi-user.target") && !line.contains("local-fs.target"))
    }
  }

  /// A unit that may become any user must have no other rights.
  @Test(arguments: Integrations.templates.filter { $0.hasSuffix(".service") })
  func `a template keeps only the capabilities to become the owner`(unit: String) throws {
    let lines = try Integrations.text("systemd/\(unit)").split(separator: "\n")
    #expect(lines.contains("CapabilityBoundingSet=CAP_SETUID CAP_SETGID"))
    #expect(lines.contains("AmbientCapabilities=") && lines.contains("NoNewPrivileges=yes"))
    for key in ["User=", "Group=", "PrivateUsers=", "RemainAfterExit=", "Condition"] {
      #expect(!lines.contains { $0.hasPrefix(key) }, "\(key)")
    }
    #expect(lines.contains("Environment=RELEASES_STORE=%f"))
    let fixed = lines.filter { !$0.hasPrefix("#") && $0.contains("/opt/diting") }
    #expect(fixed == [], "only the instance name selects the store")
  }

  /// The score goes from 0 (best) to 10, here in tenths. A unit without any of these settings
  /// scores above 9.
  @Test(
    .enabled(if: Program.isInstalled("systemd-analyze")),
    arguments: Integrations.units.filter { $0.hasSuffix(".service") })
  func `systemd rates the exposure of every service as low`(unit: String) throws {
    try withUnits { directory in
      let run = try Program.run([
        "systemd-analyze", "security", "--offline=yes", "--threshold=20", "--no-pager",
        "\(directory)/\(unit)",
      ])
      #expect(run.status == 0, "\(run.output.suffix(200))\(run.errors)")
    }
  }

  /// The units allow every system call that the commands make.
  @Test(
    .enabled(if: Program.isInstalled("systemd-analyze")),
    arguments: [
      ["recover", "--boot"], ["prune", "--wait", "10m", "--keep", "1", "--keep-within", "0d"],
      ["verify", "--all"], ["metrics"],
    ])
  func `the system call filter allows all calls of the command`(command: [String]) throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2", "3", "4"])
    try store.makeLink("current", to: "releases/2")
    let log = "\(store.directory)/calls"
    let run = try store.run(command, launcher: ["strace", "-f", "-qq", "-o", log])
    #expect(run.status == 0, "\(run.errors)")
    let filter = try Integrations.text("systemd/releases-\(command[0])@.service").split(
      separator: "\n"
    )
    .filter { $0.hasPrefix("SystemCallFilter=") }
    #expect(
      filter == [
        "SystemCallFilter=@system-service", "SystemCallFilter=~@privileged @resources",
        "SystemCallFilter=@setuid",
      ])
    let sets = try Program.expect(["systemd-analyze", "syscall-filter", "--no-pager"]).output
      .components(separatedBy: "\n\n").reduce(into: [String: [String]]()) { sets, block in
        let lines = block.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        if let name = lines.first { sets[name] = lines.dropFirst().filter { !$0.hasPrefix("#") } }
      }
    func calls(_ set: String) -> Set<String> {
      (sets[set] ?? []).reduce(into: []) { all, name in
        if name.hasPrefix("@") { all.formUnion(calls(name)) } else { all.insert(name) }
      }
    }
    // The commands work without a higher limit of open files.
    let allowed = calls("@system-service").subtracting(
      calls("@privileged").union(calls("@resources"))
    )
    .union(calls("@setuid")).union(["prlimit64", "setrlimit"])
    let made = Set(
      try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").compactMap { line in
        line.split(separator: " ", omittingEmptySubsequences: true).dropFirst().first?
          .prefix { $0.isLetter || $0.isNumber || $0 == "_" }
      }.filter { !$0.isEmpty }.map(String.init))
    #expect(made.count > 10)
    #expect(made.subtracting(allowed) == [])
  }
}
