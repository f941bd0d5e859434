import Foundation
import Testing

/// What a person sees, on a real terminal.
@Suite struct TerminalTests {
  static let commands = [
    ["list"], ["status"], ["history"], ["show", "rolled"], ["prune", "--dry-run"],
    ["verify", "--all"], ["check"], ["--help"], ["help", "activate"], ["help", "unpack"],
    ["activate", "--dry-run", "pinned"], ["recover", "--dry-run"],
  ]

  /// A live release, one to go back to, broken ones, and words of every kind.
  private static func store() throws -> TestStore {
    let store = try TestStore()
    try store.activate(["pinned", "live", "rolled"])
    try store.expectDone(["rollback"])
    try store.expectDone(["pin", "pinned", "--reason", "last one with the old schema"])
    let archive = try store.archive(["VERSION": "x", "a  name with spaces": "y"])
    try store.expectDone(["unpack", archive, "--id", "chinese", "--ref", "版本-一二三四五六七八九十"])
    try store.expectDone([
      "mark", "chinese", "bad", "--reason", "内存泄漏 under load, cafe\u{301} 😀, see ticket 4711",
    ])
    try store.expectDone(["unpack", archive, "--id", "spaced", "--ref", "feature/billing-1762"])
    try store.write("releases/spaced/a  name with spaces", "changed")
    return store
  }

  @Test(arguments: [40, 80, 120])
  func `no line is wider than the terminal`(columns: Int) throws {
    let store = try Self.store()
    for command in Self.commands {
      let output = try Terminal.run(["--store", store.path] + command, columns: columns)
      #expect(!output.isEmpty || command[0] == "recover", "\(command)")
      Screen.inUnicode {
        for line in Screen.lines(output) where !line.contains("hint: ") {
          #expect(Screen.width(line) <= columns, "\(command): \(line)")
        }
      }
    }
  }

  @Test func `color appears only on terminals and can be turned off`() throws {
    let store = try Self.store()
    for command in Self.commands.prefix(7) {
      let arguments = ["--store", store.path] + command
      let shown = try Terminal.run(arguments, columns: 400)
      #expect(shown.contains(Screen.colour), "\(command)")
      #expect(try Terminal.run(arguments, environment: ["NO_COLOR": ""]).contains(Screen.colour))
      for silenced in [["NO_COLOR": "1"], ["TERM": "dumb"], ["TERM": ""]] {
        let plain = try Terminal.run(arguments, columns: 400, environment: silenced)
        #expect(!plain.contains("\u{1B}"), "\(command), \(silenced)")
        #expect(!plain.isEmpty)
      }
      let piped = try store.run(command, environment: ["TERM": "xterm-256color"])
      #expect(!piped.output.contains("\u{1B}"), "\(command)")
    }
    let error = try Terminal.run(["--store", store.path, "activate", "chinese"])
    #expect(error.contains("\u{1B}[31;1merror:\u{1B}[0m"))
  }

  @Test func `a pipe gets all text in full`() throws {
    let store = try Self.store()
    let list = try store.run(["list"]).output
    #expect(list.contains("版本-一二三四五六七八九十"))
    #expect(list.contains("内存泄漏 under load, cafe\u{301} 😀, see ticket 4711\n"))
    #expect(list.split(separator: "\n").count == 6)
  }

  // MARK: - At a glance

  @Test(arguments: [40, 80, 120])
  func `list shows state, age, size and reason at any width`(columns: Int) throws {
    let store = try Self.store()
    let output = try Terminal.run(["--store", store.path, "list"], columns: columns)
    let lines = Screen.lines(output)
    // Age and size are told of every release, whatever the width.
    let header = try #require(lines.first)
    #expect(header.contains("STATE") && header.contains("AGE") && header.contains("SIZE"))
    func row(_ id: String) throws -> String {
      try #require(lines.first { $0.hasPrefix(id + " ") })
    }
    #expect(try row("live").contains(/^live +live +[0-9]+[smh] +[0-9]+ B/))
    #expect(try row("pinned").contains(/^pinned +rollback +[0-9]+[smh] +[0-9]+ B/))
    #expect(try row("rolled").contains(/^rolled +bad +[0-9]+[smh] +[0-9]+ B/))
    // Why a release is broken is there to its end, on however many lines.
    let words = lines.joined(separator: " ").split(separator: " ")
    for word in ["内存泄漏", "load,", "4711", "left", "by", "rollback", "schema"] {
      #expect(words.contains { $0 == word }, "\(word) at \(columns)")
    }
    #expect(output.contains("\u{1B}[32;1mlive\u{1B}[0m"))
    #expect(output.contains("\u{1B}[31;1mbad\u{1B}[0m"))
    #expect(output.contains("\u{1B}[36mrollback\u{1B}[0m"))
  }

  @Test(arguments: [80, 120, 400])
  func `wide characters keep columns aligned`(columns: Int) throws {
    let store = try Self.store()
    let output = try Terminal.run(["--store", store.path, "list"], columns: columns)
    try Screen.inUnicode {
      let lines = Screen.lines(output)
      let header = try #require(lines.first)
      let note = try #require(header.range(of: "NOTE"))
      let start = Screen.width(String(header[..<note.lowerBound]))
      for piece in ["内存", "pinned: ", "left by"] {
        let line = try #require(lines.first { $0.contains(piece) })
        let range = try #require(line.range(of: piece))
        #expect(Screen.width(String(line[..<range.lowerBound])) == start, "\(line)")
      }
    }
  }

  // MARK: - What others wrote

  static let hostile = [
    "\u{1B}[31mred\u{1B}]0;title\u{7}\u{1B}[2J", "one\r\ntwo\tthree\u{8}\u{8}\u{8}",
    "\u{9B}31m\u{9D}0;title\u{9C}\u{7F}", "user\u{202E}gnp.exe\u{2066}\u{200F}\u{2028}\u{FEFF}",
  ]

  @Test(arguments: hostile)
  func `control characters in a text are never printed`(text: String) throws {
    let store = try TestStore()
    try store.activate(["one", "two"])
    let archive = try store.archive(["VERSION": "x"])
    try store.expectDone(["unpack", archive, "--id", "three", "--ref", text])
    try store.expectDone(["pin", "one", "--reason", text])
    try store.expectDone(["mark", "three", "bad", "--reason", text])
    try store.expectDone(["freeze", "--reason", text])
    try store.write("releases/\(text.prefix(9))", "a stray")
    let commands = [
      ["list"], ["status"], ["history"], ["show", "one"], ["show", "three"],
      ["prune", "--dry-run"], ["verify", "--all"], ["check"], ["activate", "three"],
      ["activate", text], ["unpack", archive, "--id", text], ["remove", "one"], [text],
      ["list", "--store", "/nowhere/\(text)"], ["activate", text, "--output", "github"],
    ]
    for command in commands {
      let shown = try Terminal.run(["--store", store.path] + command)
      expectHarmless(shown.replacing(Screen.colour, with: ""), "\(command) on a terminal")
      let piped = try store.run(command)
      expectHarmless(piped.output + piped.errors, "\(command) through a pipe")
      #expect(!piped.output.contains("\u{1B}"))
    }
  }

  @Test(arguments: hostile)
  func `JSON keeps a hostile text exactly and escaped`(text: String) throws {
    let store = try TestStore()
    try store.activate(["one"])
    let archive = try store.archive(["VERSION": "x"])
    try store.expectDone(["unpack", archive, "--id", "three", "--ref", text])
    try store.expectDone(["mark", "three", "bad", "--reason", text])
    for command in [["list"], ["show", "three"], ["history"], ["activate", text]] {
      let run = try store.run(command + ["--json"])
      expectHarmless(run.output, "\(command)")
      _ = try run.json
    }
    let three = try #require(try store.releases()["three"])
    #expect(three["ref"] as? String == text)
    #expect(three["reason"] as? String == text)
  }

  private func expectHarmless(
    _ output: String, _ comment: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let bad = output.unicodeScalars.filter { scalar in
      if scalar == "\n" { return false }
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator: return true
      default: return false
      }
    }
    #expect(
      bad.isEmpty, "\(comment): \(bad.map { String($0.value, radix: 16) })",
      sourceLocation: sourceLocation)
  }

  // MARK: - Other places

  @Test(arguments: [
    ["LANG": "C"], ["LANG": ""], ["LC_ALL": "POSIX"], ["LC_ALL": "en_US.ISO-8859-1"],
  ])
  func `a terminal without Unicode gets only ASCII`(environment: [String: String]) throws {
    let store = try Self.store()
    for command in Self.commands {
      let output = try Terminal.run(
        ["--store", store.path] + command, columns: 80, environment: environment)
      #expect(output.utf8.allSatisfy { $0 < 0x80 }, "\(command): \(output)")
      // A hint stays in one line: it is a command to paste.
      let lines = Screen.lines(output).filter { !$0.contains("hint: ") }
      #expect(lines.allSatisfy { $0.utf8.count <= 80 }, "\(command)")
    }
    // A file and a script get what there is, as they have always done.
    let piped = try store.run(["list"], environment: environment)
    #expect(piped.output.contains("版本"))
  }
}
