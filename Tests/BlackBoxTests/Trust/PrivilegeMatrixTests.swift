import Foundation
import TestSupport
import Testing

/// Every combination of the owners of a store, of its `releases/` and of a release with a caller: who
/// ran which command of the store.
@Suite(.enabled(if: User.isRoot, ForeignUser.comment)) struct PrivilegeMatrixTests {
  private struct Case: CustomStringConvertible {
    let store, releases, release, caller: Int

    /// Whether only root and the owner of the store can change what runs.
    var isSafe: Bool { [releases, release].allSatisfy { $0 == 0 || $0 == store } }
    var mayChange: Bool { caller == 0 || caller == store }

    var description: String {
      "store of \(store), releases/ of \(releases), release of \(release), caller \(caller)"
    }
  }

  /// A command of the store that ran: which one, as which user and with which groups.
  private struct Trace: Hashable {
    let name: String
    let user: Int
    let groups: [Int]

    init?(_ line: Substring) {
      let words = line.split(separator: " ")
      guard words.count > 2, let user = Int(words[1]) else { return nil }
      (name, self.user, groups) = (String(words[0]), user, words[2...].compactMap { Int($0) })
    }
  }

  private static let users = [0, ForeignUser.owner, ForeignUser.other]
  private static let cases: [Case] = [0, ForeignUser.owner].flatMap { store in
    users.flatMap { releases in
      users.flatMap { release in
        users.map { Case(store: store, releases: releases, release: release, caller: $0) }
      }
    }
  }

  private static let record = "echo \"$RELEASES_EVENT $(id -u) $(id -G)\" >>"

  /// Makes the store that is copied for each combination: 1 is live, and 2 is ready.
  private func template(_ log: String, _ directory: TestStore) throws {
    let store = directory
    for id in ["1", "2"] {
      let archive = try store.archive(
        ["hook": "#!/bin/sh\n\(Self.record) \(log)\n"], executable: ["hook"])
      try store.expectSuccess(["unpack", archive, "--id", id])
    }
    try store.expectSuccess(["activate", "1"])
    try store.write(
      "releases.yaml",
      """
      hooks:
        activate: {run: [./hook]}
        succeeded: {run: '\(Self.record) \(log)'}
        failed: {run: '\(Self.record) \(log)'}
      health: {command: '\(Self.record) \(log)', timeout: 5s}
      """)
    try Program.expect(["install", "-m", "755", Releases.binary, "\(store.directory)/releases"])
  }

  /// Runs commands on a copy of the template.
  ///
  /// - Returns: the exit statuses of the commands.
  private func run(_ owners: Case, _ template: TestStore, _ commands: [String]) throws -> [Int] {
    let script = """
      S="$1/copy"; rm -rf "$S"; cp -a "$1/store" "$S"
      chown -hR \(owners.store):\(owners.store) "$S"
      chown -hR \(owners.release):\(owners.release) "$S/releases/2"
      chown \(owners.releases):\(owners.releases) "$S/releases"
      \(ForeignUser.launcher(owners.caller).joined(separator: " ")) sh -c '
      S="$0"
      for command do "$S/../releases" --store "$S" $command >/dev/null 2>&1; echo $?; done
      ' "$S" \(commands.map { "'\($0)'" }.joined(separator: " "))
      """
    return try Program.expect(["sh", "-euc", script, "sh", template.directory]).lines
      .compactMap { Int($0) }
  }

  @Test func `commands of a store run only as its owner, and none that others can change`() throws {
    let template = try TestStore()
    let log = try template.writableLog("ran")
    try self.template(log, template)
    let readers = ["status", "check", "metrics", "report --html -", "list", "verify 2"]
    let commands = readers + ["activate 2", "restart", "rollback"]
    var count = 0
    for owners in Self.cases {
      try Program.shell(": > \(log)")
      let statuses = try run(owners, template, commands)
      let traces = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n")
        .compactMap { Trace($0) }
      count += traces.count
      let groups = owners.store == 0 ? Set(Self.rootGroups) : [owners.store]
      for trace in traces {
        #expect(trace.user == owners.store && Set(trace.groups) == groups, "\(owners): \(trace)")
      }
      let events = Set(traces.map(\.name))
      let changes = Array(statuses.suffix(3))
      switch (owners.mayChange, owners.isSafe) {
      case (true, true):
        #expect(changes == [0, 0, 0], "\(owners)")
        #expect(
          events == ["health", "activate", "succeeded", "restart", "rollback"], "\(owners)")
      case (true, false):
        #expect(changes[0] == 3, "\(owners)")
        #expect(events.isSubset(of: ["health", "restart"]), "\(owners): \(events)")
        #expect(statuses[1] == 3, "check says so: \(owners)")
      case (false, _):
        #expect(events.isEmpty && changes.allSatisfy { $0 != 0 }, "\(owners): \(events)")
      }
    }
    #expect(Self.cases.count == 54 && count > 54, "\(count) commands ran")
    if let file = ProcessInfo.processInfo.environment["RELEASES_FIGURES"] {
      let text = "\(Self.cases.count) combinations, \(count) commands ran\n"
      try Data(text.utf8).write(to: URL(fileURLWithPath: file))
    }
  }

  private static let rootGroups: [Int] = {
    let run = try? Program.run(["id", "-G"])
    return run?.output.split { $0.isWhitespace }.compactMap { Int($0) } ?? []
  }()
}
