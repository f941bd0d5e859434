import Testing

@testable import Operations

@Suite struct ConnectionWaitTests {
  @Test(
    arguments: [
      ([0], true), ([1], false), ([nil], false), ([], false), ([nil, 0], true), ([0, nil], true),
      ([0, 2], false), ([nil, nil], false), ([nil, 3], false),
    ] as [([Int?], Bool)])
  func `an instance is idle if it listens somewhere and has no connection anywhere`(
    counts: [Int?], isIdle: Bool
  ) {
    #expect(ConnectionWait.isIdle(counts) == isIdle)
  }
}
