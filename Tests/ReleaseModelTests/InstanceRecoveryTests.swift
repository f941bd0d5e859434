import ModelTestSupport
import Testing
import Text

@testable import ReleaseModel

private let before = LinkPair.releases("1", nil)
private let after = LinkPair.releases("2", "1")
private let layout = InstanceLayout(
  templates: ["app@"], socket: "/run/app/{id}.sock", live: "/run/app/live")

/// The recovery of switches between instances. Release 2 was to replace release 1.
@Suite struct InstanceRecoveryTests {
  private func steps(
    links: LinkPair, _ direction: RecoveryDirection = .forward, overlap: Bool = true,
    liveRuns: Bool = true, exists: Bool = true, wasGood: Bool = false, from: ReleaseID? = "1",
    id: ReleaseID = "2", before: LinkPair = before, after: LinkPair = after,
    served: ReleaseID = "1"
  ) -> [RecoveryStep] {
    var entry = Intent(
      operation: .activate, id: id, from: from, before: before, after: after, confirm: true,
      instances: InstanceSwitch(layout: layout, liveRuns: liveRuns, overlap: overlap)
    ).entry(sequence: 6, .sample)
    entry.mayPrepare = false
    var facts = RecoveryFacts.sample(links: links, releaseExists: exists, lastHistorySequence: 5)
    facts.wasGood = wasGood
    facts.instances = InstanceFacts(
      current: links.current?.split(separator: "/").last.flatMap { ReleaseID(String($0)) },
      served: served)
    return Array(recoverySteps(entry, facts, direction).drop { $0 == .sweepControlFiles })
  }

  private static let mark = RecoveryStep.markBad(
    "2", reason: "its switch was interrupted before it was live")
  private static let undone = RecoveryStep.complete(
    .undone, note: "2 was not confirmed; 1 stays live")

  @Test(arguments: [before, LinkPair.releases("1", "1")])
  func `a switch that had not moved current is undone and its candidate stopped`(links: LinkPair) {
    #expect(
      steps(links: links) == [
        .pointLinks(before), .serveInstance("1", starts: true), .stopInstance("2"), Self.mark,
        Self.undone,
      ])
  }

  @Test func `a candidate that was live and good before is not marked`() {
    #expect(!steps(links: before, wasGood: true).contains(Self.mark))
  }

  @Test func `a switch that had moved current is finished, and the old instance drains`() {
    #expect(
      steps(links: after) == [
        .pointLinks(after), .serveInstance("2", starts: true), .restartUnits, .applyToCatalog,
        .drainInstance("1"), .complete(.finished, note: "2 is live"),
      ])
  }

  @Test func `an instance to which clients may be connected is never stopped without a drain`() {
    for links in [before, after, .releases("3", "1")] {
      for exists in [true, false] {
        for served in ["1", "2"] as [ReleaseID] {
          let steps = steps(links: links, exists: exists, served: served)
          #expect(!steps.contains(.stopInstance("1")), "\(links) \(exists) \(served): \(steps)")
          guard served == "2" else { continue }
          #expect(!steps.contains(.stopInstance("2")), "\(links) \(exists): \(steps)")
        }
      }
    }
  }

  @Test func `without overlap, the old instance stops before one made live by hand starts`() {
    let moved = LinkPair.releases("3", "1")
    #expect(
      steps(links: moved, overlap: false) == [
        .pointLinks(LinkPair(current: "releases/3", previous: nil)), .stopRehearsal("2"),
        .stopInstance("2"), .stopInstance("1"), .serveInstance("3", starts: true),
        .complete(.undone, note: "current was moved by hand in the meantime"),
      ])
  }

  @Test func `a switch is undone if the new release has been removed`() {
    #expect(
      steps(links: after, exists: false) == [
        .pointLinks(before), .serveInstance("1", starts: true), .stopInstance("2"), Self.mark,
        Self.undone,
      ])
  }

  @Test(arguments: [before, after])
  func `a change that failed is undone, wherever it had come`(links: LinkPair) {
    #expect(
      steps(links: links, .back) == [
        .pointLinks(before), .serveInstance("1", starts: true), .stopInstance("2"),
        .complete(.failed, note: "everything is as before"),
      ])
  }

  @Test func `without overlap, the candidate is stopped before the old instance starts`() {
    #expect(
      steps(links: before, overlap: false) == [
        .pointLinks(before), .stopRehearsal("2"), .stopInstance("2"),
        .serveInstance("1", starts: true), Self.mark, Self.undone,
      ])
    #expect(
      steps(links: after, overlap: false) == [
        .pointLinks(after), .stopRehearsal("2"), .stopInstance("1"),
        .serveInstance("2", starts: true), .restartUnits, .applyToCatalog,
        .complete(.finished, note: "2 is live"),
      ])
  }

  /// Whatever the facts, two instances never run at the same time without overlap, the link never moves
  /// to an instance that is stopped afterwards, and the transaction ends.
  @Test(arguments: [true, false])
  func `every state has an order that keeps the promises`(overlap: Bool) {
    for links in [before, after, .releases("1", "1"), .releases("3", "1"), .releases(nil, nil)] {
      for direction in [RecoveryDirection.forward, .back] {
        for (exists, liveRuns) in [(true, true), (true, false), (false, true), (false, false)] {
          let steps = steps(
            links: links, direction, overlap: overlap, liveRuns: liveRuns, exists: exists)
          let description = "\(links) \(direction) \(exists) \(liveRuns): \(steps)"
          guard case .complete? = steps.last else {
            Issue.record("does not end: \(description)")
            continue
          }
          let served = steps.firstIndex { if case .serveInstance = $0 { true } else { false } }
          let stopped = steps.firstIndex { $0.ending != nil }
          guard let served, let stopped, let other = steps[stopped].ending,
            case .serveInstance(let one, _) = steps[served]
          else { continue }
          #expect(one != other, "\(description)")
          #expect(overlap == (served < stopped), "\(description)")
        }
      }
    }
  }

  @Test func `an old instance that did not run is not started`() {
    #expect(
      steps(links: before, liveRuns: false) == [
        .pointLinks(before), .stopInstance("2"), Self.mark, Self.undone,
      ])
  }

  @Test func `the first release of a store leaves nothing live`() {
    let none = LinkPair.releases(nil, nil)
    #expect(
      steps(links: none, liveRuns: false, from: nil, before: none, after: .releases("2", nil)) == [
        .pointLinks(none), .stopInstance("2"), Self.mark,
        .complete(.undone, note: "2 was not confirmed; no release is live"),
      ])
  }

  @Test func `a release that replaces itself is not stopped`() {
    let same = LinkPair.releases("1", nil)
    let steps = steps(links: same, id: "1", before: same, after: same)
    #expect(!steps.contains(.stopInstance("1")), "\(steps)")
  }

  @Test func `links that were moved by hand are kept, and the candidate is stopped`() {
    let moved = LinkPair.releases("3", "1")
    #expect(
      steps(links: moved) == [
        .pointLinks(LinkPair(current: "releases/3", previous: nil)), .stopInstance("2"),
        .complete(.undone, note: "current was moved by hand in the meantime"),
      ])
  }

  // MARK: - After a transaction that ended

  private func stepsAfterDone(_ facts: InstanceFacts?) -> [RecoveryStep] {
    var entry = JournalEntry.sample(before: before, after: after, outcome: .done)
    entry.mayPrepare = false
    var known = RecoveryFacts.sample(links: after, lastHistorySequence: 7)
    known.instances = facts
    return recoverySteps(entry, known)
  }

  private func facts(
    _ current: ReleaseID?, served: ReleaseID?, drains: [ReleaseID] = [], starts: Bool = false
  ) -> InstanceFacts {
    var facts = InstanceFacts(current: current, served: served)
    facts.abandonedDrains = drains
    facts.startsLive = starts
    return facts
  }

  @Test func `nothing is done while the link points to the live release`() {
    #expect(stepsAfterDone(nil) == [])
    #expect(stepsAfterDone(facts("2", served: "2")) == [])
    #expect(stepsAfterDone(facts(nil, served: "2")) == [])
  }

  @Test(arguments: [nil, "1"] as [ReleaseID?])
  func `the link is pointed to the live release if it listens`(served: ReleaseID?) {
    #expect(stepsAfterDone(facts("2", served: served)) == [.serveInstance("2", starts: false)])
  }

  @Test func `recover starts the live instance`() {
    #expect(
      stepsAfterDone(facts("2", served: "2", starts: true)) == [.serveInstance("2", starts: true)])
  }

  @Test(arguments: [nil, "1", "2"] as [ReleaseID?])
  func `a service that has no instances any more only loses what they have left`(
    served: ReleaseID?
  ) {
    var known = facts("2", served: served, drains: ["1", "2"], starts: true)
    known.isConfigured = false
    #expect(stepsAfterDone(known) == [.stopInstance("1")])
  }

  @Test func `without overlap, the others stop before the live instance starts`() {
    var known = facts("2", served: "1", drains: ["1"], starts: true)
    known.overlap = false
    #expect(
      stepsAfterDone(known) == [.stopInstance("1"), .serveInstance("2", starts: true)])
  }

  @Test func `a rehearsal that was left over is stopped`() {
    var known = facts("2", served: "2", drains: ["1"])
    known.leftRehearsals = ["2", "3"]
    #expect(
      stepsAfterDone(known) == [.stopInstance("1"), .stopRehearsal("2"), .stopRehearsal("3")])
  }

  @Test func `an abandoned drain is ended, unless its release is live again`() {
    #expect(
      stepsAfterDone(facts("2", served: "2", drains: ["1", "2", "3"])) == [
        .stopInstance("1"), .stopInstance("3"),
      ])
  }
}

extension RecoveryStep {
  /// The release whose instance the step stops, at once or when it has drained.
  fileprivate var ending: ReleaseID? {
    switch self {
    case .stopInstance(let id), .drainInstance(let id): id
    default: nil
    }
  }
}
