import ModelTestSupport
import Testing
import Text

@testable import ReleaseModel

private let before = LinkPair.releases("1", nil)
private let after = LinkPair.releases("2", "1")

@Suite struct RecoveryAfterDoneTests {
  @Test func `an abandoned preparation has failed`() {
    let facts = RecoveryFacts.sample(
      links: after, abandonedStages: ["a"], interruptedPreparations: ["3"], lastHistorySequence: 7)
    #expect(
      recoverySteps(.sample(outcome: .done), facts) == [
        .sweepControlFiles, .failPreparation("3", reason: "its preparation was interrupted"),
        .discardStage("a"),
      ], "the catalog comes first, since the stage shows which preparation was interrupted")
  }

  @Test(
    arguments: [
      ("in the history", 7, []), ("newer than the journal", 8, []),
      ("not in the history", 6, [.appendHistory]), ("without a history", nil, [.appendHistory]),
    ] as [(String, UInt64?, [RecoveryStep])])
  func `the last entry is appended to a history that lacks it`(
    name: String, last: UInt64?, steps: [RecoveryStep]
  ) {
    let facts = RecoveryFacts.sample(links: after, lastHistorySequence: last)
    #expect(recoverySteps(.sample(outcome: .done), facts) == steps)
  }

  @Test(arguments: [JournalEntry.Outcome.done, .finished])
  func `a switch that only the journal has is written to the catalog`(outcome: JournalEntry.Outcome)
  {
    let facts = RecoveryFacts.sample(links: after, catalogLacksSwitch: true, lastHistorySequence: 6)
    #expect(
      recoverySteps(.sample(outcome: outcome), facts) == [
        .sweepControlFiles, .applyToCatalog, .appendHistory,
      ], "a temporary file of the dead process is removed first")
  }

  @Test(
    arguments: [
      (.done, after, before), (.finished, after, before), (.failed, before, after),
      (.undone, before, after),
    ] as [(JournalEntry.Outcome, LinkPair, LinkPair)])
  func `links that were moved by hand are accepted`(
    outcome: JournalEntry.Outcome, left: LinkPair, other: LinkPair
  ) {
    let entry = JournalEntry.sample(outcome: outcome)
    var facts = RecoveryFacts.sample(links: left, lastHistorySequence: 7)
    #expect(recoverySteps(entry, facts) == [])
    facts.links = other
    #expect(recoverySteps(entry, facts) == [.acceptDrift(from: left, to: other)])
  }

  @Test func `a correction of previous alone that was interrupted is executed`() {
    let target = LinkPair(current: after.current, previous: "releases/9")
    let entry = JournalEntry.sample(.drift, .intent, before: after, after: target)
    let facts = RecoveryFacts.sample(links: after, lastHistorySequence: 6)
    #expect(recoverySteps(entry, facts).contains(.pointLinks(target)))
    #expect(recoverySteps(entry, facts, .back).contains(.pointLinks(after)))
    let move = JournalEntry.sample(.drift, .intent, before: before, after: after)
    #expect(
      recoverySteps(move, facts).allSatisfy { step in
        if case .pointLinks = step { false } else { true }
      })
  }

  @Test func `previous follows a release that was left by hand`() {
    var facts = RecoveryFacts.sample(links: after, lastHistorySequence: 7)
    facts.releaseLeftByHand = "9"
    #expect(recoverySteps(.sample(outcome: .done), facts) == [.pointPrevious("9")])
  }

  @Test func `the links before a move by hand are those that the last operation left or recorded`()
  {
    let done = JournalEntry.sample(before: before, after: after, outcome: .done)
    let moved = LinkPair(current: "releases/9", previous: after.previous)
    #expect(done.linksBeforeMove(to: after) == nil)
    #expect(done.linksBeforeMove(to: moved) == after)
    #expect(done.linksBeforeMove(to: LinkPair(current: "releases/9", previous: "x")) == nil)
    #expect(
      done.linksBeforeMove(to: LinkPair(current: after.current, previous: "releases/9")) == nil)
    let recorded = JournalEntry.sample(.drift, before: after, after: moved, outcome: .done)
    #expect(recorded.linksBeforeMove(to: moved) == after)
    #expect(recorded.linksBeforeMove(to: after) == moved)
    let intent = JournalEntry.sample(.drift, .intent, before: after, after: moved)
    #expect(intent.linksBeforeMove(to: moved) == nil)
  }

  @Test func `a half-written file that came back after a power failure is removed`() {
    var facts = RecoveryFacts.sample(links: after, lastHistorySequence: 7)
    facts.hasHalfWrittenFiles = true
    #expect(recoverySteps(.sample(outcome: .done), facts) == [.sweepControlFiles])
  }

  @Test func `leftovers of a dead process are removed`() {
    let facts = RecoveryFacts.sample(
      links: after, temporaryLinks: [".current.00000000", ".previous.00000000"],
      abandonedStages: ["a", "b"], lastHistorySequence: 7, historyIsTorn: true)
    #expect(
      recoverySteps(.sample(outcome: .done), facts) == [
        .cutTornHistory, .removeTemporaryLink(".current.00000000"),
        .removeTemporaryLink(".previous.00000000"), .discardStage("a"), .discardStage("b"),
      ])
  }
}
