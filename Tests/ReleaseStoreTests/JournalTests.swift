import ModelTestSupport
import ReleaseModel
import Testing

@testable import ReleaseStore

@Suite struct JournalTests {
  private static let blank = [UInt8](repeating: 0, count: JournalSlots.slotSize)

  private static func slot(_ sequence: UInt64, reason: String? = nil) throws -> [UInt8] {
    try JournalSlots.slot(.sample(sequence: sequence, reason: reason))
  }

  @Test func `a slot is one line of text`() throws {
    let slot = try Self.slot(7, reason: "two\nlines")
    #expect(slot.count == JournalSlots.slotSize)
    #expect(slot.last == UInt8(ascii: "\n"))
    #expect(slot.count { $0 == UInt8(ascii: "\n") } == 1)
    #expect(slot.first == UInt8(ascii: "{"))
  }

  @Test(
    arguments: [
      ("first newer", 9, 8, 0), ("second newer", 8, 9, 1), ("only the first", 3, nil, 0),
      ("only the second", nil, 3, 1), ("ten is more than nine", 10, 9, 0),
      ("the largest", 1 << 62, 1, 0),
    ] as [(String, UInt64?, UInt64?, Int)])
  func `the slot with the highest sequence is the last entry`(
    name: String, first: UInt64?, second: UInt64?, slot: Int
  )
    throws
  {
    let slots = try [first, second].map { sequence in
      guard let sequence else { return Self.blank }
      return try Self.slot(sequence)
    }
    let expected = JournalEntry.sample(sequence: try #require([first, second][slot]))
    #expect(JournalSlots.parse(slots[0] + slots[1]) == .entry(expected, slot: slot))
  }

  @Test(arguments: [0, 1, 4096, 8191, 8192, 20_000], [0, 0x20, 0x0A, 0x7B] as [UInt8])
  func `empty slots are invalid`(count: Int, byte: UInt8) {
    #expect(JournalSlots.parse([UInt8](repeating: byte, count: count)) == .invalid)
  }

  @Test func `two torn slots are invalid`() throws {
    var slots = try Self.slot(7) + Self.slot(8)
    slots[0] ^= 1
    slots[JournalSlots.slotSize + 20] ^= 1
    #expect(JournalSlots.parse(slots) == .invalid)
  }

  @Test func `a truncated file keeps its first slot`() throws {
    let first = try Self.slot(7)
    let file = try first + Self.slot(8)
    #expect(JournalSlots.parse(first) == .entry(.sample(sequence: 7), slot: 0))
    #expect(JournalSlots.parse(file.dropLast()) == .entry(.sample(sequence: 7), slot: 0))
    #expect(JournalSlots.parse(first.dropLast()) == .invalid)
  }

  /// Entry 8 is being written over entry 6, whose line was longer or shorter; the write stops
  /// after any number of bytes.
  @Test(
    arguments: [(nil, "longer than before"), ("longer than after", nil)] as [(String?, String?)])
  func `a torn slot leaves the other one valid`(before: String?, after: String?) throws {
    let old = try Self.slot(6, reason: before)
    let kept = try Self.slot(7)
    let new = try Self.slot(8, reason: after)
    let length = try SealedLine.seal(JournalEntry.sample(sequence: 8, reason: after)).count
    let entry = JournalEntry.sample(sequence: 8, reason: after)
    for count in 0...JournalSlots.slotSize {
      let torn = Array(new[..<count] + old[count...])
      // A write that lacks only padding is complete.
      let isWhole = count >= length && torn == new
      let slot = count % 2
      let file = slot == 0 ? torn + kept : kept + torn
      let expected: JournalSlots.Content =
        isWhole
        ? .entry(entry, slot: slot) : .entry(.sample(sequence: 7), slot: 1 - slot)
      #expect(JournalSlots.parse(file) == expected, "\(count) bytes written")
    }
  }

  @Test(arguments: [0, 1]) func `a newer format is reported`(slot: Int) throws {
    struct Unknown: Encodable { let format: Int, surprise: String }
    var newer = JournalEntry.sample(sequence: 1)
    newer.format = 3
    let known = try Self.slot(9)
    let line = try SealedLine.seal(Unknown(format: 4, surprise: "x"))
    let other = line + [UInt8](repeating: 0x20, count: JournalSlots.slotSize - line.count)
    for (bytes, format) in [(try JournalSlots.slot(newer), 3), (other, 4)] {
      let file = slot == 0 ? bytes + known : known + bytes
      #expect(JournalSlots.parse(file) == .newer(format: format))
    }
  }
}
