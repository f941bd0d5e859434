import Foundation
import TestSupport
import Testing

/// Texts of other people contain control characters and must not control a terminal.
@Suite struct HostileTextTests {
  static let hostile = [
    "\u{1B}[31mred\u{1B}]0;title\u{7}\u{1B}[2J", "one\r\ntwo\tthree\u{8}\u{8}\u{8}",
    "\u{9B}31m\u{9D}0;title\u{9C}\u{7F}", "user\u{202E}gnp.exe\u{2066}\u{200F}\u{2028}\u{FEFF}",
  ]

  @Test(arguments: hostile)
  func `control characters in a text are never printed`(text: String) throws {
    let store = try TestStore()
    try store.publishAndActivate(["one", "two"])
    let archive = try store.archive(["VERSION": "x"])
    try store.expectSuccess(["unpack", archive, "--id", "three", "--ref", text])
    try store.expectSuccess(["pin", "one", "--reason", text])
    try store.expectSuccess(["mark", "three", "bad", "--reason", text])
    try store.expectSuccess(["freeze", "--reason", text])
    try store.write("releases/\(text.prefix(9))", "a stray")
    let commands = [
      ["list"], ["status"], ["history"], ["show", "one"], ["show", "three"],
      ["prune", "--dry-run"], ["verify", "--all"], ["check"], ["activate", "three"],
      ["activate", text], ["unpack", archive, "--id", text], ["remove", "one"], [text],
      ["list", "--store", "/nowhere/\(text)"], ["activate", text, "--output", "github"],
    ]
    for command in commands {
      let shown = try Terminal.run(["--store", store.path] + command)
      expectHarmless(shown.replacing(Screen.colour, with: ""), "\(command) on a terminal")
      let piped = try store.run(command)
      expectHarmless(piped.output + piped.errors, "\(command) through a pipe")
      #expect(!piped.output.contains("\u{1B}"))
    }
  }

  @Test(arguments: hostile)
  func `JSON escapes a hostile ref without loss, and has no hostile reason`(text: String) throws {
    let store = try TestStore()
    try store.publishAndActivate(["one"])
    let archive = try store.archive(["VERSION": "x"])
    try store.expectSuccess(["unpack", archive, "--id", "three", "--ref", text])
    try store.expectSuccess(["mark", "three", "bad", "--reason", text])
    for command in [["list"], ["show", "three"], ["history"], ["activate", text]] {
      let run = try store.run(command + ["--json"])
      expectHarmless(run.output, "\(command)")
      _ = try run.json
    }
    let three = try #require(try store.releases()["three"])
    #expect(three["ref"] as? String == text)
    let reason = try #require(three["reason"] as? String)
    #expect(!reason.isEmpty)
    expectHarmless(reason, "the reason")
  }

  private func expectHarmless(
    _ output: String, _ comment: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let bad = output.unicodeScalars.filter { scalar in
      if scalar == "\n" { return false }
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator: return true
      default: return false
      }
    }
    #expect(
      bad.isEmpty, "\(comment): \(bad.map { String($0.value, radix: 16) })",
      sourceLocation: sourceLocation)
  }
}
