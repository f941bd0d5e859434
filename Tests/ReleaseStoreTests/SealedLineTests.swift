import Foundation
import ModelTestSupport
import ReleaseModel
import Testing

@testable import ReleaseStore

@Suite struct SealedLineTests {
  private static let texts = [
    "", "plain", "a \"quoted\" \\ / text", "tab\tnewline\nbell\u{7}nul\0", "é e\u{301} 日本 👩‍👩‍👧",
    #"","sha256":"forged"}"#, String(repeating: "x", count: 5000),
  ]

  private static func line() throws -> [UInt8] {
    try SealedLine.seal(JournalEntry.sample(reason: "abc \u{1} é"))
  }

  @Test(arguments: texts) func `a sealed value is decoded`(text: String) throws {
    let entry = JournalEntry.sample(reason: text)
    let line = try SealedLine.seal(entry)
    #expect(!line.contains(UInt8(ascii: "\n")), "a sealed value is one line")
    let opened = try #require(SealedLine.open(JournalEntry.self, line))
    #expect(opened == entry)
    #expect(opened.reason.map { Array($0.utf8) } == Array(text.utf8))
    #expect(SealedLine.format(of: line) == Layout.format)
  }

  @Test func `a change of any single bit is detected`() throws {
    let line = try Self.line()
    for index in line.indices {
      for bit in 0..<8 {
        var altered = line
        altered[index] ^= 1 << UInt8(bit)
        #expect(
          SealedLine.open(JournalEntry.self, altered) == nil, "byte \(index), bit \(bit)")
      }
    }
  }

  @Test func `every truncation is detected`() throws {
    let line = try Self.line()
    for count in 0..<line.count {
      #expect(SealedLine.open(JournalEntry.self, line.prefix(count)) == nil, "\(count) bytes")
      #expect(SealedLine.open(JournalEntry.self, line.suffix(count)) == nil, "last \(count)")
    }
  }

  @Test func `added bytes are noticed`() throws {
    let line = try Self.line()
    #expect(SealedLine.open(JournalEntry.self, line + [UInt8(ascii: " ")]) == nil)
    #expect(SealedLine.open(JournalEntry.self, [UInt8(ascii: " ")] + line) == nil)
    #expect(SealedLine.open(JournalEntry.self, line + line) == nil)
  }

  @Test func `a value of another type is not decoded`() throws {
    let freeze = try SealedLine.seal(Freeze(reason: "r", since: .noon, user: "u"))
    #expect(SealedLine.open(Freeze.self, freeze)?.reason == "r")
    #expect(SealedLine.open(JournalEntry.self, freeze) == nil)
    #expect(SealedLine.format(of: freeze) == nil)
  }
}
