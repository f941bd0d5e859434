import Foundation
import TestSupport
import Testing

/// Diagnose on a store or a host where something is missing or damaged.
@Suite struct DiagnoseFailureTests {
  @Test func `a report without a store describes the host`() throws {
    let store = try TestStore(initialized: false)
    let run = try store.run(["diagnose", "--json"])
    #expect(run.status == 4)
    let sections = try DiagnosisReport.sections(of: run)
    #expect(Set(sections.keys) == Set(DiagnosisReport.hostNames + ["releases", "store"]))
    #expect((sections["store"]?["text"] as? String)?.contains("there is no store at") == true)
    #expect(sections["system"]?["outcome"] as? String == "ok")
    #expect(try store.run(["diagnose"]).status == 4)
  }

  @Test(arguments: [
    "no store", "journal", "configuration", "history", "releases a file", "a fifo", "a file",
  ])
  func `the report of a corrupt store marks the sections that failed`(damage: String) throws {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
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
      try Program.expect([
        "rm", "-f", "\(store.path)/.releases/lock", "\(store.path)/releases.yaml",
      ])
      try Program.expect(["mkfifo", "\(store.path)/.releases/lock", "\(store.path)/releases.yaml"])
      broken = ["journal"]
    default:
      try Program.expect(["rm", "-rf", store.path])
      try Data().write(to: URL(fileURLWithPath: store.path))
      broken = ["status", "list", "history", "journal", "logs", "configuration"]
    }
    let sections = try DiagnosisReport.sections(
      of: try store.expectSuccess(["diagnose", "--json"]))
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
    let sections = try DiagnosisReport.sections(of: run)
    for name in ["status", "list", "check", "history"] {
      #expect((sections[name]?["text"] as? String)?.contains("ermission denied") == true)
    }
  }

  @Test(.enabled(if: User.isRoot, "only root can become another user"))
  func `root writes the report as the owner of the store`() throws {
    let store = try TestStore()
    try Program.expect(["chown", "-R", "65534:65534", store.path])
    let archive = "\(store.path)/report.tar.gz"
    try store.expectSuccess(["diagnose", "--archive", archive])
    let attributes = try FileManager.default.attributesOfItem(atPath: archive)
    #expect(attributes[.ownerAccountID] as? Int == 65534)
    // The owner cannot write here, so the hint names a place where the owner can.
    let refused = try store.run(["diagnose", "--archive", "\(store.directory)/report.tar.gz"])
    #expect(refused.status == 1)
    #expect(
      refused.hintCommand
        == "releases --store \(store.path) diagnose --archive /tmp/releases-report.tar.gz",
      "\(refused.errors)")
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
    let sections = try DiagnosisReport.sections(of: run)
    for name in ["system", "space", "inodes", "ports"] {
      #expect(sections[name]?["outcome"] as? String == "missing", "\(name)")
    }
    #expect(sections["date"]?["outcome"] as? String == "ok")
  }

  @Test func `the report stops waiting for a service that does not answer`() throws {
    let store = try TestStore()
    let server = try HealthServer(answer: nil)
    defer { withExtendedLifetime(server) {} }
    try store.write("releases.yaml", "health: {url: \"http://localhost:\(server.port)/\"}\n")
    let sections = try DiagnosisReport.sections(
      of: try store.expectSuccess(["diagnose", "--json", "--timeout", "1s"]))
    let health = try #require(sections["health"])
    #expect(["failed", "timedOut"].contains(health["outcome"] as? String))
    #expect((health["seconds"] as? Double ?? 99) < 10)
    for text in ["0s", "2h", "soon"] {
      #expect(try store.run(["diagnose", "--timeout", text]).status == 2)
    }
  }
}
