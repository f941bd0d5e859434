import ModelTestSupport
import Testing

@testable import ReleaseModel

@Suite struct SwitchPlanTests {
  private static func snapshot(
    current: ReleaseLink = .to("3"), previous: ReleaseLink = .to("2"), bad: Set<ReleaseID> = []
  ) -> Snapshot {
    let ids: [ReleaseID] = ["1", "2", "3", "4"]
    return .sample(
      current: current, previous: previous,
      ids.enumerated().map { index, id in
        .sample(
          id, sequence: UInt64(index + 1), bad.contains(id) ? .bad : .ready,
          activation: id == "4" ? nil : UInt64(index + 11))
      })
  }

  @Test(
    arguments: [
      ("a new one", .activate, snapshot(), "4", .releases("4", "3")),
      ("the rollback target", .activate, snapshot(), "2", .releases("2", "3")),
      ("a rollback", .rollback, snapshot(), "2", .releases("2", "1")),
      ("a rollback to an older release", .rollback, snapshot(), "1", .releases("1", "2")),
      (
        "a rollback to a release that was never live", .rollback, snapshot(), "4",
        .releases("4", "2")
      ),
      ("from a bad release", .activate, snapshot(bad: ["3"]), "4", .releases("4", "2")),
      (
        "from a bad release, the others are bad too", .activate, snapshot(bad: ["1", "2", "3"]),
        "4",
        .releases("4", nil)
      ),
      (
        "a rollback, then nothing to roll back to", .rollback, snapshot(bad: ["1"]), "2",
        .releases("2", nil)
      ),
      (
        "the first", .activate, snapshot(current: .missing, previous: .missing), "4",
        .releases("4", "3")
      ),
      ("the live one", .activate, snapshot(), "3", .releases("3", "2")),
      (
        "the live release, whose rollback target is bad", .activate, snapshot(bad: ["2"]), "3",
        .releases("3", "1")
      ),
      (
        "the live release, which both links point to", .activate, snapshot(previous: .to("3")), "3",
        .releases("3", "2")
      ),
      (
        "from a dangling link", .activate, snapshot(current: .dangling("9")), "4",
        .releases("4", "3")
      ),
    ] as [(String, SwitchPlan.Kind, Snapshot, ReleaseID, LinkPair)])
  func `a switch sets both links`(
    name: String, kind: SwitchPlan.Kind, snapshot: Snapshot, target: ReleaseID, after: LinkPair
  ) {
    let plan = SwitchPlan.make(kind, to: target, snapshot)
    #expect(plan.after == after)
    #expect(plan.before == snapshot.links)
    #expect(plan.from == snapshot.live)
    #expect(plan.to == target)
    #expect(plan.rollbackTarget.map { Layout.linkText($0) } == after.previous)
    #expect(plan.rollbackTarget != target, "the rollback target is another release")
    #expect(plan.isUnchanged == (snapshot.links == after))
  }

  @Test func `a link with the right target keeps its text`() {
    let absolute = "/srv/store/releases/3"
    let snapshot = Self.snapshot(current: .to("3", absolute), previous: .to("2", "./releases/2/"))
    let plan = SwitchPlan.make(.activate, to: "3", snapshot)
    #expect(plan.isUnchanged)
    #expect(plan.after == LinkPair(current: absolute, previous: "./releases/2/"))
    let next = SwitchPlan.make(.activate, to: "4", snapshot)
    #expect(next.after == .releases("4", "3"))
  }

  @Test func `a link that points through another becomes direct`() {
    let chained = ReleaseLink.to("3", "previous", isDirect: false)
    let plan = SwitchPlan.make(.activate, to: "3", Self.snapshot(current: chained))
    #expect(!plan.isUnchanged)
    #expect(plan.after == .releases("3", "2"))
  }
}
