import Foundation
import TestSupport
import Testing

/// The output of commands on a real terminal.
@Suite struct TerminalTests {
  @Test(arguments: [40, 80, 120])
  func `no line is wider than the terminal`(columns: Int) throws {
    let store = try TestStore.withTexts()
    for command in TestStore.readingCommands {
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
    let store = try TestStore.withTexts()
    for command in TestStore.readingCommands.prefix(7) {
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
    let store = try TestStore.withTexts()
    let list = try store.run(["list"]).output
    #expect(list.contains("版本-一二三四五六七八九十"))
    #expect(list.contains("内存泄漏 under load, cafe\u{301} 😀, see ticket 4711\n"))
    #expect(list.split(separator: "\n").count == 6)
  }

  @Test(arguments: [40, 80, 120])
  func `list shows state, age, size and reason at any width`(columns: Int) throws {
    let store = try TestStore.withTexts()
    let output = try Terminal.run(["--store", store.path, "list"], columns: columns)
    let lines = Screen.lines(output)
    // Age and size are shown for every release at any width.
    let header = try #require(lines.first)
    #expect(header.contains("STATE") && header.contains("AGE") && header.contains("SIZE"))
    func row(_ id: String) throws -> String {
      try #require(lines.first { $0.hasPrefix(id + " ") })
    }
    #expect(try row("live").contains(/^live +live +[0-9]+[smh] +[0-9]+ B/))
    #expect(try row("pinned").contains(/^pinned +rollback +[0-9]+[smh] +[0-9]+ B/))
    #expect(try row("rolled").contains(/^rolled +bad +[0-9]+[smh] +[0-9]+ B/))
    // The reason is never shortened, even when it takes several lines.
    let words = lines.joined(separator: " ").split(separator: " ")
    for word in ["内存泄漏", "load,", "4711", "rolled", "back", "schema"] {
      #expect(words.contains { $0 == word }, "\(word) at \(columns)")
    }
    #expect(output.contains("\u{1B}[32;1mlive\u{1B}[0m"))
    #expect(output.contains("\u{1B}[31;1mbad\u{1B}[0m"))
    #expect(output.contains("\u{1B}[36mrollback\u{1B}[0m"))
  }

  @Test(arguments: [80, 120, 400])
  func `wide characters keep columns aligned`(columns: Int) throws {
    let store = try TestStore.withTexts()
    let output = try Terminal.run(["--store", store.path, "list"], columns: columns)
    try Screen.inUnicode {
      let lines = Screen.lines(output)
      let header = try #require(lines.first)
      let note = try #require(header.range(of: "NOTE"))
      let start = Screen.width(String(header[..<note.lowerBound]))
      for piece in ["内存", "pinned: ", "rolled back"] {
        let line = try #require(lines.first { $0.contains(piece) })
        let range = try #require(line.range(of: piece))
        #expect(Screen.width(String(line[..<range.lowerBound])) == start, "\(line)")
      }
    }
  }

  @Test(arguments: [
    ["LANG": "C"], ["LANG": ""], ["LC_ALL": "POSIX"], ["LC_ALL": "en_US.ISO-8859-1"],
  ])
  func `a terminal without Unicode gets only ASCII`(environment: [String: String]) throws {
    let store = try TestStore.withTexts()
    for command in TestStore.readingCommands {
      let output = try Terminal.run(
        ["--store", store.path] + command, columns: 80, environment: environment)
      #expect(output.utf8.allSatisfy { $0 < 0x80 }, "\(command): \(output)")
      // A hint is a command to paste, so it stays on one line.
      let lines = Screen.lines(output).filter { !$0.contains("hint: ") }
      #expect(lines.allSatisfy { $0.utf8.count <= 80 }, "\(command)")
    }
    // Files and scripts get the text unchanged.
    let piped = try store.run(["list"], environment: environment)
    #expect(piped.output.contains("版本"))
  }
}
