import Testing

@testable import Linux

@Suite struct TimeLimitTests {
  @Test func `a result in time is returned`() throws {
    #expect(try TimeLimit.run(30) { 7 } == 7)
  }

  @Test func `waiting ends at the time limit`() throws {
    let never = try Pipe()
    let reading = try Descriptor.duplicate(never.reading.raw)
    let start = Clock.monotonicSeconds()
    let blocked = Blocked(reading)
    #expect(try TimeLimit.run(0.2) { blocked.read() } == nil)
    #expect(Clock.monotonicSeconds() - start < 30)
    // Ends the thread.
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
