import Foundation
import TestSupport
import Testing

/// Text from outside leaves the tool without secrets and without characters that control the reader;
/// IDs and refs leave it unchanged.
@Suite struct OutgoingTextTests {
  private static let secret = "Sekret77"
  /// One line that controls a terminal, the direction of text, and the log of a workflow.
  private static let hostile =
    "\u{1B}[31mred\r\u{202E}txt ::error::x ##[error]y password=\(secret)"
  /// What no reader may get, as characters, and as JSON escapes them.
  private static let forbidden = [
    secret, "\u{1B}", "\r", "\u{202E}", "::error::x", "##[error]", "\\u001b", "\\u202e",
  ]
  /// The form of a token of a well-known service, which is a valid ID.
  private static let ids = ["sk-abcdefghijklmnop1234", "ghp_abcdefghijklmnopqrst0123", "api-token"]

  private func expectHarmless(
    _ text: String, _ comment: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    for part in Self.forbidden {
      #expect(
        !text.utf8.contains(part.utf8), "\(comment): \(part.debugDescription) in \(text)",
        sourceLocation: sourceLocation)
    }
  }

  /// Runs a command in each format, and expects that the output does not contain the secret.
  @discardableResult
  private func run(
    _ store: TestStore, _ command: [String], environment: [String: String] = [:],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> [Releases.Run] {
    try ["text", "json", "github"].map { format in
      let run = try store.run(command + ["--output", format], environment: environment)
      expectHarmless(
        run.output + run.errors, "\(command) \(format)", sourceLocation: sourceLocation)
      return run
    }
  }

  /// Looks at everything that others may read.
  private func expectHarmlessStore(
    _ store: TestStore, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let page = "\(store.directory)/page.html"
    for command in [
      ["list"], ["status"], ["history"], ["show", "1"], ["show", "2"], ["check"], ["metrics"],
      ["logs", "2"], ["verify", "--all"], ["report", "--html", page], ["prune", "--dry-run"],
      ["diagnose", "--timeout", "9s"], ["activate", "2", "--force", "--dry-run"], ["wait", "a2"],
    ] {
      try run(store, command, sourceLocation: sourceLocation)
    }
    let text = try String(contentsOfFile: page, encoding: .utf8)
    expectHarmless(text, "the page", sourceLocation: sourceLocation)
    let directories = ["catalog", "attempts"]
    for name in ["history.jsonl", "lock", "freeze.json"]
      + directories.flatMap({ directory in
        ((try? store.names(".releases/\(directory)")) ?? []).map { "\(directory)/\($0)" }
      }) where store.exists(".releases/\(name)")
    {
      expectHarmless(try store.read(".releases/\(name)"), name, sourceLocation: sourceLocation)
    }
  }

  @Test(arguments: [
    "hooks: {activate: {run: 'cat ../../hostile; grep -q good VERSION'}}",
    "hooks: {prepare: {run: 'cat ../../hostile; grep -q good VERSION'}}",
    "health: {command: 'cat ../../hostile; grep -q good VERSION', timeout: 1s}",
  ])
  func `what a program prints is harmless in every place`(configuration: String) throws {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    try store.write("hostile", Self.hostile + "\n")
    try store.write("releases.yaml", configuration + "\n")
    for (number, format) in ["text", "json", "github"].enumerated() {
      let command = [
        "deploy", try store.packRelease("bad"), "--id", number == 0 ? "2" : "2\(number)",
        "--request", number == 0 ? "a2" : "a2\(number)", "--output", format,
      ]
      let run = try store.run(command)
      #expect(run.status != 0)
      expectHarmless(run.output + run.errors, "\(command)")
    }
    try expectHarmlessStore(store)
    // The log of a hook is what the hook has printed, for the owner and the group alone.
    for log in (try? store.names(".releases/logs")) ?? [] {
      #expect(try store.read(".releases/logs/\(log)").contains(Self.secret))
      let mode = try Program.expect(["stat", "-c", "%a", "\(store.path)/.releases/logs/\(log)"])
      #expect(mode.output == "640\n", "\(log)")
    }
  }

  @Test func `what people type and what they have in their environment is harmless`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    try run(store, ["pin", "1", "--reason", Self.hostile])
    try run(store, ["mark", "2", "bad", "--reason", Self.hostile])
    try run(store, ["freeze", "--reason", Self.hostile])
    try run(store, ["activate", Self.hostile])
    try run(store, ["unpack", "/nowhere/\(Self.hostile)"])
    try run(store, [Self.hostile])
    try run(store, ["pin", "2", "--reason", "x"], environment: ["LOGNAME": Self.hostile])
    let archive = try store.packRelease("good")
    try run(store, ["unpack", archive, "--id", "3", "--ref", Self.hostile])
    #expect(try !store.names("releases").contains("3"))
    for line in ["activate '\(Self.hostile)'", Self.hostile, "list --json '\(Self.hostile)'"] {
      let run = try store.run(
        ["gate", "--allow", "operator", "--name", "k"], environment: ["SSH_ORIGINAL_COMMAND": line])
      expectHarmless(run.output + run.errors, "the gate: \(line)")
    }
    try expectHarmlessStore(store)
  }

  @Test func `names in archives, in releases and in the configuration are harmless`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    let archive = try store.archive([Self.hostile: "x"])
    try store.expectSuccess(["unpack", archive, "--id", "2"])
    try FileManager.default.removeItem(atPath: "\(store.path)/releases/2/\(Self.hostile)")
    try store.write("releases/1/\(Self.hostile)", "added")
    try store.write("releases/\(Self.hostile)", "a stray")
    try expectHarmlessStore(store)
    try run(store, ["verify", "2", "--strict"])
    try run(store, ["activate", "2", "--verify"])
    let escape = try store.archive(["a": "x"], named: "escape")
    try Program.expect(
      ["python3", "-c", Self.hostileArchive, escape, "../\(Self.hostile)"])
    try run(store, ["unpack", escape])
    let value = Self.hostile.debugDescription.replacing("\\u{202E}", with: "\\u202E")
      .replacing("\\u{1B}", with: "\\e")
    for text in [
      "\(value): 1", "service: \(value)", "health: {url: \(value)}", "keep: {count: \(value)}",
    ] {
      try store.write("releases.yaml", text + "\n")
      try run(store, ["check"])
      try run(store, ["status"])
      try run(store, ["activate", "2"])
    }
  }

  @Test(.enabled(if: PrivateHost.isPossible, PrivateHost.comment))
  func `what the journal and systemd say about the service is harmless`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    try store.write("hostile", Self.hostile + "\n")
    let times = "ExecMainStartTimestampMonotonic=20\\nInactiveExitTimestampMonotonic=20\\n"
    let active = "ActiveState=active\\nSubState=running\\nExecMainPID=7\\n\(times)NRestarts=0\\n"
    let failed =
      "ActiveState=failed\\nSubState=failed\\nExecMainPID=7\\nExecMainCode=1\\nExecMainStatus=1\\n"
      + "\(times)ExecMainExitTimestampMonotonic=30\\nStateChangeTimestampMonotonic=30\\n"
      + "InvocationID=abc\\nResult="
    var host = PrivateHost(store)
    try host.replace(
      program: "/usr/bin/systemctl",
      by: """
        #!/bin/sh
        test -e '\(store.path)/died' || { printf '\(active)'; exit; }
        printf '\(failed)'; cat '\(store.path)/hostile'
        """)
    try host.replace(
      program: "/usr/bin/journalctl", by: "#!/bin/sh\necho Error:; cat '\(store.path)/hostile'\n")
    try store.write(
      "releases.yaml",
      """
      service: web
      hooks: {activate: {run: 'grep -q bad VERSION && touch $RELEASES_STORE/died || true'}}
      health: {command: 'grep -q good VERSION', timeout: 3s}
      """)
    let archive = try store.packRelease("bad")
    for command in [
      ["deploy", archive, "--id", "2"], ["logs", "2"], ["diagnose", "--timeout", "9s"], ["status"],
      ["check"],
    ] {
      for format in ["text", "json", "github"] {
        let run = try store.run(
          command + ["--output", format], launcher: host.launcher())
        expectHarmless(run.output + run.errors, "\(command) \(format)")
        if command[0] == "deploy", format == "text" {
          #expect(run.status != 0 && run.errors.contains("web failed"), "\(run)")
        }
      }
    }
    try expectHarmlessStore(store)
  }

  @Test func `refs give no commands to the log of a workflow`() throws {
    let store = try TestStore()
    let refs = ["##[error]y", "::error::x", "v1 ##[error]y ::error::x"]
    for (number, ref) in refs.enumerated() {
      let archive = try store.packRelease("good \(number)")
      try run(store, ["deploy", archive, "--id", "1\(number)", "--ref", ref, "--dry-run"])
      try run(store, ["deploy", archive, "--id", "\(number + 1)", "--ref", ref])
      for command in [
        ["show", ref], ["activate", ref], ["pin", ref, "--reason", ref], ["logs", ref],
      ] {
        try run(store, command)
      }
      let entry = try store.entry(of: "\(number + 1)")
      #expect(entry["ref"] as? String == ref, "a reader of JSON gets the ref as it is")
    }
    for command in [
      ["list"], ["status"], ["history"], ["show", "1"], ["check"], ["metrics"],
      ["list", "--describe"],
      ["report", "--html", "-"], ["prune", "--dry-run"], ["diagnose", "--timeout", "9s"],
      ["rollback", "--dry-run"], ["wait", refs[0], "--timeout", "1s"],
    ] {
      try run(store, command)
    }
  }

  @Test func `secrets in the texts of links are masked`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    let place = "\(store.directory)/password=\(Self.secret)"
    try FileManager.default.createDirectory(
      atPath: place + "/x", withIntermediateDirectories: true)
    for (name, target) in [
      ("current", place + "/x"), ("previous", place + "/y"), ("releases/alias", place + "/z"),
    ] {
      try? FileManager.default.removeItem(atPath: "\(store.path)/\(name)")
      try store.makeLink(name, to: target)
    }
    let commands = [
      ["list"], ["status"], ["check"], ["show", "1"], ["metrics"], ["report", "--html", "-"],
      ["diagnose", "--timeout", "9s"], ["show", "alias"], ["activate", "alias"],
      ["init", "--dry-run"],
      ["activate", "1", "--dry-run"], ["recover", "--dry-run"], ["restart"],
    ]
    for command in commands { try run(store, command) }
    try store.write("releases.yaml", "health: {command: 'false', timeout: 1s}\n")
    try run(store, ["activate", "1"])
    try run(store, ["activate", "1", "--force"])
    for command in commands + [["history"], ["init"], ["recover"], ["history"]] {
      try run(store, command)
    }
  }

  @Test(arguments: ["token", "password"])
  func `an ID that is the name of a secret hides none`(id: String) throws {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    try store.write(
      "releases.yaml",
      "hooks: {activate: {run: 'echo \(id)=\(Self.secret); echo \(id): \(Self.secret)'}}\n")
    let archive = try store.packRelease("good")
    try run(store, ["deploy", archive, "--id", id])
    let reason = "\(id)=\(Self.secret)"
    for command in [
      ["logs", id], ["diagnose", "--timeout", "9s"], ["pin", id, "--reason", reason],
      ["mark", id, "bad", "--reason", reason], ["mark", id, "good", "--reason", reason],
      ["show", id], ["rollback"], ["list"], ["history"],
    ] {
      try run(store, command)
    }
    for name in ["history.jsonl", "lock", "catalog/\(id).json"] {
      expectHarmless(try store.read(".releases/\(name)"), name)
    }
  }

  private static let hostileArchive = """
    import sys, tarfile
    with tarfile.open(sys.argv[1], "w:gz") as archive:
        archive.addfile(tarfile.TarInfo(sys.argv[2]))
    """

  @Test func `IDs and refs are never masked`() throws {
    let store = try TestStore()
    try store.write("releases.yaml", "hooks: {activate: {run: grep -q good VERSION}}\n")
    for id in Self.ids {
      let archive = try store.packRelease("good")
      try expectUnmasked(store, ["deploy", archive, "--id", id, "--ref", "v-\(id.count)"], id)
    }
    let bad = "sk-bad0abcdefghijklmnop"
    try expectUnmasked(store, ["deploy", try store.packRelease("bad"), "--id", bad], bad)
    let live = try #require(Self.ids.last)
    try expectUnmasked(store, ["status"], live)
    for command in [
      ["list"], ["history"], ["show", bad], ["verify", bad], ["prune", "--dry-run"], ["check"],
      ["metrics"], ["report", "--html", "-"], ["diagnose", "--timeout", "9s"], ["logs", bad],
      ["pin", bad, "--reason", "\(bad) is interesting"], ["mark", bad, "bad", "--reason", "x"],
      ["rollback"], ["activate", bad], ["remove", Self.ids[0]], ["history"], ["status"],
    ] {
      try expectUnmasked(store, command)
    }
    let file = "\(store.path)/releases/\(bad)"
    try FileManager.default.removeItem(atPath: file)
    for command in [["list"], ["status"], ["check"], ["show", bad], ["remove", bad], ["recover"]] {
      try expectUnmasked(store, command)
    }
    #expect(try !store.read(".releases/history.jsonl").contains("[masked]"))
  }

  /// Expects that nothing is masked, and that the ID is there.
  private func expectUnmasked(
    _ store: TestStore, _ command: [String], _ id: String? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let text = try store.run(command)
    let json = try store.run(["list", "--json"])
    for output in [text.output + text.errors, json.output] {
      let lines = output.split(separator: "\n").filter { $0.contains("[masked]") }
      // The report of `diagnose` says how it shows secrets.
      let masked = lines.filter { !$0.contains("secrets are shown as [masked]") }
      #expect(masked.isEmpty, "\(command): \(masked)", sourceLocation: sourceLocation)
    }
    if let id {
      #expect(
        (text.output + text.errors).contains(id), "\(command): \(text.output)\(text.errors)",
        sourceLocation: sourceLocation)
    }
  }

  @Test func `only the target Text masks`() throws {
    let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appending(path: "../../../Sources").standardized
    let files = try FileManager.default.subpathsOfDirectory(atPath: sources.path)
      .filter { $0.hasSuffix(".swift") && !$0.hasPrefix("Text/") }
    #expect(files.count > 100)
    for file in files {
      let text = try String(contentsOf: sources.appending(path: file), encoding: .utf8)
      #expect(
        !text.contains("Secrets.masked") && !text.contains("LegibleText.clean"), "\(file)")
    }
  }
}
