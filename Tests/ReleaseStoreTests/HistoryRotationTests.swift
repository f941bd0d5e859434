import Foundation
import Linux
import ModelTestSupport
import ReleaseModel
import StoreTestSupport
import Synchronization
import Testing

@testable import ReleaseStore

@Suite struct HistoryRotationTests {
  private static func rotated(_ sequence: UInt64) -> String {
    ".releases/\(Layout.rotatedHistory(upTo: sequence))"
  }

  /// Returns a store whose history was rotated after these sequences.
  private static func store(
    _ sequences: ClosedRange<UInt64>, rotatedAfter ends: Set<UInt64>
  ) throws -> ScratchStore {
    let scratch = try ScratchStore()
    for sequence in sequences {
      try scratch.store.history.append(
        .sample(sequence % 3 == 0 ? .publish : .activate, sequence: sequence, outcome: .done))
      if ends.contains(sequence) { try scratch.store.history.rotateIfLarge(from: 1) }
    }
    return scratch
  }

  @Test func `a large history is rotated, and its last line stays`() throws {
    let scratch = try Self.store(1...10, rotatedAfter: [10])
    let old = try scratch.read(Self.rotated(10)).split(separator: UInt8(ascii: "\n"))
    #expect(old.count == 10)
    #expect(try scratch.read(".releases/history.jsonl") == old[9] + [UInt8(ascii: "\n")])
    #expect(try scratch.store.history.end().sequence == 10)
    try scratch.store.history.append(.sample(sequence: 11))
    #expect(try scratch.store.history.end().sequence == 11)
  }

  @Test func `a small history is not rotated`() throws {
    let scratch = try Self.store(1...10, rotatedAfter: [])
    try scratch.store.history.rotateIfLarge()
    #expect(try scratch.store.control.statusIfPresent(of: "history.json") == nil)
    #expect(try scratch.read(".releases/history.jsonl").count { $0 == UInt8(ascii: "\n") } == 10)
  }

  @Test(arguments: [[], [9], [1], [3, 4, 7], [2, 2, 9]] as [[UInt64]])
  func `every reader sees each line of every file once`(_ ends: [UInt64]) throws {
    let scratch = try Self.store(1...9, rotatedAfter: Set(ends))
    let history = scratch.store.history
    #expect(try history.read().entries.map(\.sequence) == Array(1...9))
    #expect(try history.read().corrupt.count == 0)
    for limit in 1...10 {
      let newest = try history.newest(limit).entries.map(\.sequence)
      #expect(newest == Array((1...9).suffix(limit)), "\(limit)")
    }
    #expect(try history.entries(about: ["2"]).entries.map(\.sequence) == Array(1...9))
    #expect(try history.entries(about: ["3"]).entries.isEmpty)
    let tally = try history.tally()
    #expect(tally.entries == 9)
    #expect(tally.outcomes == ["publish": ["done": 3], "activate": ["done": 6]])
    #expect(tally.last.mapValues(\.sequence) == ["publish": 9, "activate": 8])
  }

  @Test func `the tally of the rotated files is optional`() throws {
    let scratch = try Self.store(1...9, rotatedAfter: [3, 6])
    let tally = try scratch.store.history.tally()
    let file = try scratch.read(".releases/history.json")
    try scratch.store.control.unlink("history.json")
    #expect(try scratch.store.history.tally() == tally)
    try scratch.write(".releases/history.json", Array(file.dropLast(20)))
    #expect(try scratch.store.history.tally() == tally)
  }

  @Test func `the next change writes the tally again after it was removed or is old`() throws {
    let scratch = try Self.store(1...9, rotatedAfter: [3])
    let old = try scratch.read(".releases/history.json")
    try scratch.store.history.rotateIfLarge(from: 1)
    let whole = try scratch.read(".releases/history.json")
    #expect(old != whole)
    try scratch.store.history.append(.sample(sequence: 10))
    for damage in [nil, old, []] {
      try scratch.store.control.unlink("history.json")
      if let damage { try scratch.write(".releases/history.json", damage) }
      try scratch.write(".releases/.history.jsonl.0123abcd", [0])
      try scratch.store.history.rotateIfLarge()
      #expect(try scratch.read(".releases/history.json") == whole)
      #expect(try !scratch.store.control.entries().contains { $0.name.hasPrefix(".") })
      #expect(try scratch.store.history.tally().entries == 10)
    }
  }

  @Test func `the documents of the entries are those that would be encoded`() throws {
    let scratch = try Self.store(1...9, rotatedAfter: [4])
    var odd = JournalEntry.sample(sequence: 10, outcome: .undone)
    odd.note = "\u{7F}é\"\\/,\"outcome\":\"x\""
    try scratch.store.history.append(odd)
    var documents: [[UInt8]] = []
    let corrupt = try scratch.store.history.visitDocuments {
      documents.append($0)
      return true
    }
    #expect(corrupt.count == 0)
    let entries = try scratch.store.history.read().entries.reversed()
    #expect(try documents == entries.map { Array(try StoreJSON.encoder().encode($0)) })
    #expect(documents.count == 10)
  }

  @Test func `an entry of an unknown kind is corrupt for every reader`() throws {
    struct Unknown: Encodable { let operation, outcome: String }
    for unknown in [
      Unknown(operation: "x", outcome: "done"), Unknown(operation: "pin", outcome: "x"),
    ] {
      let scratch = try Self.store(1...2, rotatedAfter: [])
      let lines = try scratch.read(".releases/history.jsonl")
      try scratch.store.control.unlink("history.jsonl")
      try scratch.write(
        ".releases/history.jsonl", lines + SealedLine.seal(unknown) + [UInt8(ascii: "\n")])
      let position = [HistoryPosition(file: "history.jsonl", line: 3)]
      #expect(try scratch.store.history.read().corrupt.positions == position)
      #expect(try scratch.store.history.visitDocuments { _ in true }.positions == position)
    }
  }

  @Test func `the entries of an attempt are found in every file`() throws {
    let scratch = try ScratchStore()
    for sequence in UInt64(1)...6 {
      var entry = JournalEntry.sample(sequence: sequence)
      entry.processStart = sequence / 2
      try scratch.store.history.append(entry)
      if sequence == 4 { try scratch.store.history.rotateIfLarge(from: 1) }
    }
    var actor = Actor.sample
    actor.processStart = 2
    let attempt = Attempt(try #require(AttemptToken("a")), ref: nil, actor)
    #expect(try scratch.store.history.entries(begunBy: attempt).map(\.sequence) == [4, 5])
  }

  @Test func `the tally still counts a rotated file that was removed`() throws {
    let scratch = try Self.store(1...9, rotatedAfter: [3, 6])
    let tally = try scratch.store.history.tally()
    try scratch.store.control.unlink(Layout.rotatedHistory(upTo: 3))
    #expect(try scratch.store.history.tally() == tally)
    // The next file begins with the last line of the one that was removed.
    #expect(try scratch.store.history.read().entries.map(\.sequence) == Array(3...9))
  }

  @Test func `corrupt lines of rotated files are found and counted`() throws {
    let scratch = try Self.store(1...3, rotatedAfter: [])
    let whole = try scratch.read(".releases/history.jsonl")
    try scratch.store.control.unlink("history.jsonl")
    try scratch.write(".releases/history.jsonl", Array("x\n\ny\n".utf8) + whole)
    try scratch.store.history.rotateIfLarge(from: 1)
    let positions = [1, 3].map {
      HistoryPosition(file: Layout.rotatedHistory(upTo: 3), line: $0)
    }
    #expect(try scratch.store.history.read().corrupt.positions == positions)
    #expect(try scratch.store.history.newest(4).corrupt.positions == positions)
    #expect(try scratch.store.history.newest(3).corrupt.count == 0)
    #expect(try scratch.store.history.tally().corruptLines == 2)
    #expect(try scratch.store.history.tally().firstCorrupt == positions[0])
  }

  @Test func `a crash between the two renames loses no line`() throws {
    let scratch = try Self.store(1...4, rotatedAfter: [])
    try scratch.store.control.rename("history.jsonl", to: Layout.rotatedHistory(upTo: 4))
    #expect(try scratch.store.history.read().entries.map(\.sequence) == [1, 2, 3, 4])
    #expect(try scratch.store.history.tally().entries == 4)
    // Recovery appends the last entry of the journal, since no history.jsonl has it.
    #expect(try scratch.store.history.end().sequence == nil)
    try scratch.store.history.append(.sample(sequence: 4, outcome: .done))
    #expect(try scratch.store.history.read().entries.map(\.sequence) == [1, 2, 3, 4])
    #expect(try scratch.store.history.newest(9).entries.map(\.sequence) == [1, 2, 3, 4])
  }

  @Test func `a torn or corrupt last line is not rotated`() throws {
    for damage in ["torn", "corrupt\n"] {
      let scratch = try Self.store(1...4, rotatedAfter: [])
      let whole = try scratch.read(".releases/history.jsonl")
      try scratch.store.control.unlink("history.jsonl")
      try scratch.write(".releases/history.jsonl", whole + Array(damage.utf8))
      try scratch.store.history.rotateIfLarge(from: 1)
      #expect(try scratch.read(".releases/history.jsonl") == whole + Array(damage.utf8))
    }
  }

  @Test func `a rotation leaves no temporary file of an interrupted one`() throws {
    let scratch = try Self.store(1...4, rotatedAfter: [])
    try scratch.write(".releases/.history.jsonl.0123abcd", [0])
    try scratch.write(".releases/.history.json.0123abcd", [0])
    try scratch.store.history.rotateIfLarge(from: 1)
    let hidden = try scratch.store.control.entries().map(\.name).filter { $0.hasPrefix(".") }
    #expect(hidden == [])
  }

  private final class Flag: Sendable {
    let isSet = Atomic(false)
  }

  @Test func `a reader misses no line while the history is rotated`() throws {
    let scratch = try Self.store(1...1, rotatedAfter: [])
    let history = scratch.store.history
    let isDone = Flag()
    let results = Parallel.map(parts: 2) { part in
      Result {
        if part == 0 {
          defer { isDone.isSet.store(true, ordering: .releasing) }
          for sequence in UInt64(2)...300 {
            try history.append(.sample(sequence: sequence))
            if sequence % 2 == 0 { try history.rotateIfLarge(from: 1) }
          }
        }
        while part == 1, !isDone.isSet.load(ordering: .acquiring) {
          let found = try history.read().entries.map(\.sequence)
          #expect(found == Array(1..<UInt64(found.count + 1)))
          let newest = try history.newest(5).entries.map(\.sequence)
          #expect(newest.last.map { newest == Array(($0 - UInt64(newest.count) + 1)...$0) } ?? true)
        }
      }
    }
    for result in results { try result.get() }
  }
}

/// Lines of any length, in blocks that are small enough for every boundary to occur.
@Suite struct LineScanTests {
  @Test func `both directions find the lines of any content`() throws {
    var random = SystemRandomNumberGenerator()
    for round in 0..<400 {
      let alphabet: [UInt8] = [0x0A, 0x61, 0x62]
      let content = (0..<Int.random(in: 0...60, using: &random)).map { _ in
        alphabet[Int.random(in: 0...2, using: &random)]
      }
      var lines = content.split(separator: 0x0A, omittingEmptySubsequences: false)
        .map { Array($0) }
      if lines.last == [] { lines.removeLast() }
      let scratch = try ScratchStore()
      try scratch.write("file", content)
      let file = try scratch.store.root.open("file", [])
      for size in [1, 2, 3, 7, 64] where round % 2 == 0 || size > 2 {
        // A line that does not fit into a block with its newline is too long.
        let expected = lines.map { $0.count < size ? $0 : nil }
        var forward: [[UInt8]?] = []
        try LineScan.forward(file, blockSize: size) { forward.append($0.map { Array($0) }) }
        #expect(forward == expected, "\(content), blocks of \(size)")
        var backward: [[UInt8]?] = []
        _ = try LineScan.backward(file, blockSize: size) { line, _ in
          backward.append(line.map { Array($0) })
          return true
        }
        #expect(backward.reversed() == expected, "\(content), blocks of \(size)")
      }
    }
  }
}
