import Foundation
import TestSupport
import Testing

/// The forms of every command: its operands, and each of its options at least once. In the words,
/// ARCHIVE and DIR stand for files of the test.
enum CommandForms {
  /// Options that every change has: they are added to one more form of each command.
  private static let changing = ["--wait", "0s", "--dry-run"]

  private static let forms: [String: [[String]]] = [
    "list": [[], ["--describe"]],
    "show": [["2"], ["9"], ["current"]],
    "status": [[], ["--watch"]],
    "history": [[], ["--limit", "1"], ["--verbose"]],
    "logs": [[], ["2"], ["9"], ["--lines", "3"]],
    "verify": [[], ["1"], ["9"], ["--all", "--strict"]],
    "check": [[]],
    "metrics": [[], ["--textfile", "DIR.prom"], ["--textfile", "DIR"]],
    "report": [["--html", "-"], ["--html", "DIR.html"], ["--html", "/nowhere/x"], []],
    "diagnose": [["--timeout", "5s"], ["--archive", "DIR.tar.gz"], ["--archive", "-"]],
    "deploy": [
      ["ARCHIVE", "--ref", "v1", "--request", "a"], ["ARCHIVE", "--id", "1"], ["/nowhere"], [],
      ["ARCHIVE", "--no-rollback", "--progress", "plain"], ["ARCHIVE", "--signature", "ARCHIVE"],
      ["ARCHIVE", "--sha256", "x"], ["ARCHIVE", "--size", "1"],
      ["ARCHIVE", "--strip-components", "9"],
    ],
    "unpack": [
      ["ARCHIVE", "--id", "8", "--ref", "v8", "--progress", "none"], ["ARCHIVE", "--id", "1"],
      ["-"], ["ARCHIVE", "--signature", "base64:x"], ["ARCHIVE", "--sha256", "x"],
      ["ARCHIVE", "--size", "1"], ["ARCHIVE", "--strip-components", "9"],
    ],
    "prepare": [["3"], ["9"]],
    "activate": [
      ["1"], ["3", "--verify"], ["2"], ["9"], ["1", "--force", "--no-rollback"],
      ["1", "--request", "c"],
    ],
    "rollback": [
      [], ["--request", "d"], ["--to", "1", "--verify"], ["--force", "--no-rollback"],
      ["--to", "9"],
    ],
    "restart": [[]],
    "abort": [[], ["--reason", "x"]],
    "wait": [["v1"], ["x", "--timeout", "1s"], ["--ref", "v1"], ["--request", "a"]],
    "pin": [["1", "--reason", "x"], ["9", "--reason", "x"], ["1"]],
    "unpin": [["1"], ["9"]],
    "mark": [["1", "bad", "--reason", "x"], ["1", "good"], ["9", "good"], ["good", "1"]],
    "freeze": [["--reason", "x"]],
    "thaw": [[]],
    "init": [[], ["--adopt", "x"]],
    "prune": [["--keep", "1", "--keep-within", "0d"], ["--no-hooks"]],
    "remove": [["1"], ["2"], ["9"], ["1", "--force"]],
    "recover": [[], ["--boot"]],
    "help": [[], ["list"], ["nonsense"]],
    "completion": [["bash"], ["nonsense"]],
    "version": [[]],
    "gate": [
      ["--allow", "monitor", "--name", "x", "--max-sessions", "2", "--max-upload", "1m"],
      ["--allow", "nonsense"], [],
    ],
    "generate": [["man"], ["nonsense"]],
  ]

  /// Every form of every command, with the dry run of those that have one.
  static func all() throws -> [[String]] {
    let names = try DocumentValidation.schemas.get().documents.keys.sorted()
    return try names.filter { $0 != "common" }.flatMap { try self.all(of: $0) }
  }

  private static func all(of name: String) throws -> [[String]] {
    let found: [[String]] = try #require(forms[name], "\(name) has no forms")
    let plain: [[String]] = found.map { [name] + $0 }
    guard try options(of: name).contains("--dry-run") else { return plain }
    return plain + plain.map { $0 + changing }
  }

  /// The options that the help of a command lists before the global ones.
  static func options(of name: String) throws -> Set<String> {
    let help = try Program.expect([Releases.binary, "help", name]).output
    let start = help.firstRange(of: "\nOptions:")?.upperBound ?? help.endIndex
    let own = help[start...]
    let end = own.firstRange(of: "\nGlobal options:")?.lowerBound ?? own.endIndex
    return Set(own[..<end].matches(of: #/\n +(?:-[a-z], )?(--[a-z0-9-]+)/#).map { String($0.1) })
  }

  /// Expects that each option of each command is in one of its forms.
  static func expectEveryOption() throws {
    let forms = Dictionary(grouping: try all()) { $0[0] }
    for (name, words) in forms {
      let left = try options(of: name).subtracting(words.joined()).subtracting(["--json"])
      #expect(left.isEmpty, "\(name)")
    }
  }
}
