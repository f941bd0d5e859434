import Testing

@testable import Linux

@Suite struct TimeLimitTests {
  @Test func whatComesInTimeIsReturned() throws {
    #expect(try TimeLimit.run(30) { 7 } == 7)
  }

  @Test func whatNeverComesIsGivenUp() throws {
    let never = try Pipe()
    let reading = try Descriptor.duplicate(never.reading.raw)
    let start = Clock.monotonicSeconds()
    let blocked = Blocked(reading)
    #expect(try TimeLimit.run(0.2) { blocked.read() } == nil)
    #expect(Clock.monotonicSeconds() - start < 30)
    // Lets the thread go.
    try never.writing.write([1])
  }
}

private final class Blocked: Sendable {
  private let descriptor: Descriptor

  init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }

  func read() -> Int {
    var byte: [UInt8] = [0]
    return (try? descriptor.read(into: &byte)) ?? -1
  }
}
