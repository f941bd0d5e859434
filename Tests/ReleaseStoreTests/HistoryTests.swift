import Foundation
import ModelTestSupport
import ReleaseModel
import StoreTestSupport
import Testing

@testable import ReleaseStore

@Suite struct HistoryTests {
  private static func line(_ sequence: UInt64) throws -> [UInt8] {
    try SealedLine.seal(JournalEntry.sample(sequence: sequence)) + [UInt8(ascii: "\n")]
  }

  private static func history(_ content: [UInt8]) throws -> History {
    let scratch = try ScratchStore()
    try scratch.write(".releases/history.jsonl", content)
    return try scratch.store.history.read()
  }

  @Test func `entries are read in order`() throws {
    let history = try Self.history(Self.line(1) + Self.line(2) + Self.line(5))
    #expect(history.entries.map(\.sequence) == [1, 2, 5])
    #expect(history.corrupt.count == 0)
  }

  @Test func `an empty or missing file is an empty history`() throws {
    for history in [try Self.history([]), try ScratchStore().store.history.read()] {
      #expect(history.entries.isEmpty)
      #expect(history.corrupt.count == 0)
    }
  }

  @Test(
    arguments: [
      ("in the middle", 1, "garbage\n", [2]), ("first", 0, "garbage\n", [1]),
      ("last", 3, "{}\n", [4]), ("two at once", 2, "x\ny\n", [3, 4]),
      ("invalid UTF-8", 1, "\u{FFFD}\n", [2]), ("after empty lines", 1, "\n\ngarbage\n", [4]),
      ("empty lines are valid", 1, "\n\n", []),
    ] as [(String, Int, String, [Int])])
  func `a corrupt line does not affect the others`(
    name: String, position: Int, damage: String, lines: [Int]
  ) throws {
    var pieces = try [Self.line(1), Self.line(2), Self.line(3)]
    pieces.insert(Array(damage.utf8), at: position)
    let history = try Self.history(Array(pieces.joined()))
    #expect(history.entries.map(\.sequence) == [1, 2, 3])
    #expect(history.corrupt.positions.map(\.line) == lines)
    #expect(history.corrupt.positions.allSatisfy { $0.file == "history.jsonl" })
  }

  @Test func `a torn last line does not affect the others`() throws {
    let whole = try Self.line(1) + Self.line(2)
    let torn = try Self.line(3).dropLast(2)
    for count in 1...torn.count {
      let history = try Self.history(whole + torn.prefix(count))
      #expect(history.entries.map(\.sequence) == [1, 2], "\(count) bytes")
      #expect(history.corrupt.positions.map(\.line) == [3], "\(count) bytes")
    }
  }
}

/// The end of the history file.
@Suite struct HistoryEndTests {
  private static let line = (try? SealedLine.seal(JournalEntry.sample(sequence: 7))) ?? []
  private static let whole = line + [UInt8(ascii: "\n")]

  struct Row: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let content: [UInt8]
    /// The number of bytes that remain after the repair.
    let whole: Int
    let sequence: UInt64?
    var isTorn: Bool { whole < content.count }

    init(_ name: String, _ content: [UInt8], _ whole: Int, _ sequence: UInt64? = 7) {
      (testDescription, self.content, self.whole, self.sequence) = (name, content, whole, sequence)
    }
  }

  private static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

  static let rows = [
    Row("empty", [], 0, nil), Row("one line", whole, whole.count),
    Row("torn", whole + line.dropLast(), whole.count),
    Row("only a torn line", Array(line.dropLast()), 0, nil),
    Row("only the newline is missing", whole + line, whole.count),
    Row("a corrupt last line", whole + [0x78, 0x0A], whole.count + 2, nil),
    Row("zeros at the end", whole + zeros(4000), whole.count),
    Row("more zeros than a line", whole + zeros(30_000), whole.count),
    Row("nothing but zeros", zeros(30_000), 0, nil),
    Row("zeros in place of a line's beginning", whole + zeros(400) + whole, whole.count),
    Row("many zeros in place of one", whole + zeros(30_000) + whole, whole.count),
    Row("two such lines", whole + zeros(9) + whole + zeros(9) + whole, whole.count),
  ]

  @Test(arguments: rows) func `a torn last line is found and cut off`(row: Row) throws {
    let scratch = try ScratchStore()
    try scratch.write(".releases/history.jsonl", row.content)
    #expect(try scratch.store.history.end().isTorn == row.isTorn)
    try scratch.store.history.cutTornLine()
    #expect(try scratch.read(".releases/history.jsonl") == Array(row.content.prefix(row.whole)))
    #expect(try scratch.store.history.end().isTorn == false)
    #expect(try scratch.store.history.end().sequence == row.sequence)
    try scratch.store.history.append(.sample(sequence: 8))
    #expect(try scratch.store.history.end().sequence == 8)
  }
}
