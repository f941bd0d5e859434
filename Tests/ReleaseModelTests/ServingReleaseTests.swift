import ModelTestSupport
import ReleaseModel
import Testing
import Text

@Suite struct ServingReleaseTests {
  private func facts(
    before: [ReleaseProcess]? = nil, listeners: [ReleaseProcess] = [], mains: [ReleaseProcess] = [],
    named: Bool = false,
    gaps: [String] = []
  ) -> ServingFacts {
    var facts = ServingFacts()
    facts.listenersBefore = before ?? listeners
    facts.listeners = listeners
    facts.mainProcesses = mains.map { .init(unit: "web", process: $0) }
    facts.isNamedByAnswer = named
    facts.gaps = gaps.map { Message($0) }
    return facts
  }

  private let new = ReleaseProcess(pid: 20, releases: ["2"])
  private let old = ReleaseProcess(pid: 10, releases: ["1"])
  private let foreign = ReleaseProcess(pid: 30, releases: [])

  @Test func `a process of the release that listens proves that it serves`() {
    #expect(ServingRelease.decide("2", facts(listeners: [new])) == .same)
    #expect(ServingRelease.decide("2", facts(listeners: [foreign, new])) == .same)
    #expect(ServingRelease.decide("2", facts(mains: [new])) == .same)
  }

  @Test func `a process of another release that listens may get the requests`() {
    let another = ServingRelease.another("1", pid: 10, unit: nil)
    #expect(ServingRelease.decide("2", facts(listeners: [old])) == another)
    #expect(ServingRelease.decide("2", facts(listeners: [new, old])) == another)
    #expect(ServingRelease.decide("2", facts(listeners: [old], mains: [new])) == another)
  }

  @Test func `a process of another release that ended after the request may have answered`() {
    let another = ServingRelease.another("1", pid: 10, unit: nil)
    #expect(ServingRelease.decide("2", facts(before: [old], listeners: [])) == another)
    #expect(ServingRelease.decide("2", facts(before: [old], listeners: [new])) == another)
    #expect(ServingRelease.decide("2", facts(before: [old, new], listeners: [new])) == another)
    #expect(
      ServingRelease.decide("2", facts(before: [old], listeners: [new], named: true)) == .same)
    #expect(facts(before: [old], listeners: [new]).listens(10) == false)
  }

  @Test func `a process that did not listen during the whole request proves nothing`() {
    let later = ReleaseProcess(pid: 21, releases: ["2"])
    for (before, after) in [([], [new]), ([new], []), ([new], [later])] {
      let facts = facts(before: before, listeners: after)
      #expect(facts.needsAnotherRequest(for: "2"))
      #expect(ServingRelease.decide("2", facts) == .unknown([]))
    }
    #expect(!facts(before: [old], listeners: []).needsAnotherRequest(for: "2"))
    #expect(!facts(before: [], listeners: []).needsAnotherRequest(for: "2"))
    #expect(!facts(before: [], listeners: [new], named: true).needsAnotherRequest(for: "2"))
    #expect(!facts(before: [new], listeners: [new, later]).needsAnotherRequest(for: "2"))
    #expect(ServingRelease.decide("2", facts(before: [new], listeners: [new, later])) == .same)
  }

  @Test func `an answer that names the release outweighs who listens`() {
    #expect(ServingRelease.decide("2", facts(listeners: [old], named: true)) == .same)
    #expect(ServingRelease.decide("2", facts(named: true)) == .same)
  }

  @Test func `a unit of another release outweighs an answer`() {
    #expect(
      ServingRelease.decide("2", facts(mains: [new, old], named: true))
        == .another("1", pid: 10, unit: "web"))
  }

  @Test func `a process that runs in two releases belongs to both`() {
    let both = ReleaseProcess(pid: 11, releases: ["1", "2"])
    #expect(ServingRelease.decide("2", facts(listeners: [both])) == .same)
    #expect(ServingRelease.decide("1", facts(listeners: [both])) == .same)
    #expect(
      ServingRelease.decide("3", facts(listeners: [both])) == .another("1", pid: 11, unit: nil))
  }

  @Test func `processes in no release tell nothing`() {
    let unknown = ServingRelease.decide(
      "2", facts(listeners: [foreign], mains: [foreign], gaps: ["a", "b"]))
    #expect(unknown == .unknown(["a", "b"]))
    #expect(unknown.note == "a; b")
    #expect(ServingRelease.same.note == nil)
  }
}
