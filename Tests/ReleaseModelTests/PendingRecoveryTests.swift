import ModelTestSupport
import Testing
import Text

@testable import ReleaseModel

/// The facts of a store as recovery will leave them.
@Suite struct PendingRecoveryTests {
  private let before = LinkPair.releases("2", "1")
  private let after = LinkPair.releases("3", "2")
  private let entries = [
    CatalogEntry.sample("1", sequence: 1, activation: 11),
    CatalogEntry.sample("2", sequence: 2, activation: 12),
    CatalogEntry.sample("3", sequence: 3),
  ]

  private func pending(
    _ operation: JournalEntry.Operation, from: ReleaseID = "2", id: ReleaseID = "3",
    after: LinkPair, confirm: Bool?, isIntact: Bool = true
  ) -> PendingRecovery {
    var entry = JournalEntry.sample(
      operation, .intent, from: from, before: before, after: after, confirm: confirm)
    entry.id = id
    var facts = RecoveryFacts(links: after)
    facts.releaseExists = true
    facts.releaseIsIntact = isIntact
    return PendingRecovery(entry, recoverySteps(entry, facts))
  }

  @Test func `an unconfirmed switch is undone and its release is bad`() {
    let pending = pending(.activate, after: after, confirm: true)
    #expect(pending.summary == "undo it, restoring 2")
    let snapshot = pending.applied(
      to: .sample(current: .to("3"), previous: .to("2"), entries))
    #expect(snapshot.live == "2" && snapshot.previous.release == "1")
    #expect(snapshot.catalog["3"]?.state == .bad && snapshot.rollbackTarget == "1")
  }

  @Test func `a switch that needs no confirmation is finished`() {
    let pending = pending(.activate, after: after, confirm: nil)
    #expect(pending.summary == "finish it: 3 is live")
    // Only previous was moved.
    let snapshot = pending.applied(
      to: .sample(current: .to("2"), previous: .to("2"), entries))
    #expect(snapshot.live == "3" && snapshot.rollbackTarget == "2")
    #expect(snapshot.catalog["3"]?.activation != nil)
  }

  @Test func `a rollback that is finished marks the release that it leaves`() {
    let pending = pending(
      .rollback, id: "1", after: LinkPair(current: "releases/1", previous: nil), confirm: nil)
    let snapshot = pending.applied(
      to: .sample(current: .to("2"), previous: .missing, entries))
    #expect(snapshot.live == "1" && snapshot.previous.state == .missing)
    #expect(snapshot.catalog["2"]?.state == .bad && snapshot.rollbackTarget == nil)
  }
}
