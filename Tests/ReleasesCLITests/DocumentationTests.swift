import CommandLineKit
import Foundation
import ReleaseModel
import TerminalUI
import TestSupport
import Testing

@testable import ReleasesCLI

private let program = CommandTable.commands.program
private let manPage = ManPage(program, .releases).text

@Suite struct HelpTests {
  @Test(arguments: [nil, 10, 40, 50, 66, 80, 200])
  func `help fits the terminal`(columns: Int?) {
    let help = Help(program, columns: columns)
    let width = min(max(columns ?? 80, 40), 80)
    let pages = [help.overview()] + program.commands.map { help.page(of: $0) }
    for line in pages.flatMap({ $0.split(separator: "\n") }) {
      #expect(line.count <= width, "\(line)")
    }
  }

  @Test func `the overview has every command that is not hidden`() {
    let lines = Help(program, columns: 80).overview().split(separator: "\n")
    for command in program.commands {
      let isListed = lines.contains { $0.hasPrefix("  \(command.name) ") }
      #expect(isListed == (command.group != nil), "\(command.name)")
    }
  }

  @Test(arguments: program.commands)
  func `the page of a command has its options, operands and examples`(command: CommandDeclaration) {
    let page = Help(program, columns: 80).page(of: command)
    for option in command.options + program.globalOptions {
      #expect(page.contains(option.synopsis))
    }
    for operand in command.operands { #expect(page.contains(operand.synopsis)) }
    for example in command.examples { #expect(page.contains(example.line)) }
  }

  @Test func `an example on several lines is the same command`() throws {
    for example in program.commands.flatMap(\.examples) where example.line.contains("'") {
      let broken = TextLayout.wrapShell(example.line, width: 40, indent: 2)
      #expect(broken.count > 1)
      let words = { (line: String) in
        try TestSupport.Program.run(
          ["sh", "-c", "releases() { printf '%s|' \"$@\"; }\n" + line]
        ).output
      }
      #expect(try words(broken.joined(separator: "\n")) == words(example.line))
    }
  }

  @Test func `the help command prints help`() throws {
    #expect(try answer(["activate", "--help"]).hasPrefix("Switch to a release\n"))
    #expect(try answer(["help"]).contains("\nUsage: "))
  }

  private func answer(_ arguments: [String]) throws -> String {
    let (command, invocation) = try CommandTable.commands.resolve(arguments)
    let context = try Context(
      invocation, arguments: arguments, variables: [:], commands: CommandTable.commands)
    return try command.run(invocation, context).quietText
  }
}

@Suite struct ManPageTests {
  @Test(.enabled(if: TestSupport.Program.isInstalled("mandoc")))
  func `mandoc reports no problem in the man page`() throws {
    let result = try TestSupport.Program.run(
      ["mandoc", "-T", "lint", "-W", "warning"], input: Data(manPage.utf8))
    #expect(result.output == "" && result.errors == "")
    #expect(result.status == 0)
  }

  @Test(.enabled(if: TestSupport.Program.isInstalled("mandoc")))
  func `the man page shows everything as it is typed`() throws {
    let options = ["mandoc", "-T", "utf8", "-O", "width=400"]
    let page = plain(try TestSupport.Program.run(options, input: Data(manPage.utf8)).output)
    for command in program.visibleCommands {
      #expect(page.contains(command.synopsis.dropFirst("releases ".count)))
      for option in command.options + program.globalOptions {
        #expect(page.contains(option.synopsis))
      }
      for example in command.examples { #expect(page.contains(example.line)) }
    }
    for status in ExitStatus.allCases {
      #expect(page.contains(String(status.meaning.dropFirst())))
    }
    #expect(!page.contains("generate man"))
  }

  @Test func `the man page is reproducible`() {
    #expect(manPage == ManPage(program, .releases).text)
    #expect(manPage.contains(".Dd \(Version.date)\n"))
  }
}

/// Returns a page without the overstriking that marks bold and underlined text.
private func plain(_ page: String) -> String {
  var text: [Unicode.Scalar] = []
  for scalar in page.unicodeScalars {
    if scalar == "\u{8}" { _ = text.popLast() } else { text.append(scalar) }
  }
  return String(String.UnicodeScalarView(text))
}
