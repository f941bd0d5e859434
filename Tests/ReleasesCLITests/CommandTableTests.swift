import CommandLineKit
import Foundation
import ReleaseModel
import TestSupport
import Testing

@testable import ReleasesCLI

private let program = CommandTable.commands.program
private let declaredOptions = program.globalOptions + program.commands.flatMap(\.options)

@Suite struct CommandTableTests {
  @Test func `every documented command exists`() {
    let expected = [
      "init", "deploy", "unpack", "prepare", "activate", "rollback", "restart", "abort", "list",
      "show",
      "status", "history", "prune", "remove", "verify", "recover", "pin", "unpin", "mark",
      "freeze", "thaw", "check", "diagnose", "help", "completion", "gate",
      "metrics", "report", "wait", "logs",
    ]
    #expect(Set(program.visibleCommands.map(\.name)) == Set(expected))
    #expect(Set(program.commands.map(\.name)).count == program.commands.count)
  }

  @Test(arguments: program.commands)
  func `every command is documented`(command: CommandDeclaration) {
    #expect(isPhrase(command.summary) && command.summary.count < 60)
    #expect(!command.details.isEmpty)
    #expect(command.details.allSatisfy { $0.hasSuffix(".") && $0.utf8.allSatisfy(isPrintable) })
    #expect(!command.examples.isEmpty)
    #expect(command.examples.allSatisfy { isPhrase($0.purpose) })
    #expect(command.operands.allSatisfy { isPhrase($0.help) })
  }

  @Test(arguments: declaredOptions)
  func `every option is documented`(option: Option) {
    #expect(isPhrase(option.help))
    if let value = option.value { #expect(!value.placeholder.isEmpty) }
  }

  @Test(arguments: program.visibleCommands)
  func `every example is parsed`(command: CommandDeclaration) throws {
    for example in command.examples {
      let arguments = try words(of: example.line)
      #expect(try CommandTable.commands.resolve(arguments).0.name == command.name)
    }
  }

  @Test(arguments: program.commands)
  func `the options of a command have distinct spellings`(command: CommandDeclaration) {
    let spellings = (program.globalOptions + command.options).flatMap(\.spellings)
    #expect(Set(spellings).count == spellings.count)
    #expect(command.operands.dropLast().allSatisfy { $0.arity == .one })
  }

  /// The completions rely on this: they read options before they know the command.
  @Test(arguments: Set(declaredOptions.map(\.name)).sorted { $0.text < $1.text })
  func `an option name has one meaning in all commands`(name: Option.Name) {
    let options = declaredOptions.filter { $0.name == name }
    #expect(!options.isEmpty)
    #expect(Set(options.map { $0.short.map(String.init) ?? "" }).count == 1)
    #expect(Set(options.map { $0.value?.placeholder ?? "" }).count == 1)
    #expect(options.allSatisfy { $0.value?.kind == options[0].value?.kind })
  }

  /// The completions read the value of such an option as the store.
  @Test func `only the store has a short option with a value`() {
    #expect(declaredOptions.filter { $0.short != nil && $0.value != nil }.map(\.name) == [.store])
  }

  @Test(arguments: ["init", "unpack", "activate", "rollback", "prune", "remove", "recover", "pin"])
  func `a command that changes the store has a dry run and a wait`(name: String) throws {
    let options = try program.command(named: name).options.map(\.name)
    #expect(options.contains(.dryRun) && options.contains(.wait))
  }
}

@Suite struct ExitStatusTests {
  @Test(arguments: [
    (ReleasesError.Code.failed, 1), (.corrupt, 1), (.usage, 2), (.frozen, 3), (.configuration, 3),
    (.newerStore, 3), (.noSuchRelease, 4), (.noSuchStore, 4), (.locked, 5), (.digestMismatch, 6),
    (.differences, 7), (.noSpace, 8), (.interrupted, 11),
  ])
  func `error codes have their documented exit statuses`(code: ReleasesError.Code, expected: Int) {
    #expect(ExitStatus(code).rawValue == Int32(expected))
  }

  @Test(arguments: ReleasesError.Code.allCases)
  func `no error code exits with success`(code: ReleasesError.Code) {
    #expect(ExitStatus(code) != .done)
  }
}

/// Returns whether a text is one line of ASCII that begins with a capital letter and has no final
/// period.
private func isPhrase(_ text: String) -> Bool {
  guard let first = text.first, let last = text.last else { return false }
  return first.isUppercase && last != "." && text.utf8.allSatisfy(isPrintable)
}

private func isPrintable(_ byte: UInt8) -> Bool { (32...126).contains(byte) }

/// Returns the arguments that a shell passes to `releases` for a line.
private func words(of line: String) throws -> [String] {
  let script = "releases() { printf '%s\\n' \"$@\" >&3; }; ssh() { shift; \"$@\"; }\n"
  let source = line.contains("source <(") ? String(line.dropFirst(9).dropLast()) : line
  let command = source.split(separator: #/ [<>|] /#)[0]
  let result = try TestSupport.Program.run(
    ["bash"], input: Data((script + command + " 3>&1\n").utf8))
  return result.output.split(separator: "\n").map(String.init)
}
