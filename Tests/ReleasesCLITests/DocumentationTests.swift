import Testing

@testable import ReleasesCLI

@Suite struct HelpTests {
  @Test(arguments: [nil, 10, 40, 50, 66, 80, 200])
  func fits(columns: Int?) {
    let help = Help(columns: columns)
    let pages = [help.overview()] + CommandTable.commands.map { help.page(of: $0) }
    for line in pages.flatMap({ $0.split(separator: "\n") }) {
      #expect(line.count <= help.width, "\(line)")
    }
  }

  @Test func overviewNamesEveryCommandAndNoHiddenOne() {
    let lines = Help(columns: 80).overview().split(separator: "\n")
    for command in CommandTable.commands {
      let isListed = lines.contains { $0.hasPrefix("  \(command.name) ") }
      #expect(isListed == (command.group != nil), "\(command.name)")
    }
  }

  @Test(arguments: CommandTable.commands)
  func pageTellsEverything(command: Command) {
    let page = Help(columns: 80).page(of: command)
    for option in command.options + CommandTable.globalOptions {
      #expect(page.contains(option.synopsis))
    }
    for operand in command.operands { #expect(page.contains(operand.synopsis)) }
    for example in command.examples { #expect(page.contains(example.line)) }
  }

  @Test func wrapsAtTheWidth() {
    #expect(TextLayout.wrap("ab cd ef", width: 5) == ["ab cd", "ef"])
    #expect(TextLayout.wrap("ab cd ef", width: 4, indent: 1) == [" ab", " cd", " ef"])
    #expect(TextLayout.wrap("abcdefgh i", width: 4) == ["abcdefgh", "i"])
    #expect(TextLayout.wrap("", width: 4) == [])
    #expect(TextLayout.wrap("abcdefgh i", width: 4, isBreaking: true) == ["abcd", "efgh", "i"])
    #expect(TextLayout.wrap("a  b c", width: 4, isBreaking: true) == ["a  b", "c"])
  }

  @Test func anExampleThatIsBrokenStillRuns() throws {
    for example in CommandTable.commands.flatMap(\.examples) where example.line.contains("'") {
      let broken = TextLayout.wrapShell(example.line, width: 40, indent: 2)
      #expect(broken.count > 1)
      let words = { (line: String) in
        try Tool.run(["sh", "-c", "releases() { printf '%s|' \"$@\"; }\n" + line], input: "").output
      }
      #expect(try words(broken.joined(separator: "\n")) == words(example.line))
    }
  }

  @Test func theCommandAnswers() throws {
    #expect(try answer(["activate", "--help"]).hasPrefix("activate: "))
    #expect(try answer(["help"]).contains("\nusage: "))
  }

  private func answer(_ arguments: [String]) throws -> String {
    let invocation = try Parser().parse(arguments)
    let context = try Context(invocation, arguments: arguments, variables: [:])
    return try invocation.command.run(invocation, context).bare
  }
}

@Suite struct ManPageTests {
  @Test(.enabled(if: Tool.isInstalled("mandoc")))
  func mandocHasNothingToSay() throws {
    let result = try Tool.run(["mandoc", "-T", "lint", "-W", "warning"], input: ManPage.text())
    #expect(result.output == "")
    #expect(result.status == 0)
  }

  @Test(.enabled(if: Tool.isInstalled("mandoc")))
  func readersGetEverythingAsItIsTyped() throws {
    let options = ["mandoc", "-T", "utf8", "-O", "width=400"]
    let page = plain(try Tool.run(options, input: ManPage.text()).output)
    for command in CommandTable.visibleCommands {
      #expect(page.contains(command.synopsis.dropFirst("releases ".count)))
      for option in command.options + CommandTable.globalOptions {
        #expect(page.contains(option.synopsis))
      }
      for example in command.examples { #expect(page.contains(example.line)) }
    }
    for status in ExitStatus.allCases {
      #expect(page.contains(String(status.meaning.dropFirst())))
    }
    #expect(!page.contains("generate man"))
  }

  @Test func isTheSameEachTime() {
    #expect(ManPage.text() == ManPage.text())
    #expect(ManPage.text().contains(".Dd \(Version.date)\n"))
  }

  @Test(arguments: [
    (".Dd x", "\\&.Dd x"), ("'br", "\\(aqbr"), ("a\\fBb", "a\\efBb"), ("--x", "\\-\\-x"),
    ("\"a\"", "\\(dqa\\(dq"), ("~ ^ `", "\\(ti \\(ha \\(ga"),
  ])
  func nothingInTheTextIsTakenForAMacro(text: String, expected: String) {
    #expect(Roff.line(text) == expected)
  }

  @Test func sentencesBeginLines() {
    #expect(Roff.prose("One two. Three? Four") == ["One two.", "Three?", "Four"])
    let words = Array(repeating: "word", count: 15).joined(separator: " ")
    #expect(Roff.prose(words + " .profile is a file.") == [words, "\\&.profile is a file."])
  }
}

/// Without the overstriking that stands for bold and underlined.
private func plain(_ page: String) -> String {
  var text: [Unicode.Scalar] = []
  for scalar in page.unicodeScalars {
    if scalar == "\u{8}" { _ = text.popLast() } else { text.append(scalar) }
  }
  return String(String.UnicodeScalarView(text))
}
