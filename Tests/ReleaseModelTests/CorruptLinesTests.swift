import Testing

@testable import ReleaseModel

@Suite struct CorruptLinesTests {
  private static func position(_ line: Int) -> HistoryPosition {
    HistoryPosition(file: "history.jsonl", line: line)
  }

  @Test func `all lines are counted, and a limited number of positions is kept`() {
    var lines = CorruptLines()
    for line in 1...CorruptLines.limit + 5 { lines.append(Self.position(line)) }
    #expect(lines.count == CorruptLines.limit + 5)
    #expect(lines.positions == (1...CorruptLines.limit).map(Self.position))
    #expect(lines.oldest == Self.position(1))
  }

  @Test func `lines that were found from the end are reversed`() {
    var found = CorruptLines()
    for line in (1...CorruptLines.limit + 5).reversed() { found.append(Self.position(line)) }
    let lines = found.reversed()
    #expect(lines.count == CorruptLines.limit + 5)
    #expect(lines.oldest == Self.position(1))
    #expect(lines.positions == (6...CorruptLines.limit + 5).map(Self.position))
  }
}
