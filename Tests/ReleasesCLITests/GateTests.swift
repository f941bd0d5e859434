import ReleaseModel
import Testing
import Text

@testable import CommandLineKit
@testable import ReleasesCLI

@Suite struct ShellWordsTests {
  @Test(arguments: [
    ("", []), ("  \t ", []), ("list", ["list"]), (" list  --json ", ["list", "--json"]),
    ("a 'b c' d", ["a", "b c", "d"]), ("a''b", ["ab"]), ("''", [""]), ("\"\" x", ["", "x"]),
    ("'a\"b'", ["a\"b"]), ("\"a'b\"", ["a'b"]), ("\"a\\\"b\\\\c\\$d\\`e\"", ["a\"b\\c$d`e"]),
    ("\"a\\nb\"", ["a\\nb"]), ("a\\ b", ["a b"]), ("\\'", ["'"]), ("\\$HOME", ["$HOME"]),
    ("'$HOME `x` *'", ["$HOME `x` *"]), ("a#b a~b", ["a#b", "a~b"]), ("--ref=a=b", ["--ref=a=b"]),
    ("list\n", ["list"]), ("list --json\r\n", ["list", "--json"]), ("\n", []),
    ("\"#x\" '~'", ["#x", "~"]), ("é 日本", ["é", "日本"]), ("a{b,c}", ["a{b,c}"]),
  ])
  func `words are a shell's`(line: String, words: [String]) throws {
    #expect(try ShellWords.split(line) == words)
  }

  @Test(arguments: [
    "a;b", "a|b", "a&", "a>b", "a<b", "(a)", "$a", "${a}", "$(a)", "`a`", "\"$a\"", "\"`a`\"",
    "\"$(a)\"", "*", "a?", "[a]", "#a", "a #b", "~", "~root", "'a", "\"a", "a\\", "\"a\\", "a\nb",
    "'a\nb'", "\"a\nb\"", "a\\\nb", "a\\\n", "'a\n", "\na", "a\n b", "a\rb", "'\u{1B}[2J'",
    "\u{7F}", "a\u{85}b", "'a'\"b",
  ])
  func `a line with a meaning beyond its words is refused`(line: String) {
    #expect(throws: ReleasesError.self) { try ShellWords.split(line) }
  }

  @Test func `a line that is too long is refused`() throws {
    let longest = String(repeating: "a", count: ShellWords.lengthLimit)
    #expect(try ShellWords.split(longest) == [longest])
    #expect(throws: ReleasesError.self) { try ShellWords.split(longest + "a") }
  }
}

@Suite struct GateTests {
  private func gate(_ allowed: [String]) throws(ReleasesError) -> Gate {
    try Gate(allowing: allowed, of: CommandTable.commands)
  }

  private func refusal(_ line: String, _ allowed: [String] = ["deploy,status"]) -> String? {
    do throws(ReleasesError) {
      _ = try gate(allowed).request(line)
      return nil
    } catch {
      return error.code == .notAllowed ? error.message.text : "\(error)"
    }
  }

  @Test(arguments: [
    "deploy -", "releases deploy - --size 5 --ref 'v 1'", "deploy - --signature base64:QUJD",
    "status --json", "--json status", "help", "help pin", "version", "deploy - -n --wait=5m",
  ])
  func `an allowed command passes`(line: String) { #expect(refusal(line) == nil) }

  @Test(arguments: [
    ("", "open a shell"), ("releases", "open a shell"),
    ("pin 1 --reason x", "may not run the command pin"),
    ("deploy app.tar.gz", "name a file on the host"),
    ("deploy - --signature sig", "name a file on the host"),
    ("deploy - --signature=-", "name a file on the host"),
    ("deploy -- base64:x", "name a file on the host"),
    ("status --store /srv", "--store"), ("status -s/srv", "--store"), ("-s /srv status", "--store"),
    ("deploy", "needs"), ("gate --allow ci", "may not run the command gate"),
    ("init", "may not run the command init"),
    ("unpack-worker", "may not"), ("generate man", "may not"), ("rm -rf x", "unknown command"),
    ("/bin/sh", "unknown command"), ("deploy - -", "too many"), ("status --hook x", "unknown"),
    ("releases releases status", "unknown command"),
  ])
  func `every other command is refused`(line: String, why: String) throws {
    let message = try #require(refusal(line))
    #expect(message.contains(why))
  }

  /// A new option can't be given through the gate unless it is declared remote.
  @Test func `no option can name a file of the host`() {
    for command in CommandTable.commands.program.commands {
      for option in command.options where option.remote != .refused {
        guard let value = option.value else { continue }
        let isFile = value.kind == .file || value.kind == .directory
        #expect(!isFile || value.remoteForm != nil, "\(command.name) \(option.long)")
      }
    }
    #expect(Option.store.remote == .refused)
  }

  /// Every option that some role may not give, by command and role, as the details of `gate` say.
  @Test(arguments: Role.allCases)
  func `the options that a role may not give are those that the manual names`(role: Role) throws {
    let overriding: Set = ["--force", "--no-rollback"]
    let local: Set = ["--store", "--boot", "--keep", "--keep-within", "--no-hooks", "--textfile"]
    let manual = CommandTable.commands.all.first { $0.name == "gate" }?.declaration.details
      .joined(separator: "\n")
    for text in ["--wait of 'abort'", "--timeout of 'diagnose'"] {
      #expect(manual?.contains(text) == true)
    }
    for name in overriding.union(local) { #expect(manual?.contains(name) == true, "\(name)") }
    var seen: Set<String> = []
    for command in CommandTable.commands.all
    where command.roles.contains(where: role.included.contains) {
      for option in command.declaration.options + Option.global {
        let value = option.value.map { value -> [String] in
          switch value.remoteForm {
          case .stream: ["-"]
          case .inline: ["base64:QUJD"]
          case nil: [value.kind.sample]
          }
        }
        let words =
          [command.name, option.long] + (value ?? [])
          + command.declaration.options.flatMap { $0.requiredWords(besides: option) }
          + command.declaration.operands.compactMap(\.sample)
        let line = words.map { "'\($0)'" }.joined(separator: " ")
        let isRefused =
          [["abort", "--wait"], ["diagnose", "--timeout"]].contains([command.name, option.long])
          || local.contains(option.long) || overriding.contains(option.long) && role != .operator
        let message = refusal(line, [role.rawValue])
        if ["--help", "--version"].contains(option.long) { continue }
        #expect(
          (message == "this key may not use the option \(option.long)") == isRefused,
          "\(line): \(message ?? "accepted")")
        if isRefused {
          seen.insert(option.long)
        } else {
          #expect(message == nil, "\(line)")
        }
      }
    }
    if role == .operator {
      #expect(seen == local.union(["--wait", "--timeout"]), "every option in the list exists")
    }
  }

  @Test(arguments: ["init", "gate", "completion", "nonsense"])
  func `a key cannot be allowed to run a command of the host`(name: String) {
    #expect(throws: ReleasesError.self) { try gate([name]) }
  }

  @Test func `a key may run the commands of all its roles and no others`() {
    #expect(refusal("activate 1", ["monitor", "activate"]) == nil)
    #expect(refusal("activate 1", ["ci"]) == "this key may not run the command activate")
  }
}

extension ValueKind {
  /// A valid value.
  fileprivate var sample: String {
    switch self {
    case .number: "1"
    case .words(let words): words[0]
    case .text, .file, .directory, .listed, .commands: "1"
    }
  }
}

extension Operand {
  /// A valid value; nil for one that can be left out.
  fileprivate var sample: String? {
    if arity != .one { return nil }
    return value.remoteForm == .stream ? "-" : value.kind.sample
  }
}

extension Option {
  /// The option with a valid value if it is required and not the other one.
  fileprivate func requiredWords(besides other: Option) -> [String] {
    guard isRequired, name != other.name else { return [] }
    return [long] + (value.map { [$0.remoteForm == .stream ? "-" : $0.kind.sample] } ?? [])
  }
}

@Suite struct RoleTests {
  private func commands(of role: Role) -> Set<String> {
    Set(
      CommandTable.commands.all.filter { $0.roles.contains(where: role.included.contains) }.map(
        \.name))
  }

  // The roles as the details of `gate` describe them.
  private static let watching: Set = [
    "list", "show", "status", "history", "check", "metrics", "report",
  ]
  private static let continuousIntegration: Set = [
    "deploy", "unpack", "prepare", "rollback", "abort", "wait", "verify", "logs",
    "diagnose",
  ]
  private static let scheduled: Set = ["prune", "verify", "recover"]
  private static let operating: Set = [
    "activate", "restart", "pin", "unpin", "mark", "freeze", "thaw", "remove",
  ]

  @Test func `each role has the commands that its description names`() {
    #expect(commands(of: .monitor) == Self.watching)
    #expect(commands(of: .ci) == Self.watching.union(Self.continuousIntegration))
    #expect(commands(of: .cron) == Self.watching.union(Self.scheduled))
    #expect(
      commands(of: .operator)
        == Self.watching.union(Self.continuousIntegration).union(Self.scheduled)
        .union(Self.operating))
  }

  @Test func `no role has a hidden command`() {
    let visible = Set(CommandTable.commands.program.visibleCommands.map(\.name))
    for role in Role.allCases { #expect(commands(of: role).isSubset(of: visible)) }
  }

  @Test func `a monitor changes no store`() {
    for command in CommandTable.commands.all where command.roles.contains(.monitor) {
      #expect(!command.changesStore, "\(command.name)")
    }
  }
}
