import Foundation
import Testing

/// The report that people attach to an issue.
@Suite struct DiagnoseTests {
  private static let names = [
    "releases", "status", "list", "check", "history", "unit", "unit log", "health", "ports",
    "processes", "space", "inodes", "system", "os-release", "date", "uptime", "journal", "logs",
    "configuration", "permissions",
  ]
  private static let hostNames = [
    "ports", "processes", "space", "inodes", "system", "os-release", "date", "uptime",
  ]

  private func sections(_ run: Releases.Run) throws -> [String: [String: Any]] {
    let all = try #require(try run.json["sections"] as? [[String: Any]])
    for section in all { #expect(Set(section.keys) == ["name", "seconds", "outcome", "text"]) }
    return Dictionary(uniqueKeysWithValues: all.map { ($0["name"] as? String ?? "", $0) })
  }

  // MARK: - What it tells

  @Test func `the report has every section in order`() throws {
    let store = try TestStore()
    try store.activate(["1", "2"])
    let text = try store.expectDone(["diagnose"]).output
    let headings = text.split(separator: "\n").filter { $0.hasPrefix("== ") }
    #expect(
      headings.map { $0.split(separator: " (")[0].trimmingCharacters(in: ["=", " "]) } == Self.names
    )
    #expect(text.contains("\n$ uname -a\nLinux "))
    #expect(text.contains("\nrollback  1\n"))
    #expect(text.contains("  activate  2  "), "the history")
    #expect(text.contains("\"operation\":\"activate\""), "the journal")
    #expect(text.contains("current -> releases/2"))
    #expect(!text.contains("\u{1B}"))
    let json = try store.expectDone(["diagnose", "--json"])
    #expect(Set(try json.json.keys) == ["schema", "store", "sections"])
    #expect(Set(try sections(json).keys) == Set(Self.names))
  }

  @Test func `headings are highlighted on a terminal`() throws {
    let store = try TestStore()
    let screen = try Terminal.run(["--store", store.path, "diagnose"])
    #expect(screen.contains("\u{1B}[1m== status ==\u{1B}[0m\n"))
    #expect(screen.contains("\u{1B}[33m== unit (missing) ==\u{1B}[0m\n"))
  }

  /// In configuration, history, hook log, process list, health answer and command line.
  @Test func `the report masks secrets from every source`() throws {
    let store = try TestStore()
    try store.publish("1")
    try store.expectDone(["pin", "1", "--reason", "password: hunter2"])
    let server = try HealthServer(answer: #"{"access_token": "hunter2", "status": "healthy"}"#)
    try store.write(
      "releases.yaml",
      """
      health: {url: "http://u:hunter2@localhost:\(server.port)/health?token=hunter2"}
      hooks: {prepare: {run: "EncodingAESKey=hunter2 uv sync --token hunter2"}}

      """)
    try store.write(
      ".releases/logs/1-prepare.log",
      "Authorization: Bearer hunter2\n\u{1B}[1mAppSecret\u{1B}[0m = hunter2\n")
    let process = try Companion(
      ["/bin/sh", "-c", "read x; : --password hunter2 \(store.path)/x"])
    defer { process.end() }
    let archive = "\(store.directory)/report.tar.gz"
    let text = try store.expectDone(["diagnose"]).output
    let json = try store.expectDone(["diagnose", "--json"]).output
    try store.expectDone(["diagnose", "--archive", archive])
    let packed = try Program.expect(["tar", "-xzOf", archive]).output
    for output in [text, json, packed] {
      #expect(!output.contains("hunter2"))
      #expect(output.contains("pinned: password: [masked]"))
      #expect(output.contains("EncodingAESKey=[masked]"))
      #expect(output.contains("Authorization: [masked]") && output.contains("AppSecret = [masked]"))
      #expect(output.contains("http://u:[masked]@localhost:\(server.port)/health"))
      #expect(output.contains("HTTP/1.0 200 OK"))
      #expect(output.contains("--password [masked]"), "the process")
    }
    #expect(text.contains("\"access_token\": \"[masked]\""))
    #expect(text.contains("  <- the port of the health URL\n"))
  }

  // MARK: - What is broken

  @Test func `a report without a store describes the host`() throws {
    let store = try TestStore(initialized: false)
    let run = try store.run(["diagnose", "--json"])
    #expect(run.status == 4)
    let sections = try sections(run)
    #expect(Set(sections.keys) == Set(Self.hostNames + ["releases", "store"]))
    #expect((sections["store"]?["text"] as? String)?.contains("there is no store at") == true)
    #expect(sections["system"]?["outcome"] as? String == "ok")
    #expect(try store.run(["diagnose"]).status == 4)
  }

  @Test(arguments: [
    "no store", "journal", "configuration", "history", "releases a file", "a fifo", "a file",
  ])
  func `the report of a damaged store marks the sections that failed`(damage: String) throws {
    let store = try TestStore()
    try store.activate(["1"])
    let broken: [String]
    switch damage {
    case "no store":
      try Program.expect(["rm", "-rf", "\(store.path)/.releases"])
      broken = ["status", "list", "history", "journal", "logs"]
    case "journal":
      try store.write(".releases/lock", "what")
      broken = ["journal"]
    case "configuration":
      try store.write("releases.yaml", "keep: [\n")
      broken = []
    case "history":
      try store.write(".releases/history.jsonl", "what\n")
      broken = []
    case "releases a file":
      try Program.expect(["rm", "-rf", "\(store.path)/releases"])
      try store.write("releases", "")
      broken = ["status", "list", "history", "journal"]
    case "a fifo":
      try Program.expect(["rm", "-f", "\(store.path)/.releases/lock"])
      try Program.expect(["mkfifo", "\(store.path)/.releases/lock", "\(store.path)/releases.yaml"])
      broken = ["journal"]
    default:
      try Program.expect(["rm", "-rf", store.path])
      try Data().write(to: URL(fileURLWithPath: store.path))
      broken = ["status", "list", "history", "journal", "logs", "configuration"]
    }
    let sections = try sections(try store.expectDone(["diagnose", "--json"]))
    for name in broken {
      #expect(sections[name]?["outcome"] as? String == "failed", "\(name)")
      #expect((sections[name]?["text"] as? String)?.isEmpty == false)
    }
    for name in ["system", "date", "permissions"] {
      #expect(sections[name]?["outcome"] as? String == "ok", "\(name)")
    }
  }

  @Test(.enabled(if: User.isRoot, "only root can become nobody"))
  func `the report of an unreadable store says permission denied`() throws {
    let store = try TestStore()
    try Program.expect(["chmod", "700", store.path])
    let run = try store.runAsNobody(["diagnose", "--json"])
    #expect(run.status == 0, "\(run.errors)")
    let sections = try sections(run)
    for name in ["status", "list", "check", "history"] {
      #expect((sections[name]?["text"] as? String)?.contains("ermission denied") == true)
    }
  }

  @Test(.enabled(if: User.isRoot, "only root can become somebody else"))
  func `root writes the report as the owner of the store`() throws {
    let store = try TestStore()
    try Program.expect(["chown", "-R", "65534:65534", store.path])
    let archive = "\(store.path)/report.tar.gz"
    try store.expectDone(["diagnose", "--archive", archive])
    let attributes = try FileManager.default.attributesOfItem(atPath: archive)
    #expect(attributes[.ownerAccountID] as? Int == 65534)
    // Where the owner may not write, root is told another way.
    let refused = try store.run(["diagnose", "--archive", "\(store.directory)/report.tar.gz"])
    #expect(refused.status == 1)
    #expect(refused.errors.contains("--archive - > FILE"))
    #expect(!FileManager.default.fileExists(atPath: "\(store.directory)/report.tar.gz"))
  }

  @Test func `the report marks a missing program as missing`() throws {
    let store = try TestStore()
    let places = ["/usr/bin", "/bin", "/usr/local/bin", "/usr/sbin", "/sbin"]
    let hidden =
      ["strace", "-f", "-qq", "-o", "/dev/null"]
      + places.flatMap { place in ["uname", "df", "ss"].flatMap { ["-P", "\(place)/\($0)"] } }
      + ["-e", "trace=newfstatat,statx", "-e", "inject=newfstatat,statx:error=ENOENT"]
    let run = try store.run(["diagnose", "--json"], launcher: hidden)
    #expect(run.status == 0)
    let sections = try sections(run)
    for name in ["system", "space", "inodes", "ports"] {
      #expect(sections[name]?["outcome"] as? String == "missing", "\(name)")
    }
    #expect(sections["date"]?["outcome"] as? String == "ok")
  }

  @Test func `the report stops waiting for a service that does not answer`() throws {
    let store = try TestStore()
    let server = try HealthServer(answer: nil)
    try store.write("releases.yaml", "health: {url: \"http://localhost:\(server.port)/\"}\n")
    let sections = try sections(try store.expectDone(["diagnose", "--json", "--timeout", "1s"]))
    let health = try #require(sections["health"])
    #expect(["failed", "timedOut"].contains(health["outcome"] as? String))
    #expect((health["seconds"] as? Double ?? 99) < 10)
    for text in ["0s", "2h", "soon"] {
      #expect(try store.run(["diagnose", "--timeout", text]).status == 2)
    }
  }

  @Test func `diagnose takes no lock and changes nothing`() throws {
    let store = try TestStore()
    try store.activate(["1", "2"])
    let before = try store.facts()
    // Somebody else holds both locks meanwhile.
    let run = try Program.run(
      ["flock", "\(store.path)/.releases/lock", "flock", "\(store.path)/.releases/trash"]
        + [Releases.binary, "--store", store.path, "diagnose", "--json"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(try sections(run)["status"]?["outcome"] as? String == "ok")
    #expect(try store.facts() == before)
    let (_, calls) = try Strace.watch(["diagnose"], in: store)
    #expect(calls.filter { $0.name != "write" && $0.name != "openat" }.map(\.description) == [])
  }

  // MARK: - The archive

  @Test func `the report archive is a new file that only its owner can read`() throws {
    let store = try TestStore()
    let archive = "\(store.directory)/report.tar.gz"
    let run = try store.expectDone(["diagnose", "--archive", archive])
    #expect(run.output.hasPrefix("wrote \(archive)"))
    let attributes = try FileManager.default.attributesOfItem(atPath: archive)
    #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
    let names = try Program.expect(["tar", "-tzf", archive]).lines
    #expect(names == ["releases-diagnose/report.txt", "releases-diagnose/report.json"])
    let report = try Program.expect(["tar", "-xzOf", archive, names[1]])
    #expect(Set(try sections(report).keys) == Set(Self.names))
    let written = try Data(contentsOf: URL(fileURLWithPath: archive))
    let second = try store.expectFailure(
      ["diagnose", "--archive", archive], status: 1, code: "output")
    #expect(second.errors.contains("is there already"))
    #expect(try Data(contentsOf: URL(fileURLWithPath: archive)) == written)
    #expect(try store.run(["diagnose", "--archive", "/nowhere/x"]).status == 1)
  }

  @Test func `the report archive is written to a pipe and not to a terminal`() throws {
    let store = try TestStore()
    let run = try Program.run(
      [
        "sh", "-ec", "\"$0\" --store \"$1\" diagnose --archive - | tar -tzf -", Releases.binary,
        store.path,
      ])
    #expect(run.lines.count == 2, "\(run.errors)")
    #expect(try store.run(["diagnose", "--archive", "-", "--json"]).status == 2)
    #expect(
      try Terminal.run(["--store", store.path, "diagnose", "--archive", "-"]).contains("terminal"))
  }

  @Test(arguments: ["ENOSPC", "EIO"])
  func `a report archive that cannot be written leaves no file`(error: String) throws {
    let store = try TestStore()
    let fsync = Fault.error(error, at: "fsync", 1)
    let run = try store.run(
      ["diagnose", "--archive", "\(store.directory)/report.tar.gz"], launcher: fsync)
    #expect(run.status != 0)
    #expect(run.errors.contains("can't write \(store.directory)/report.tar.gz"))
    let left = try FileManager.default.contentsOfDirectory(atPath: store.directory)
    #expect(left.filter { $0 != "store" } == [])
  }
}
