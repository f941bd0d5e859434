import Foundation
import TestSupport
import Testing

/// A configuration with a wrong name, and what is not known about an adopted release, are said so.
@Suite struct ConfigurationNameTests {
  @Test(arguments: [true, false])
  func `a releases yml is shown by status, list and check`(isBeside: Bool) throws {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    try store.write("releases.yml", "keep: {count: 9}\n")
    if isBeside { try store.write("releases.yaml", "keep: {count: 8}\n") }
    let status = try store.expectSuccess(["status", "--json"]).json
    let findings = try #require(status["findings"] as? [[String: Any]])
    let found = try #require(findings.first { $0["code"] as? String == "configurationIgnored" })
    #expect(found["level"] as? String == "warning")
    let message = try #require(found["message"] as? String)
    #expect(message.hasPrefix("\(store.path)/releases.yml is not read"))
    for command in ["status", "list"] {
      let run = try store.expectSuccess([command])
      #expect((run.output + run.errors).contains("releases.yml is not read"), "\(command): \(run)")
    }
    #expect(
      try store.expectSuccess(["check"]).output.matches(of: /releases.yml is not read/).count == 1)
    let hint = try #require(found["hint"] as? String)
    let command = try #require(hint.split(separator: ": ", maxSplits: 1).last)
    try Program.expect(["sh", "-ec", String(command)])
    #expect(try !store.expectSuccess(["status"]).output.contains("is not read"))
  }

  @Test func `status does not claim since when an adopted release is live`() throws {
    let store = try LegacyStore.make("ln -s releases/1700000003 current")
    try store.expectSuccess(["init"])
    let status = try store.expectSuccess(["status"]).output
    #expect(status.contains("before it was adopted") && !status.contains("live for"), "\(status)")
    let show = try store.expectSuccess(["show", "1700000003"]).output
    #expect(show.contains("before it was adopted"), "\(show)")
    let page = try store.expectSuccess(["report", "--html", "-"]).output
    #expect(page.contains("live since before it was adopted"))
    try store.expectSuccess(["activate", "1700000002"])
    try store.expectSuccess(["activate", "1700000003"])
    #expect(try store.expectSuccess(["status"]).output.contains("live for"))
  }

  @Test(arguments: ["<!DOCTYPE html><html>no</html>", "{\"error\": 1}", "", "7z\u{BC}"])
  func `a dry run refuses a file that is no archive`(content: String) throws {
    let store = try TestStore()
    let file = "\(store.directory)/file"
    let bytes =
      content.hasPrefix("7z") ? Data([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C]) : Data(content.utf8)
    try bytes.write(to: URL(filePath: file))
    for command in ["deploy", "unpack"] {
      let dry = try store.expectFailure(
        [command, file, "--dry-run"], status: 6, code: "archiveUnreadable")
      let real = try store.expectFailure([command, file], status: 6, code: "archiveUnreadable")
      let message = try #require(try real.json["error"] as? [String: Any])["message"] as? String
      #expect(
        try #require(try dry.json["error"] as? [String: Any])["message"] as? String == message)
    }
    for pack in ["tar -cf", "tar -czf", "zip -qr"] {
      let script =
        "cd \"$0\"; mkdir -p t; echo x > 't/<html>'; rm -f ar; \(pack) ar.x t; ls ar.x* | head -1"
      let name = try Program.expect(["bash", "-ec", script, store.directory]).output
        .trimmingCharacters(in: .whitespacesAndNewlines)
      try store.expectSuccess(["deploy", "\(store.directory)/\(name)", "--dry-run"])
      try Program.expect(["rm", "\(store.directory)/\(name)"])
    }
  }
}
