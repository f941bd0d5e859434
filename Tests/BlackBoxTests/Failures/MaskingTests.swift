import Foundation
import TestSupport
import Testing

/// Secrets that programs print and people type leave the tool only as a mask.
@Suite struct MaskingTests {
  private static let url = "postgres://app:Sekret01@db/x"

  /// Expects that nothing that other people read has the secret.
  private func expectMasked(_ store: TestStore, sourceLocation: SourceLocation = #_sourceLocation)
    throws
  {
    let page = "\(store.directory)/page.html"
    let commands = [
      ["list"], ["show", "latest"], ["show", "2"], ["status"], ["history"], ["check"], ["metrics"],
      ["diagnose", "--timeout", "5s"], ["logs", "2"], ["verify", "--all"],
      ["report", "--html", page],
      ["prune", "--dry-run"], ["activate", "2", "--force", "--dry-run"],
    ]
    for command in commands {
      for format in ["text", "json", "github"] {
        try expectMasked(store.run(command + ["--output", format]), command, sourceLocation)
      }
    }
    #expect(
      !(try String(contentsOfFile: page, encoding: .utf8)).contains("Sekret01"),
      sourceLocation: sourceLocation)
    for file in ["history.jsonl", "lock"]
      + (try store.names(".releases/catalog")).map({ "catalog/\($0)" })
      + ((try? store.names(".releases/attempts")) ?? []).map({ "attempts/\($0)" })
    {
      let text = try String(contentsOfFile: "\(store.path)/.releases/\(file)", encoding: .utf8)
      #expect(!text.contains("Sekret01"), "\(file)", sourceLocation: sourceLocation)
    }
  }

  private func expectMasked(
    _ run: Releases.Run, _ command: [String], _ sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let text = run.output + run.errors
    #expect(!text.contains("Sekret01"), "\(command): \(text)", sourceLocation: sourceLocation)
  }

  @Test(arguments: [
    "hooks: {activate: {run: 'echo cannot connect: \(url); grep -q good VERSION'}}",
    "hooks: {prepare: {run: 'echo password: Sekret01; grep -q good VERSION'}}",
    "hooks: {activate: {run: [sh, -c, 'grep -q good VERSION', '--token=Sekret01']}}",
    "health: {command: 'echo DB_PASSWORD=Sekret01; grep -q good VERSION', timeout: 1s}",
    "health: {url: 'http://user:Sekret01@127.0.0.1:1/', timeout: 1s}",
  ])
  func `what a program prints is masked`(configuration: String) throws {
    let store = try TestStore()
    try store.publishAndActivate(["1"])
    try store.write("releases.yaml", configuration + "\n")
    for format in ["text", "json", "github"] {
      let archive = try store.packRelease("bad")
      let command = [
        "deploy", archive, "--id", format == "text" ? "2" : "2\(format)", "--ref", "v",
      ]
      let run = try store.run(command + ["--output", format])
      #expect(run.status != 0)
      expectMasked(run, command)
      expectMasked(try store.run(["wait", "v", "--output", format]), ["wait"])
    }
    expectMasked(try store.run(["deploy", try store.packRelease("x"), "--dry-run"]), ["--dry-run"])
    try expectMasked(store)
  }

  @Test func `what people type is masked`() throws {
    let store = try TestStore()
    let archive = try store.packRelease("good")
    try store.expectSuccess(["unpack", archive, "--id", "2", "--ref", "v2"])
    for command in [
      ["unpack", archive, "--id", "4", "--ref", "token=Sekret01"],
      ["pin", "2", "--reason", "see \(Self.url)"],
      ["mark", "2", "bad", "--reason", "password: Sekret01"],
      ["freeze", "--reason", "api_key=Sekret01"],
      ["deploy", archive, "--id", "3", "--ref", "token=Sekret01"],
    ] {
      expectMasked(try store.run(command), command)
    }
    try expectMasked(store)
    // A masked ref would be the same for different secrets.
    try store.expectFailure(
      ["unpack", archive, "--id", "4", "--ref", "token=Sekret01"], status: 2, code: "usage")
    #expect(try store.names("releases") == ["2"])
  }
}
