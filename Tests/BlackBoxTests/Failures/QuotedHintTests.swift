import Foundation
import TestSupport
import Testing

/// The commands in hints work for a store whose path a shell would split or expand.
@Suite struct QuotedHintTests {
  /// Scripts that break a store, and a command that is then refused. The store is `$0`.
  private static let cases: [(name: String, script: String, command: [String])] = [
    ("the parent is missing", "rmdir \"$0\"; rmdir \"${0%/*}\"", ["init"]),
    ("no store", "true", ["list"]),
    ("a file", "rmdir \"$0\"; touch \"$0\"", ["init"]),
    ("current is a directory", "mkdir \"$0/current\"", ["init"]),
    ("current is a file", "touch \"$0/current\"", ["init"]),
    ("releases is a link", "mkdir \"$0/r\"; ln -s r \"$0/releases\"", ["init"]),
    ("others may write", "chmod go+w \"$0\"", ["init"]),
  ]

  /// Scripts that break a store that exists already.
  private static let casesOfStore: [(name: String, script: String, command: [String])] = [
    ("releases is writable", "chmod g+w \"$0/releases\"", ["activate", "1"]),
    ("the configuration is writable", "chmod g+w \"$0/releases.yaml\"", ["activate", "1"]),
    ("the configuration is foreign", "chown 65533 \"$0/releases.yaml\"", ["activate", "1"]),
    ("the control directory is foreign", "chown 65533 \"$0/.releases\"", ["activate", "1"]),
    ("a shared file is missing", "rm \"$0/shared/a b\"", ["activate", "1"]),
    (
      "a shared directory is a file", "rmdir \"$0/shared/l g\"; touch \"$0/shared/l g\"",
      ["activate", "1"]
    ),
    ("a name is illegal", "mkdir \"$0/releases/x y\"", ["init", "--adopt", "x y"]),
  ]

  private func run(_ arguments: [String], _ path: String) throws -> Releases.Run {
    try Releases.run(["--store", path, "--json"] + arguments)
  }

  private func runHint(_ run: Releases.Run) throws {
    let command = try #require(run.hintCommand, "\(run.errors)")
    try Releases.paste(command)
  }

  @Test(arguments: cases)
  func `the hint repairs what keeps a directory from becoming a store`(
    _ row: (name: String, script: String, command: [String])
  ) throws {
    let store = try TestStore(initialized: false)
    let path = "\(store.directory)/it's $(a) new/store"
    try Program.expect(["sh", "-ec", "mkdir -p \"$0\"; \(row.script)", path])
    let refused = try run(row.command, path)
    #expect(refused.status != 0)
    try runHint(refused)
    let again = try run(["init"], path)
    #expect(again.status == 0, "\(row.name): \(again.errors)")
  }

  @Test(.enabled(if: User.isRoot, "only root can change the owner"), arguments: casesOfStore)
  func `the hint repairs a store`(
    _ row: (name: String, script: String, command: [String])
  ) throws {
    let store = try TestStore(initialized: false)
    let path = "\(store.directory)/it's $(a) store"
    #expect(try run(["init"], path).status == 0)
    try Program.expect([
      "sh", "-ec",
      """
      mkdir "$0/shared" "$0/shared/l g"; touch "$0/shared/a b"
      echo 'shared: {directories: [l g], files: [a b]}' > "$0/releases.yaml"
      """, path,
    ])
    #expect(
      try run(["unpack", try store.archive(["VERSION": "1"]), "--id", "1"], path).status == 0)
    try Program.expect(["sh", "-ec", row.script, path])
    let refused = try run(row.command, path)
    #expect(refused.status != 0)
    try runHint(refused)
    let again = try run(["activate", "1"], path)
    #expect(again.status == 0, "\(row.name): \(again.errors)")
  }
}
