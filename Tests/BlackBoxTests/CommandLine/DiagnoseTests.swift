import Foundation
import TestSupport
import Testing

/// The report that people attach to an issue.
@Suite struct DiagnoseTests {
  @Test func `the report has every section in order`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    let text = try store.expectSuccess(["diagnose"]).output
    let headings = text.split(separator: "\n").filter { $0.hasPrefix("== ") }
    #expect(
      headings.map { $0.split(separator: " (")[0].trimmingCharacters(in: ["=", " "]) }
        == DiagnosisReport.names
    )
    #expect(text.contains("\n$ uname -a\nLinux "))
    #expect(text.contains("\nrollback  1\n"))
    #expect(text.contains("  activate  2  "), "the history")
    #expect(text.contains("\"operation\":\"activate\""), "the journal")
    #expect(text.contains("current -> releases/2"))
    #expect(!text.contains("\u{1B}"))
    let json = try store.expectSuccess(["diagnose", "--json"])
    #expect(Set(try json.json.keys) == ["schema", "store", "sections"])
    #expect(Set(try DiagnosisReport.sections(of: json).keys) == Set(DiagnosisReport.names))
  }

  @Test func `headings are highlighted on a terminal`() throws {
    let store = try TestStore()
    let screen = try Terminal.run(["--store", store.path, "diagnose"])
    #expect(screen.contains("\u{1B}[1m== status ==\u{1B}[0m\n"))
    #expect(screen.contains("\u{1B}[33m== unit (missing) ==\u{1B}[0m\n"))
  }

  /// Secrets are planted in the configuration, history, hook log, process list, health answer and
  /// command line.
  @Test func `the report masks secrets from every source`() throws {
    let store = try TestStore()
    try store.publish("1")
    try store.expectSuccess(["pin", "1", "--reason", "password: hunter2"])
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
    let process = try BackgroundProgram(
      ["/bin/sh", "-c", "read x; : --password hunter2 \(store.path)/x"])
    defer { process.end() }
    let archive = "\(store.directory)/report.tar.gz"
    let text = try store.expectSuccess(["diagnose"]).output
    let json = try store.expectSuccess(["diagnose", "--json"]).output
    try store.expectSuccess(["diagnose", "--archive", archive])
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

  @Test func `diagnose takes no lock and changes nothing`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    let before = try store.fileSystemState()
    // Another process holds both locks meanwhile.
    let run = try Program.run(
      ["flock", "\(store.path)/.releases/lock", "flock", "\(store.path)/.releases/trash"]
        + [Releases.binary, "--store", store.path, "diagnose", "--json"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(try DiagnosisReport.sections(of: run)["status"]?["outcome"] as? String == "ok")
    #expect(try store.fileSystemState() == before)
    let (_, calls) = try Strace.watch(["diagnose"], in: store)
    #expect(calls.filter { $0.name != "write" && $0.name != "openat" }.map(\.description) == [])
  }
}
