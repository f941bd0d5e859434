import Foundation
import Linux
import StoreTestSupport
import TestSupport
import Testing

@testable import Diagnostics

/// Sections of a report, made with scripts in place of the tools.
@Suite struct DiagnosisTests {
  private let store: ScratchStore
  private let tools: String

  init() throws {
    store = try ScratchStore()
    tools = store.directory + "/tools"
    try Descriptor.openDirectory(store.directory).makeDirectory("tools")
  }

  private func make(_ name: String, _ script: String) throws {
    try Program.write(script, to: "\(tools)/\(name)")
  }

  private func sections(_ seconds: Double = 30) -> [String: DiagnosisSection] {
    let diagnosis = Diagnosis(of: store.path, secondsPerSection: seconds, directories: [tools])
    let sections =
      diagnosis.hostSections() + diagnosis.serviceSections(diagnosis.service())
      + diagnosis.fileSections()
    return Dictionary(uniqueKeysWithValues: sections.map { ($0.name, $0) })
  }

  // MARK: - Tools

  @Test func `a log in which only other users' messages are has failed`() throws {
    try store.write("releases.yaml", Array("service: app\n".utf8))
    let notice = "Hint: You are currently not seeing messages from other users and the system."
    for (entries, outcome) in [
      ("-- No entries --", DiagnosisSection.Outcome.failed), ("app[7]: a message", .ok),
    ] {
      try make("journalctl", "#!/bin/sh\necho '\(entries)'\necho '\(notice)' >&2\n")
      let diagnosis = Diagnosis(of: store.path, secondsPerSection: 30, directories: [tools])
      let logs = diagnosis.logSections(of: nil, lines: 9, diagnosis.service())
      #expect(logs.map(\.outcome) == [outcome] && logs.allSatisfy(\.isOfUnit))
    }
  }

  @Test func `a section says which tool the host lacks`() throws {
    let sections = sections()
    for (name, tool) in [
      ("ports", "ss"), ("processes", "ps"), ("space", "df"), ("system", "uname"),
      ("permissions", "ls"),
    ] {
      #expect(sections[name]?.outcome == .missing)
      #expect(sections[name]?.text == "this host has no \(tool)\n")
    }
    #expect(sections["os-release"]?.outcome == .ok)
    #expect(sections["unit"]?.text == "releases.yaml has no service\n")
  }

  @Test func `the output of a tool is shown with its command`() throws {
    try make("uname", "echo \"Linux $1\"; echo aside >&2")
    #expect(sections()["system"]?.text == "$ uname -a\nLinux -a\naside\n")
  }

  @Test func `the exit status of a failed tool comes first`() throws {
    try make("uname", "echo half; exit 4")
    let section = try #require(sections()["system"])
    #expect(section.outcome == .failed)
    #expect(section.text == "exit status 4\n$ uname -a\nhalf\n")
  }

  @Test func `a tool that hangs is killed`() throws {
    try make("uname", "echo begun; echo $$ > \(store.directory)/pid; exec /bin/sleep 600")
    try make("date", "echo today")
    let sections = sections(1)
    #expect(sections["system"]?.outcome == .timedOut)
    #expect(sections["system"]?.text == "no answer within 1 s\n$ uname -a\nbegun\n")
    #expect((1..<30).contains(sections["system"]?.seconds ?? 0))
    #expect(sections["date"]?.text == "$ date\ntoday\n", "the other sections are made")
    let pid = String(decoding: try store.read("../pid"), as: UTF8.self).dropLast()
    #expect(ProcessFacts.startTime(of: try #require(Int32(pid))) == nil)
  }

  @Test func `long output is cut at the end of a line`() throws {
    try make("uname", "/usr/bin/yes 0123456789 | /usr/bin/head -n 30000; exit 0")
    let text = try #require(sections()["system"]?.text)
    #expect(text.utf8.count < 300 << 10)
    #expect(text.hasSuffix(" more bytes omitted]\n"))
    #expect(text.split(separator: "\n").dropFirst().dropLast().allSatisfy { $0 == "0123456789" })
  }

  @Test func `secrets and escape sequences are masked`() throws {
    try make("ps", "echo 'PID ARGS'; echo '1 \(store.path)/run --token hunter2'; echo '2 other'")
    try make("uname", "printf '\\033[36mtoken\\033[0m=\\033[35mhunter2\\033[0m\\n\\001\\377\\n'")
    try make("curl", "echo 'Set-Cookie: hunter2'; echo '{\"access_token\":\"hunter2\"}'")
    try store.write(
      "releases.yaml", Array("health: {url: \"http://u:hunter2@localhost:1/\"}\n".utf8))
    let sections = sections()
    for section in sections.values { #expect(!section.text.contains("hunter2"), "\(section)") }
    #expect(sections["processes"]?.text.hasSuffix("1 \(store.path)/run --token [masked]\n") == true)
    #expect(sections["processes"]?.text.contains("other") == false)
    #expect(sections["system"]?.text == "$ uname -a\ntoken=[masked]\n?\u{FFFD}\n")
    #expect(sections["health"]?.text.contains("{\"access_token\":\"[masked]\"}\n") == true)
  }

  @Test func `the configured service is queried`() throws {
    try make("systemctl", "echo \"$@\"; exit 3")
    try make("journalctl", "echo \"$@\"")
    try store.write("releases.yaml", Array("service: diting\n".utf8))
    let sections = sections()
    #expect(sections["unit"]?.outcome == .ok, "a unit that does not run is no failure")
    #expect(sections["unit"]?.text.hasSuffix("\n--no-pager --full status -- diting\n") == true)
    #expect(sections["unit log"]?.text.hasSuffix("\n--no-pager -n 50 -u diting\n") == true)
  }

  // MARK: - Files

  @Test func `the ends of the newest logs are shown`() throws {
    let logs = try Descriptor.openDirectory("\(store.path)/.releases/logs")
    for number in 1...5 {
      let file = try logs.open("\(number).log", [.writeOnly, .create])
      let lines = (1...150).map { "\(number): line \($0)\n" }.joined()
      try file.write(Array(lines.utf8))
      try file.setModified(FileTime(seconds: Int64(1000 - number)))
    }
    try logs.makeLink("6.log", to: "/etc/passwd")
    let text = try #require(sections()["logs"]?.text)
    let names = text.split(separator: "\n").filter { $0.hasPrefix("==>") }
    #expect(names == ["==> 1.log <==", "==> 2.log <==", "==> 3.log <==", "==> 4.log <=="])
    #expect(text.contains("\n1: line 150\n") && text.contains("\n1: line 51\n"))
    #expect(!text.contains("1: line 50\n"))
  }

  /// The name of a secret may stand before the part that is shown.
  @Test func `a secret that begins before the shown end of a log is masked`() throws {
    let logs = try Descriptor.openDirectory("\(store.path)/.releases/logs")
    let pad = String(repeating: "x", count: 64 << 10)
    let lines = (1...120).map { "  hunter2 \($0)\n" }.joined()
    try logs.open("1.log", [.writeOnly, .create]).write(
      Array(("tokens:\n" + lines).utf8))
    try logs.open("2.log", [.writeOnly, .create]).write(
      Array("password: \(pad.dropLast(20))hunter2\nend\n".utf8))
    try logs.open("3.log", [.writeOnly, .create]).write(Array("token=\(pad)hunter2".utf8))
    let text = try #require(sections()["logs"]?.text)
    #expect(!text.contains("hunter2"))
    #expect(text.contains("[masked]\n") && text.contains("\nend\n"))
    #expect(text.contains("[a line of more than 65536 bytes left out]\n"))
  }

  @Test func `a configuration that is a symbolic link is not followed`() throws {
    try Descriptor.openDirectory(store.path).makeLink("releases.yaml", to: "/etc/passwd")
    let section = try #require(sections()["configuration"])
    #expect(section.outcome == .failed)
    #expect(!section.text.contains("root:"))
  }

  // MARK: - Ports

  @Test(arguments: [
    ("http://localhost:17999/health", 17999), ("http://localhost/health", 80), ("https://h", 443),
    ("http://u:1@h:8080?x=:9", 8080), ("http://[::1]:81/", 81), ("http://[::1]/", 80),
    ("http://h:x/", nil),
  ])
  func `the port of a URL defaults to that of its scheme`(url: String, expected: Int?) {
    #expect(Diagnosis.port(of: url) == expected)
  }

  @Test func `the port of the health check is marked`() throws {
    try make("ss", "echo 'LISTEN 0 1 0.0.0.0:17999 0.0.0.0:*'; echo 'LISTEN 0 1 [::]:1799 *:17999'")
    let marked = try #require(sections()["ports"]).marking(port: 17999, "here")
    #expect(
      marked.text
        == "$ ss -tlnp\nLISTEN 0 1 0.0.0.0:17999 0.0.0.0:*  <- here\nLISTEN 0 1 [::]:1799 *:17999\n"
    )
  }
}
