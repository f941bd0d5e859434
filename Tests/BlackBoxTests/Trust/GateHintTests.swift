import Foundation
import TestSupport
import Testing

/// The hints that the user of a limited SSH key sees name commands that the key may run, or a person.
@Suite struct GateHintTests {
  private let store: TestStore

  init() throws {
    store = try TestStore()
    try store.publishAndActivate(["1", "2"])
  }

  private func gate(_ allowed: String, _ line: String) throws -> Releases.Run {
    try store.run(["gate", "--allow", allowed], environment: ["SSH_ORIGINAL_COMMAND": line])
  }

  private var host: String { "ask an operator to run on the host: releases --store \(store.path)" }

  @Test func `the hint of a refusal is for an operator`() throws {
    try store.expectSuccess(["freeze", "--reason", "x"])
    let text = try gate("ci", "rollback")
    #expect(text.status == 3)
    #expect(text.errors.contains(": \(host) rollback --force\n"), "\(text)")
    let document = try gate("ci", "rollback --json")
    #expect(try document.error["command"] is NSNull)
    #expect((try document.error["hint"] as? String)?.hasSuffix("\(host) rollback --force") == true)
    let annotation = try gate("ci", "rollback --output github")
    #expect(annotation.errors.contains("\(host) rollback --force"), "\(annotation)")
    let allowed = try gate("operator", "rollback")
    #expect(allowed.errors.contains("  releases rollback --force\n"), "\(allowed)")
  }

  @Test func `the hint of a finding is for an operator`() throws {
    try store.expectSuccess(["mark", "2", "bad", "--reason", "x"])
    let monitor = try gate("monitor", "status --json")
    let finding = try #require(try monitor.findings.first)
    #expect(finding.code == "liveBad" && finding.command == nil)
    #expect(try gate("monitor", "status").output.contains("\(host) rollback\n"))
    #expect(try gate("monitor", "check").output.contains("\(host) rollback\n"))
    #expect(try gate("ci", "status --json").findings.first?.command == "releases rollback")
    #expect(try gate("status", "status --json").findings.first?.command == nil)
  }

  @Test func `the hint of a warning and of a result is for an operator`() throws {
    let rolledBack = try gate("ci", "rollback")
    #expect(rolledBack.status == 0)
    #expect(
      rolledBack.output.contains("marked 2 as bad; to remove the mark: \(host) mark 2 good\n"),
      "\(rolledBack)")
  }

  @Test(arguments: [
    (
      "rollback --force",
      "leave out --force, or ask an operator to run rollback with it on the host"
    ),
    ("list --store /srv", "leave out --store; no key may use it"),
    ("deploy - --signature x", "pass the content itself, as --signature base64:TEXT"),
  ])
  func `a refused option is what the hint is about`(line: String, hint: String) throws {
    #expect(try gate("ci", line).errors.contains("releases: hint: \(hint)\n"))
  }

  @Test(arguments: [
    ("ci", "deploy - --bogus", "unknown option: --bogus", "see the help:\n  releases help dep"),
    ("ci", "wait a b", "too many operands: b", "see the help:\n  releases help wait\n"),
    ("status", "status --lmit 3", "unknown option: --lmit", "see the help:\n"),
    ("ci", "rollback 1", "rollback takes no operand: 1", "use:\n  releases rollback --to 1\n"),
  ])
  func `a mistake in the arguments of an allowed command is a mistake of usage`(
    allowed: String, line: String, message: String, hint: String
  ) throws {
    let text = try gate(allowed, line)
    #expect(text.status == 2, "\(text)")
    #expect(
      text.errors.hasPrefix("releases: error: \(message)\nreleases: hint: \(hint)"), "\(text)")
    let document = try gate(allowed, "\(line) --json")
    #expect(try document.status == 2 && document.error["code"] as? String == "usage")
  }

  @Test func `a mistake in the arguments of another command is not`() throws {
    for line in ["prune --bogus", "remove", "init --adopt"] {
      let run = try gate("ci", "\(line) --json")
      #expect(try run.status == 3 && run.error["code"] as? String == "notAllowed", "\(run)")
    }
  }

  @Test func `help lists the commands that the key may run`() throws {
    let help = try gate("monitor,rollback", "help")
    #expect(help.status == 0)
    let names = help.output.matches(of: #/(?m)^  ([a-z]+) /#).map { String($0.1) }
    #expect(
      Set(names) == [
        "list", "show", "status", "history", "check", "metrics", "report", "rollback", "help",
      ], "\(help.output)")
    #expect(try store.run(["help"]).output.contains("\n  prune "))
  }

  @Test func `a key that deploys may read the logs`() throws {
    try store.write("releases.yaml", "hooks: {activate: {run: echo from the hook}}\n")
    try store.expectSuccess(["activate", "1"])
    #expect(try gate("ci", "logs --lines 5").output.contains("from the hook"))
    #expect(try gate("monitor", "logs").status == 3)
  }

  @Test(arguments: [
    ("ci", "rm -rf /opt/x", "this key may run abort, check, deploy, "),
    ("status,list", "rm x", "this key may run list, status"),
    ("ci", "statsu", "did you mean status? use:"),
    ("operator", "rm", "did you mean remove? see the help:"),
  ])
  func `an unknown command is answered with what the key may run`(
    allowed: String, line: String, hint: String
  ) throws {
    let run = try gate(allowed, line)
    #expect(run.status == 3 && run.errors.contains("unknown command: "), "\(run)")
    #expect(run.errors.contains("releases: hint: \(hint)"), "\(run)")
  }
}
