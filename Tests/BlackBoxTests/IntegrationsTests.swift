import Foundation
import Testing

/// What is offered for systemd, cron and sudo, in the judgement of those who read it.
@Suite struct IntegrationsTests {
  private static let folder = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Integrations")
  private static let templates = [
    "releases-recover@.service", "releases-prune@.service", "releases-prune@.timer",
    "releases-verify@.service", "releases-verify@.timer", "releases-metrics@.service",
    "releases-metrics@.timer",
  ]
  /// The names that 0.1 installed.
  private static let plain = templates.map { $0.replacing("@", with: "") }
  private static let units = templates + plain + ["diting.service"]

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: folder.appending(path: path), encoding: .utf8)
  }

  private static func isThere(_ tool: String) -> Bool {
    ["/usr/bin", "/usr/sbin", "/bin", "/sbin"].contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/\(tool)")
    }
  }

  /// The units with programs that are there, in a directory of their own.
  private func withUnits(_ body: (_ directory: String) throws -> Void) throws {
    let store = try TestStore(initialized: false)
    for unit in Self.units {
      let text = try Self.text("systemd/\(unit)")
        .replacing("ExecStart=/usr/local/bin/releases", with: "ExecStart=\(Releases.binary)")
        .replacing("ExecStart=/opt/diting/current/.venv/bin/uvicorn", with: "ExecStart=/bin/true")
      try Data(text.utf8).write(to: URL(fileURLWithPath: "\(store.directory)/\(unit)"))
    }
    try withExtendedLifetime(store) { try body(store.directory) }
  }

  /// The collection for Ansible and the packages have judges of their own.
  @Test func `the folder holds only files with a header comment`() throws {
    let files = try FileManager.default.subpathsOfDirectory(atPath: Self.folder.path)
      .filter { !$0.hasPrefix("ansible") && !$0.hasPrefix("packages") }
    #expect(
      Set(files)
        == Set((Self.units + Self.templates.map { "user/\($0)" }).map { "systemd/\($0)" })
        .union([
          "systemd", "systemd/user", "cron", "cron/releases", "sudoers", "sudoers/releases",
          "prometheus",
        ])
        .union(["prometheus/releases.rules.yml", "prometheus/releases.test.yml", "github"])
        .union(["test.yml", "deploy.yml", "rollback.yml", "releases.sh"].map { "github/\($0)" })
        .union(["runbook.zh-CN.md"]))
    for file in files where file.contains("/") && file != "systemd/user" {
      #expect(try Self.text(file).hasPrefix("#"), "\(file) says at its top what to do with it")
    }
  }

  @Test(.enabled(if: isThere("systemd-analyze")), arguments: units)
  func `systemd accepts every unit without a warning`(unit: String) throws {
    try withUnits { directory in
      // An instance for a store whose path needs escaping.
      let name = unit.replacing("@", with: "@srv-my\\x2dapp")
      let run = try Program.run(["systemd-analyze", "verify", "--man=no", "\(directory)/\(name)"])
      #expect(run.status == 0)
      #expect(run.output + run.errors == "")
    }
  }

  @Test func `the units of fixed name are generated from the templates`() throws {
    let store = try TestStore(initialized: false)
    let root = Self.folder.deletingLastPathComponent().path
    try Program.expect(
      ["sh", "-c", "cd '\(root)' && Fixtures/plain-units.sh '\(store.directory)/units'"])
    for unit in Self.plain {
      let made = try String(
        contentsOfFile: "\(store.directory)/units/\(unit)", encoding: .utf8)
      #expect(try Self.text("systemd/\(unit)") == made, "make generate makes \(unit)")
    }
  }

  @Test func `the user units are generated from the templates`() throws {
    let store = try TestStore(initialized: false)
    let root = Self.folder.deletingLastPathComponent().path
    try Program.expect(
      ["sh", "-c", "cd '\(root)' && Fixtures/user-units.sh '\(store.directory)/units'"])
    for unit in Self.templates {
      let made = try String(
        contentsOfFile: "\(store.directory)/units/\(unit)", encoding: .utf8)
      #expect(try Self.text("systemd/user/\(unit)") == made, "make generate makes \(unit)")
    }
  }

  /// A user's systemd supports none of these settings, and would not start the unit.
  @Test(arguments: templates)
  func `a user unit has no setting that needs root`(unit: String) throws {
    for line in try Self.text("systemd/user/\(unit)").split(separator: "\n") {
      for key in ["Protect", "Private", "Bind", "ReadWritePaths", "IPAddress", "Capability"] {
        #expect(!line.hasPrefix(key), "\(line)")
      }
      #expect(!line.contains("multi-user.target") && !line.contains("local-fs.target"))
    }
  }

  /// A unit that may become any user must have no other rights.
  @Test(arguments: templates.filter { $0.hasSuffix(".service") })
  func `a template keeps only the capabilities to become the owner`(unit: String) throws {
    let lines = try Self.text("systemd/\(unit)").split(separator: "\n")
    #expect(lines.contains("CapabilityBoundingSet=CAP_SETUID CAP_SETGID"))
    #expect(lines.contains("AmbientCapabilities=") && lines.contains("NoNewPrivileges=yes"))
    for key in ["User=", "Group=", "PrivateUsers=", "RemainAfterExit=", "Condition"] {
      #expect(!lines.contains { $0.hasPrefix(key) }, "\(key)")
    }
    #expect(lines.contains("Environment=RELEASES_STORE=%f"))
    let fixed = lines.filter { !$0.hasPrefix("#") && $0.contains("/opt/diting") }
    #expect(fixed == [], "the name of the instance alone selects the store")
  }

  /// The score goes from 0 to 10, here in tenths, and less is better; a unit without any of this
  /// has more than 9.
  @Test(
    .enabled(if: isThere("systemd-analyze")),
    arguments: units.filter { $0.hasSuffix(".service") })
  func `systemd rates the exposure of every service as low`(unit: String) throws {
    try withUnits { directory in
      let run = try Program.run([
        "systemd-analyze", "security", "--offline=yes", "--threshold=20", "--no-pager",
        "\(directory)/\(unit)",
      ])
      #expect(run.status == 0, "\(run.output.suffix(200))\(run.errors)")
    }
  }

  /// What the units let through is all that the commands ask of the kernel.
  @Test(
    .enabled(if: isThere("systemd-analyze")),
    arguments: [
      ["recover", "--boot"], ["prune", "--wait", "10m", "--keep", "1", "--keep-within", "0d"],
      ["verify", "--all"], ["metrics"],
    ])
  func `the system call filter allows all calls of the command`(command: [String]) throws {
    let store = try TestStore()
    try store.activate(["1", "2", "3", "4"])
    try store.makeLink("current", to: "releases/2")
    let log = "\(store.directory)/calls"
    let run = try store.run(command, launcher: ["strace", "-f", "-qq", "-o", log])
    #expect(run.status == 0, "\(run.errors)")
    let filter = try Self.text("systemd/releases-\(command[0])@.service").split(separator: "\n")
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
    // What may be refused without harm: more open files than usual.
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

  /// promtool(1) is large; where it is there, it judges.
  @Test(.enabled(if: isThere("promtool"))) func `promtool accepts the rules and their tests`() throws {
    let folder = Self.folder.appending(path: "prometheus").path
    try Program.expect(["promtool", "test", "rules", "\(folder)/releases.test.yml"])
  }

  /// An alert on what nobody says would be silent for ever.
  @Test func `every metric in an alert exists`() throws {
    let said = Set(
      try TestStore().expectDone(["metrics"]).lines.map { $0.prefix { $0 != "{" && $0 != " " } })
    let rules = try Self.text("prometheus/releases.rules.yml")
    let asked = rules.matches(of: /releases_[a-z_]+/).map(\.output)
    #expect(asked.count > 10)
    // A new store has no transaction that could have failed but its own beginning.
    #expect(Set(asked).subtracting(said).isEmpty)
  }

  @Test(.enabled(if: isThere("visudo")))
  func `visudo accepts the rules and they allow two commands`() throws {
    let run = try Program.run([
      "visudo", "-cf", Self.folder.appending(path: "sudoers/releases").path,
    ])
    #expect(run.status == 0, "\(run.output)\(run.errors)")
    let rules = try Self.text("sudoers/releases").split(separator: "\n")
      .filter { !$0.hasPrefix("#") && !$0.hasPrefix("Defaults") }
    #expect(
      rules == [
        "deploy ALL=(root) NOPASSWD: /usr/bin/systemctl restart diting",
        "deploy ALL=(root) NOPASSWD: /usr/bin/systemctl reset-failed diting",
      ])
  }

  // MARK: - The commands

  /// Of the cron file: when, who, what.
  private func jobs() throws -> [(fields: [String], command: String)] {
    try Self.text("cron/releases").split(separator: "\n")
      .filter { $0.first?.isNumber == true || $0.hasPrefix("*") }
      .map { line in
        let words = line.split(separator: " ", maxSplits: 6).map(String.init)
        let rest = line.split(separator: " ", omittingEmptySubsequences: true)
        return (words, rest.dropFirst(6).joined(separator: " "))
      }
  }

  @Test func `cron jobs print only what a person has to know`() throws {
    let store = try TestStore()
    try store.activate(["1", "2"])
    let jobs = try jobs()
    #expect(jobs.count == 2)
    let tools = (Releases.binary as NSString).deletingLastPathComponent
    let variables = ["PATH": "\(tools):/usr/bin:/bin", "RELEASES_STORE": store.path]
    for job in jobs {
      let run = try Program.run(["/bin/sh", "-c", job.command], environment: variables)
      #expect(run.status == 0 && run.output == "" && run.errors == "", "\(job.command): \(run)")
    }
    // And speaks when there is something.
    try store.write("releases/1/VERSION", "changed")
    let verify = try #require(jobs.last?.command)
    let run = try Program.run(["/bin/sh", "-c", verify], environment: variables)
    #expect(run.status == 7 && run.output == "1\n")
  }

  @Test func `the cron file sets path, recipient and store`() throws {
    let text = try Self.text("cron/releases")
    for line in ["PATH=/usr/local/bin:/usr/bin:/bin", "MAILTO=root", "RELEASES_STORE=/opt/diting"] {
      #expect(text.contains("\n\(line)\n"))
    }
    #expect(text.hasSuffix("\n"), "cron leaves out a last line without an end")
    #expect(!text.contains("%"), "to cron, a percent sign ends the command")
  }

  /// Each command line is understood: with --dry-run, or as it is, on a store where it does nothing.
  @Test func `every command line in units and cron file runs`() throws {
    let store = try TestStore()
    try store.activate(["1"])
    let inUnits = try Self.units.flatMap { unit in
      try Self.text("systemd/\(unit)").split(separator: "\n")
        .filter { $0.hasPrefix("ExecStart=/usr/local/bin/releases ") }
        .map { $0.split(separator: " ").dropFirst().map(String.init) }
    }
    let inCron = try jobs().map { $0.command.split(separator: " ").dropFirst().map(String.init) }
    #expect(inUnits.count == 8 && inCron.count == 2)
    for arguments in inUnits + inCron {
      let run = try store.run(
        arguments, environment: ["RELEASES_TEXTFILE_DIRECTORY": store.directory])
      #expect(run.status == 0, "\(arguments): \(run.errors)")
    }
  }
}
