import ModelTestSupport
import Testing
import Text

@testable import ReleaseModel

@Suite struct AdoptionPlanTests {
  private static func found(
    _ id: ReleaseID, daysAgo: Double, isEmpty: Bool = false, isCorrupt: Bool = false
  ) -> AdoptionPlan.Candidate {
    AdoptionPlan.Candidate(
      id: id, created: .daysAgo(daysAgo), isEmpty: isEmpty, isCorrupt: isCorrupt)
  }

  private static func plan(
    _ found: [AdoptionPlan.Candidate], current: ReleaseLink = .missing,
    previous: ReleaseLink = .missing, known: [CatalogEntry] = [], history: [JournalEntry] = []
  ) -> AdoptionPlan {
    AdoptionPlan(
      snapshot: .sample(current: current, previous: previous, known, unknown: Set(found.map(\.id))),
      candidates: found, history: History(entries: history))
  }

  private static let three = [
    found("c", daysAgo: 1), found("a", daysAgo: 3), found("b", daysAgo: 2),
  ]

  @Test(
    arguments: [
      ("nothing", plan([]), []),
      (
        "nothing is live: the newest may be incomplete", plan(three),
        ["a ready", "b ready", "c unpacked"]
      ),
      (
        "a release newer than the live one", plan(three, current: .to("b")),
        ["a ready", "b ready", "c unpacked"]
      ),
      ("the newest is live", plan(three, current: .to("c")), ["a ready", "b ready", "c ready"]),
      (
        "the oldest is live", plan(three, current: .to("a")),
        ["a ready", "b unpacked", "c unpacked"]
      ),
      (
        "a newer release that was live before", plan(three, current: .to("b"), previous: .to("c")),
        ["a ready", "b ready", "c ready"]
      ),
      (
        "the live release has a catalog entry",
        plan(
          three, current: .to("k"),
          known: [.sample("k", sequence: 5, activation: 6, created: .daysAgo(2.5))]),
        ["a ready", "b unpacked", "c unpacked"]
      ),
      (
        "empty", plan([found("a", daysAgo: 3, isEmpty: true)], current: .to("a")), ["a failed"]
      ),
      (
        "a corrupt entry", plan([found("a", daysAgo: 3, isCorrupt: true)] + three.prefix(1)),
        ["a unpacked", "c unpacked"]
      ),
      (
        "a corrupt entry of the live release",
        plan([found("a", daysAgo: 3, isCorrupt: true)], current: .to("a")),
        ["a ready"]
      ),
      (
        "the order of names for the same time",
        plan([found("y", daysAgo: 1), found("x", daysAgo: 1)]),
        ["x ready", "y unpacked"]
      ),
    ] as [(String, AdoptionPlan, [String])])
  func `the state of an adopted release depends on its age and on the links`(
    name: String, plan: AdoptionPlan, expected: [String]
  ) {
    let releases = plan.releases(firstSequence: 10)
    #expect(releases.map { "\($0.id) \($0.state.rawValue)" } == expected)
    for release in releases { #expect((release.reason == nil) == (release.state == .ready)) }
  }

  @Test func `sequences follow age, and activations follow the links`() {
    let plan = Self.plan(Self.three, current: .to("a"), previous: .to("c"))
    let releases = plan.releases(firstSequence: 10)
    #expect(releases.map(\.sequence) == [10, 11, 12])
    #expect(releases.map(\.activation) == [14, nil, 13])
  }

  @Test func `a release that both links point to gets the later activation`() {
    let plan = Self.plan(Self.three, current: .to("b"), previous: .to("b"))
    #expect(plan.releases(firstSequence: 1).map(\.activation) == [nil, 5, nil])
  }

  /// The catalog entry was lost, but the history has the sequence.
  @Test func `a release keeps the sequence that the history has`() {
    let published = JournalEntry.sample(.publish, .done, id: "c", sequence: 4, outcome: .done)
    let undone = JournalEntry.sample(.publish, .done, id: "b", sequence: 6, outcome: .undone)
    let pinned = JournalEntry.sample(.pin, .done, id: "a", sequence: 8, outcome: .done)
    let plan = Self.plan(Self.three, history: [published, undone, pinned])
    let releases = plan.releases(firstSequence: 10)
    #expect(releases.map { "\($0.id) \($0.sequence)" } == ["a 10", "b 11", "c 3"])
  }

  @Test(
    arguments: [
      (.missing, []), (.to("a"), []),
      (.dangling("x"), [#"current points to "x", which does not exist"#]),
      (
        ReleaseLink(state: .elsewhere, text: "/tmp", isDirect: false),
        ["current points to /tmp, which is not a release"]
      ),
    ] as [(ReleaseLink, [String])])
  func `a link that points to no release causes a warning`(link: ReleaseLink, expected: [String]) {
    #expect(Self.plan([], current: link).warnings == expected.map { Notice(Message($0)) })
  }

  @Test func `names that are not releases cause a warning`() {
    var snapshot = Snapshot.sample()
    snapshot.strays = [".keep", "a b"]
    let plan = AdoptionPlan(snapshot: snapshot, candidates: [], history: History())
    #expect(plan.warnings == ["not releases, left unchanged: releases/{.keep, a b}"])
  }
}
