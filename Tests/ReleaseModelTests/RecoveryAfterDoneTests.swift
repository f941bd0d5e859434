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
