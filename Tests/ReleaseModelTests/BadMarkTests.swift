import ModelTestSupport
import ReleaseModel
import Testing
import Text

@Suite struct BadMarkTests {
  private let both = [false, true]

  @Test func `a release that was never live and good is always marked`() {
    for isInterrupted in both {
      for restoredFails in both {
        #expect(
          BadMark.decide(
            wasGood: false, isInterrupted: isInterrupted, restoredFails: restoredFails) == .mark)
      }
    }
  }

  @Test func `a good release that fails alone is marked`() {
    #expect(BadMark.decide(wasGood: true, isInterrupted: false, restoredFails: false) == .mark)
  }

  @Test func `a good release is not marked for an outage or an interruption`() {
    for isInterrupted in both {
      #expect(
        BadMark.decide(wasGood: true, isInterrupted: isInterrupted, restoredFails: true)
          == .keep("it was good before, and what was live before the switch fails too"))
    }
    #expect(
      BadMark.decide(wasGood: true, isInterrupted: true, restoredFails: false)
        == .keep("it was good before, and its switch was interrupted"))
  }

  @Test func `recovery of an interrupted switch does not mark a release that was good before`() {
    let (before, after) = (LinkPair.releases("1", "2"), LinkPair.releases("2", "1"))
    let entry = JournalEntry.sample(
      .rollback, .intent, from: "1", before: before, after: after, confirm: true)
    var facts = RecoveryFacts(links: after)
    facts.releaseExists = true
    facts.wasGood = true
    #expect(
      recoverySteps(entry, facts) == [
        .sweepControlFiles, .pointLinks(before), .runActivateHook("1", previous: "2"),
        .complete(.undone, note: "2 was not confirmed; 1 stays live"),
      ])
  }
}
