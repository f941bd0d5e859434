import CommandLineKit
import ReleaseModel
import Testing
import Text

@testable import ReleasesCLI

/// How the parser's requests and errors become those of the program.
@Suite struct UsageTests {
  private func resolve(_ line: String) throws(ReleasesError) -> (Command, Invocation) {
    try CommandTable.commands.resolve(line.split(separator: " ").map(String.init))
  }

  @Test(arguments: [
    ("list", OutputFormat.text), ("list --json", .json), ("--output json list", .json),
    ("list --output=github", .github), ("list --output text", .text),
  ])
  func `the output format is read`(line: String, expected: OutputFormat) throws {
    #expect(try resolve(line).1.format == expected)
  }

  @Test(arguments: [
    ("activate --help", "help", ["activate"]), ("-h", "help", []), ("-V", "version", []),
    ("help mark", "help", ["mark"]), ("verify a b", "verify", ["a", "b"]),
  ])
  func `requests for information are commands too`(
    line: String, name: String, operands: [String]
  ) throws {
    let (command, invocation) = try resolve(line)
    #expect(command.name == name && invocation.command.name == name)
    #expect(invocation.operands == operands)
  }

  @Test(arguments: [
    ("rolback", "unknown command: rolback", "did you mean rollback? use: releases rollback"),
    ("list --froce", "unknown option: --froce", "see the help: releases help list"),
    (
      "activate x --froce", "unknown option: --froce",
      "did you mean --force? see the help: releases help activate"
    ),
    ("rollback --reason x", "unknown option: --reason", "see the help: releases help rollback"),
    (
      "list --output jsn", "--output takes text, json or github, not jsn",
      "did you mean json? see the help: releases help list"
    ),
  ])
  func `a usage error suggests what was probably meant`(
    line: String, message: String, hint: String
  ) throws {
    let error = try #require(throws: ReleasesError.self) { _ = try resolve(line) }
    #expect(error.code == .usage)
    #expect(error.message.text == message)
    #expect(error.hint?.line(for: .local).text == hint)
  }

  @Test(arguments: [
    ("--force activate x", "releases activate --force"), ("-n prune", "releases prune -n"),
    ("rollback 1762061285", "releases rollback --to 1762061285"),
    ("freeze a*b", "releases freeze --reason 'a*b'"),
  ])
  func `a usage error shows the corrected command`(line: String, command: String) throws {
    let error = try #require(throws: ReleasesError.self) { _ = try resolve(line) }
    #expect(error.hint?.command(for: .local) == command)
  }
}
