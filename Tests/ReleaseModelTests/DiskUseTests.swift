import Foundation
import ModelTestSupport
import Testing

@testable import ReleaseModel

/// The disk use according to the records of sharing in the catalog.
@Suite struct DiskUseTests {
  private func id(_ text: String) throws -> ReleaseID { try #require(ReleaseID(text)) }

  private func use(_ releases: [(String, Int64, [String: Int64])]) throws -> DiskUse {
    DiskUse(try releases.map { (try id($0.0), $0.1, $0.2) })
  }

  @Test func `the sizes of a chain of shared files are attributed oldest first`() throws {
    var chain = try use([("1", 100, [:]), ("2", 110, ["1": 90]), ("3", 105, ["2": 100, "1": 3])])
    #expect(chain.hasSharing)
    #expect(try chain.own(id("1")) == 10)
    #expect(try chain.own(id("2")) == 10)
    #expect(try chain.own(id("3")) == 2)
    #expect(try chain.remove(id("1")) == 10)
    #expect(try chain.shared(id("2")) == 100)
    #expect(try chain.remove(id("2")) == 10)
    #expect(try chain.own(id("3")) == 105)
    #expect(!chain.hasSharing)
    #expect(try chain.remove(id("3")) == 105)
    #expect(try chain.own(id("3")) == 0)
  }

  @Test func `several releases may share the same files`() throws {
    let use = try use([("1", 100, [:]), ("2", 100, ["1": 90]), ("3", 100, ["1": 80])])
    #expect(try use.own(id("1")) == 10)
  }

  @Test func `impossible records of sharing do no harm`() throws {
    let use = try use([("1", 100, ["2": 900, "": 5, "../x": 5]), ("2", 7, [:])])
    #expect(try use.own(id("1")) == 0)
    #expect(try use.own(id("2")) == 0)
    #expect(try use.own(id("3")) == 0)
  }

  @Test func `only files that no other release shares free space`() throws {
    let now = Date(timeIntervalSince1970: 1_000_000)
    let candidates = try (1...6).map { number in
      RetentionCandidate(
        id: try id("\(number)"), sequence: UInt64(number), state: .ready, created: now,
        isLive: number == 6, bytes: 100, shared: number == 1 ? [:] : ["\(number - 1)": 90])
    }
    func removed(needing bytes: Int64) -> [RetentionDecision] {
      retentionPlan(
        candidates, RetentionPolicy(count: 2, age: 86_400),
        RetentionSpace(freeBytes: 0, neededBytes: bytes), now: now
      ).filter { $0.action == .remove }
    }
    // One removal would be enough if each freed its full size.
    #expect(removed(needing: 25).map(\.id.text) == ["3", "2", "1"])
    #expect(removed(needing: 25).map(\.bytes) == [10, 10, 10])
    #expect(removed(needing: 10).map(\.id.text) == ["1"])
  }
}
