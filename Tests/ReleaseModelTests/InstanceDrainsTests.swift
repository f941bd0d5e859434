import FoundationEssentials
import ModelTestSupport
import Testing

@testable import ReleaseModel

/// Which process lets an instance drain, and whether a unit that runs is that instance.
@Suite struct InstanceDrainsTests {
  private let drain = InstanceDrains.Drain("1", by: .sample, since: 5_000_000)

  @Test func `only the process itself waits for its drains`() {
    let other = Actor(
      now: Actor.sample.now, bootID: Actor.sample.bootID, pid: Actor.sample.pid,
      processStart: Actor.sample.processStart + 1, user: "u", commandLine: "c")
    #expect(drain.isBy(.sample) && !drain.isBy(other))
  }

  /// The clock of the host may be set meanwhile. Both times are of the clock that can't be.
  @Test(arguments: [(0, true), (4_999_999, true), (5_000_000, true), (5_000_001, false)])
  func `a unit that was started after the drain began is another instance`(
    start: UInt64, isOld: Bool
  ) {
    #expect(drain.isOfUnit(startedAt: start) == isOld)
  }

  @Test func `an entry that does not say when the drain began is read`() throws {
    var text = String(decoding: try JSONEncoder().encode(drain), as: UTF8.self)
    text = text.replacing(",\"since\":5000000", with: "").replacing("\"since\":5000000,", with: "")
    let old = try JSONDecoder().decode(InstanceDrains.Drain.self, from: Data(text.utf8))
    #expect(old.since == nil && old.id == "1" && old.isOfUnit(startedAt: 9_000_000))
  }
}
