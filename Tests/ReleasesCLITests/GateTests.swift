import ReleaseStore
import Testing

@testable import ReleasesCLI

@Suite struct ShellWordsTests {
  @Test(arguments: [
    ("", []), ("  \t ", []), ("list", ["list"]), (" list  --json ", ["list", "--json"]),
    ("a 'b c' d", ["a", "b c", "d"]), ("a''b", ["ab"]), ("''", [""]), ("\"\" x", ["", "x"]),
    ("'a\"b'", ["a\"b"]), ("\"a'b\"", ["a'b"]), ("\"a\\\"b\\\\c\\$d\\`e\"", ["a\"b\\c$d`e"]),
    ("\"a\\nb\"", ["a\\nb"]), ("a\\ b", ["a b"]), ("\\'", ["'"]), ("\\$HOME", ["$HOME"]),
    ("'$HOME `x` *'", ["$HOME `x` *"]), ("a#b a~b", ["a#b", "a~b"]), ("--ref=a=b", ["--ref=a=b"]),
    ("\"#x\" '~'", ["#x", "~"]), ("é 日本", ["é", "日本"]), ("a{b,c}", ["a{b,c}"]),
  ])
  func `words are a shell's`(line: String, words: [String]) throws {
    #expect(try ShellWords.split(line) == words)
  }

  @Test(arguments: [
    "a;b", "a|b", "a&", "a>b", "a<b", "(a)", "$a", "${a}", "$(a)", "`a`", "\"$a\"", "\"`a`\"",
    "\"$(a)\"", "*", "a?", "[a]", "#a", "a #b", "~", "~root", "'a", "\"a", "a\\", "\"a\\", "a\nb",
    "'a\nb'", "\"a\nb\"", "a\\\nb", "a\rb", "'\u{1B}[2J'", "\u{7F}", "a\u{85}b", "'a'\"b",
    String(repeating: "a", count: ShellWords.lengthLimit + 1),
  ])
  func `what means more than words is refused`(line: String) {
    #expect(throws: ReleasesError.self) { try ShellWords.split(line) }
  }
}

@Suite struct GateTests {
  private func refusal(_ line: String, _ allowed: [String] = ["deploy,status"]) -> String? {
    do throws(ReleasesError) {
      _ = try Gate(allowing: allowed).words(of: line)
      return nil
    } catch {
      return error.code == .notAllowed ? error.message : "\(error)"
    }
  }

  @Test(arguments: [
    "deploy -", "releases deploy - --size 5 --ref 'v 1'", "deploy - --signature base64:QUJD",
    "status --json", "--json status", "help", "help pin", "version", "deploy - -n --wait=5m",
  ])
  func `what is allowed passes`(line: String) { #expect(refusal(line) == nil) }

  @Test(arguments: [
    ("", "no shell"), ("releases", "no shell"), ("pin 1 --reason x", "may not pin"),
    ("deploy app.tar.gz", "file of the host"), ("deploy - --signature sig", "file of the host"),
    ("deploy - --signature=-", "file of the host"), ("deploy -- base64:x", "file of the host"),
    ("status --store /srv", "--store"), ("status -s/srv", "--store"), ("-s /srv status", "--store"),
    ("deploy", "needs"), ("gate --allow ci", "may not gate"), ("init", "may not init"),
    ("unpack-worker", "may not"), ("generate man", "may not"), ("rm -rf x", "unknown command"),
    ("/bin/sh", "unknown command"), ("deploy - -", "too many"), ("status --hook x", "unknown"),
    ("releases releases status", "unknown command"),
  ])
  func `everything else is refused`(line: String, why: String) throws {
    let message = try #require(refusal(line))
    #expect(message.contains(why))
  }

  /// New options belong to the host until somebody decides otherwise.
  @Test func `no option chooses a file of the host`() {
    for command in CommandTable.commands {
      for option in command.options where option.isRemote {
        guard let value = option.value else { continue }
        let isFile = value.kind == .file || value.kind == .directory
        #expect(!isFile || value.remoteForm != nil, "\(command.name) \(option.long)")
      }
    }
    #expect(!Option.store.isRemote)
  }

  @Test func `roles are of commands that are there`() throws {
    let names = Set(CommandTable.visibleCommands.map(\.name))
    for role in Role.allCases { #expect(role.commands.isSubset(of: names)) }
    for name in ["init", "gate", "completion"] {
      #expect(!Role.operator.commands.contains(name))
      #expect(throws: ReleasesError.self) { try Gate(allowing: [name]) }
    }
    #expect(refusal("activate 1", ["monitor", "activate"]) == nil)
    #expect(refusal("activate 1", ["ci"]) == "this key may not activate")
    for command in CommandTable.commands where Role.monitor.commands.contains(command.name) {
      #expect(!command.changesStore, "\(command.name) looks")
    }
  }
}
