import CommandLineKit
import Foundation
import TestSupport
import Testing

@testable import ReleasesCLI

/// The releases in the store of the tests, newest first.
private let ids = ["1762147685", "1762061285"]

private let program = CommandTable.commands.program
private let options = program.globalOptions.map(\.long)

@Suite struct CompletionSyntaxTests {
  @Test(arguments: [
    (Shell.bash, ["bash", "-n"]), (.zsh, ["zsh", "-n", "/dev/stdin"]),
    (.fish, ["fish", "--no-execute", "/dev/stdin"]), (.bash, ["shellcheck", "-s", "bash", "-"]),
  ])
  func `the script is valid for its shell`(shell: Shell, checker: [String]) throws {
    try #require(TestSupport.Program.isInstalled(checker[0]))
    let script = Data(shell.completions(for: program).utf8)
    let result = try TestSupport.Program.run(checker, input: script)
    #expect(result.output == "" && result.errors == "")
    #expect(result.status == 0)
  }

  @Test(arguments: Shell.allCases)
  func `the script has every command and option`(shell: Shell) {
    let script = shell.completions(for: program)
    for command in program.visibleCommands {
      #expect(script.contains(command.name))
      for option in command.options { #expect(script.contains(option.name.text)) }
    }
    #expect(!script.contains("generate"))
  }
}

@Suite struct BashCompletionTests {
  /// The words are divided as by readline; the last one is completed.
  @Test(arguments: [
    (["re"], ["report", "restart", "remove", "recover"]),
    (["-s", "/x", "re"], ["report", "restart", "remove", "recover"]),
    (["activate", ""], ids),
    (["activate", "17621"], [ids[0]]),
    (["activate", "x", ""], []),
    (["activate", "--f"], ["--force"]),
    (["activate", "--", "--f"], []),
    (["rollback", "--to", ""], ids),
    (["rollback", "--to", "="], ids),
    (["rollback", "--to", "=", "17620"], [ids[1]]),
    (["verify", "a", "b", ""], ids),
    (["list", "--output", "=", "j"], ["json"]),
    (["list", "--output", "g"], ["github"]),
    (["mark", "x", ""], ["good", "bad"]),
    (["mark", "x", "--reason", ""], []),
    (["mark", "--reason", "y", "x", "b"], ["bad"]),
    (["completion", ""], ["bash", "zsh", "fish"]),
    (["help", "st"], ["status"]),
    (["unpack", "/dev/nul"], ["/dev/null"]),
    (["list", "--store", "/de"], ["/dev"]),
    (["list", "--store", "=", "/de"], ["/dev"]),
  ])
  func `bash offers the expected words`(words: [String], expected: [String]) throws {
    #expect(try bash(words).offered == expected)
  }

  @Test(arguments: program.visibleCommands)
  func `bash offers the options of each command`(command: CommandDeclaration) throws {
    #expect(try bash([command.name, "--"]).offered == options + command.options.map(\.long))
  }

  @Test func `bash offers every command`() throws {
    #expect(try bash([""]).offered == program.visibleCommands.map(\.name))
  }

  @Test(arguments: [
    (["activate"], ""), (["-s", "/x", "activate"], " --store /x"),
    (["activate", "--store", "/x"], " --store /x"),
    (["activate", "--store", "=", "/x"], " --store /x"),
    (["activate", "-s/x"], " --store /x"), (["-qs", "/x", "activate"], " --store /x"),
    (["-s", "'/a b'", "activate"], " --store /a b"), (["-s", "~/x", "activate"], " --store /me/x"),
    (["-s", "$(echo x)", "activate"], " --store $(echo x)"),
  ])
  func `bash lists the releases of the store that was typed`(words: [String], asked: String) throws
  {
    #expect(try bash(words + [""]).asked == "list --quiet --describe\(asked)")
  }

  /// Readline asks for a list (63) after a second tab. The words that it inserts have no description.
  @Test(arguments: [
    ("9", "176", ids), ("63", "17621", [ids[0]]),
    ("63", "", ["\(ids[0])  (v2, live, 3h)", "\(ids[1])  (v1, rollback target, 2d)"]),
  ])
  func `bash describes the releases that it lists`(
    type: String, word: String, expected: [String]
  ) throws {
    let stub = """
      COMP_TYPE=\(type)
      releases() { printf '%s\\t%s\\n' \(ids[0]) 'v2, live, 3h' \(ids[1]) 'v1, rollback target, 2d'; }
      """
    #expect(try bash(["activate", word], stub: stub).offered == expected)
  }

  /// The output of the program is data, even where it looks like a command.
  @Test func `bash does not run what the program prints`() throws {
    let stub = "releases() { echo '$(echo harm)'; echo '`x`'; echo 17; echo bad >&2; return 3; }"
    #expect(try bash(["activate", ""], stub: stub).offered == ["17"])
  }
}

@Suite struct FishCompletionTests {
  @Test(arguments: [
    ("releases re", ["recover", "remove", "report", "restart"]),
    ("releases -s /x activate 17", ids),
    ("releases activate x ", []), ("releases rollback --to 17", ids),
    ("releases list --output ", ["github", "json", "text"]), ("releases mark x ", ["bad", "good"]),
    ("releases verify a b 17", ids), ("releases activate --fo", ["--force"]),
    ("releases completion ", ["bash", "fish", "zsh"]),
  ])
  func `fish offers the expected words`(line: String, expected: [String]) throws {
    try #require(TestSupport.Program.isInstalled("fish"))
    let script = """
      \(Shell.fish.completions(for: program))
      function releases; printf '%s\\n' \(ids.joined(separator: " ")); end
      complete -C '\(line)' | string replace -r '\\t.*' ''
      """
    let result = try TestSupport.Program.run(["fish", "--no-config"], input: Data(script.utf8))
    #expect(result.output.split(separator: "\n").map(String.init) == expected)
  }
}

@Suite struct FishDescriptionTests {
  @Test func `fish describes the releases`() throws {
    try #require(TestSupport.Program.isInstalled("fish"))
    let script = """
      \(Shell.fish.completions(for: program))
      function releases; test "$argv" = 'list --quiet --describe'; and printf '17\\tv2, live, 3h\\n'; end
      complete -C 'releases activate '
      """
    let result = try TestSupport.Program.run(["fish", "--no-config"], input: Data(script.utf8))
    #expect(result.output == "17\tv2, live, 3h\n")
  }
}

@Suite struct ZshCompletionTests {
  /// Types into another zsh. A word that is never completed runs into the time limit; only KILL
  /// ends a zsh in zpty.
  @Test(arguments: [
    ("releases rollb", "rollback"), ("releases activate 17621", ids[0]),
    ("releases -s /x activate 17621", "/x:\(ids[0])"),
    ("releases activate --store=/x -q 17620", "/x:\(ids[1])"),
    ("releases rollback -n --to 17620", ids[1]), ("releases list --output gi", "github"),
    ("releases mark x g", "good"), ("releases activate --forc", "--force"),
  ])
  func `zsh completes the word`(line: String, expected: String) throws {
    try #require(TestSupport.Program.isInstalled("zsh"))
    let parts = expected.split(separator: ":")
    let store = parts.dropLast().map { " --store " + $0 }.joined()
    let setUp = """
      releases() {
        [[ "$*" == "list --quiet --describe\(store)" ]] || return
        print -l \(ids.map { "$'\($0)\\tv1:x, live, 3h'" }.joined(separator: " "))
      }
      autoload -Uz compinit; compinit -D -u
      source /dev/fd/9; PS1=; print rea''dy
      """
    let script = """
      zmodload zsh/zpty
      exec 9<<'RELEASES'
      \(Shell.zsh.completions(for: program))
      RELEASES
      zpty shell 'TERM=dumb zsh -f -i'
      zpty -w shell \(quoted(setUp))
      zpty -r shell seen '*ready*'
      zpty -w -n shell \(quoted(line))$'\\t'
      zpty -r shell seen '*\(parts.last ?? "")*'
      print done
      zpty -d shell
      """
    let result = try TestSupport.Program.run(
      ["timeout", "-s", "KILL", "20", "zsh", "-f"], input: Data(script.utf8))
    #expect(result.output == "done\n")
  }
}

private func bash(
  _ words: [String], stub: String? = nil
) throws -> (offered: [String], asked: String) {
  let typed = words.map(quoted).joined(separator: " ")
  let script = """
    \(Shell.bash.completions(for: program))
    HOME=/me
    releases() { echo "$*" >&3; printf '%s\\n' \(ids.joined(separator: " ")); }
    \(stub ?? "")
    COMP_WORDS=(releases \(typed))
    COMP_CWORD=\(words.count)
    { asked=$( { _releases releases; printf '%s\\n' "${COMPREPLY[@]}" >&4; } 3>&1 ); } 4>&1
    echo "asked:$asked"
    """
  let lines = try TestSupport.Program.run(["bash"], input: Data(script.utf8)).output.split(
    separator: "\n"
  ).map(String.init)
  let asked = lines.last.map { String($0.dropFirst("asked:".count)) } ?? ""
  return (lines.dropLast() + [], asked)
}

private func quoted(_ text: String) -> String {
  "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
    + "'"
}
