import Foundation
import Testing
import Text

@testable import TerminalUI

@Suite struct DisplayWidthTests {
  @Test(arguments: [
    ("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("版本", 4), ("ｆ", 2), ("한", 2),
    ("\u{1112}\u{1161}\u{11AB}", 2), ("😀", 2), ("🇩🇪", 2), ("…", 1), ("\u{200B}", 0),
  ])
  func `the width of a text is the number of its columns`(text: String, columns: Int) {
    #expect(text.displayWidth == columns)
  }

  @Test func `a text is cut between characters`() {
    #expect("abcdef".cut(toWidth: 6, "…") == "abcdef")
    #expect("abcdefg".cut(toWidth: 6, "…") == "abcde…")
    #expect("版本一二".cut(toWidth: 6, "…") == "版本…")
    #expect("e\u{301}e\u{301}e\u{301}".cut(toWidth: 2, "…") == "e\u{301}…")
  }
}

@Suite struct PrintableTests {
  @Test(arguments: [
    ("\u{1B}[31mred", "?[31mred"), ("a\r\nb", "a??b"), ("a\u{202E}b", "a?b"),
    ("a\u{9B}31m", "a?31m"), ("a\u{2028}b\u{7F}", "a?b?"), ("版本 é", "版本 é"),
  ])
  func `control characters are replaced`(text: String, expected: String) {
    #expect(Style.plain.printable(text) == expected)
  }

  @Test func `other characters are replaced where only ASCII is supported`() {
    let style = Style(columns: 80, hasColor: false, isUnicode: false)
    #expect(style.printable("caf\u{E9} e\u{301} 版 a") == "caf? ? ? a")
  }

  @Test func `JSON escapes unprintable characters`() {
    #expect(printableJSON(#"{"a":"版\n"}"#) == #"{"a":"版\n"}"#)
    #expect(
      printableJSON("{\"a\":\"\u{202E}\u{9B}\u{7F}\u{E0001}\"}")
        == #"{"a":"\u202e\u009b\u007f\udb40\udc01"}"#)
  }

  @Test(arguments: ["##[error]x", "a ##vso[task.setvariable]b", "::error::x", "####[a]", "版##[b"])
  func `JSON gives no commands to the log of a workflow`(text: String) throws {
    let document = String(decoding: try JSONEncoder().encode(["a": text]), as: UTF8.self)
    let shown = printableJSON(document)
    #expect(!shown.contains("##") && !shown.contains("::"))
    #expect(try JSONDecoder().decode([String: String].self, from: Data(shown.utf8)) == ["a": text])
  }
}

@Suite struct TableTests {
  private let table: Table = {
    var table = Table(columns: [
      .init(title: "ID"), .init(title: "SIZE", isNumber: true, expendable: 2),
      .init(title: "WHY", expendable: 1),
    ])
    table.rows = [
      [.init(text: "版本"), .init(text: "12"), .init(text: "")],
      [
        .init(text: "abc"), .init(text: "7"),
        .init(text: "it loses messages under load and nobody knows how many of them or why"),
      ],
    ]
    return table
  }()

  private func text(_ columns: Int?) -> String {
    table.rendered(Style(columns: columns, hasColor: false, isUnicode: true))
  }

  @Test func `a table for a pipe is not cut`() {
    #expect(
      text(nil) == """
        ID    SIZE  WHY
        版本    12
        abc      7  it loses messages under load and nobody knows how many of them or why

        """)
  }

  @Test func `prose continues beside its row`() {
    #expect(
      text(50)
        == """
        ID    SIZE  WHY
        版本    12
        abc      7  it loses messages under load and
                    nobody knows how many of them or why

        """)
  }

  @Test func `the least important column is dropped first`() {
    #expect(text(26).hasPrefix("ID    WHY\n版本\nabc   it loses messages\n      under load and\n"))
    #expect(text(26).hasSuffix("      nobody knows how ma…\n"))
  }

  @Test func `prose goes below its row in a narrow terminal`() {
    #expect(
      text(24)
        == "ID\n版本\nabc\n    it loses messages\n    under load and\n    nobody knows how ma…\n")
  }

  @Test(arguments: 20...100)
  func `no line is wider than the terminal`(columns: Int) {
    var table = table
    table.rows.append([
      .init(verbatim: String(repeating: "一", count: 33)), .init(text: "1"),
      .init(verbatim: String(repeating: "e\u{301}", count: 300)),
    ])
    let style = Style(columns: columns, hasColor: false, isUnicode: true)
    for line in table.rendered(style).split(separator: "\n") {
      #expect(line.displayWidth <= columns, "\(line)")
    }
  }
}
