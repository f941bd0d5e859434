import ModelTestSupport
import Testing
import Text

@testable import ReleaseModel

@Suite struct AdoptionScopeTests {
  @Test(
    arguments: [
      "123456789", "1762147685", "17621476855", "20241103120000", "20241103120000Z",
    ] as [ReleaseID])
  func `a name that is a time is adopted`(id: ReleaseID) {
    #expect(AdoptionScope(linked: []).includes(id))
  }

  @Test(
    arguments: [
      "notes", "backup-2024", "1", "12345678", "123456789012", "20241103", "2024110312000",
      "20241103120000z", "20241103120000ZZ", "99999999999999", "00000000000000", "20241303120000",
      "20240230120000", "20241103240000", "20241103126000", "20241103120060", "20241303120000Z",
      "v1.2.3", "1762147685.old", "a1b2c3d",
    ] as [ReleaseID])
  func `any other name is left out`(id: ReleaseID) {
    #expect(!AdoptionScope(linked: ["1762147685"]).includes(id))
  }

  @Test(
    arguments: [
      ("v1.2.3", ["v1.2.4", "v10.20.30", "v2.0.0"], ["v1.2", "v1.2.3-rc1", "1.2.3", "w1.2.3"]),
      ("12", ["1", "99999"], ["100000", "x12", "12a", "1-2"]),
      ("20241103", ["20250101"], ["2025010", "2024-11-03"]),
      ("20241103120000", ["20250101000000", "20250101000000Z"], ["99999999999999"]),
      ("99999999999999", ["88888888888888"], ["9999999999999"]),
      ("2024", ["2023", "1999", "1234"], ["1", "202", "20241", "99999", "v2023", "2024-1"]),
      ("1234", ["999", "2024", "99999"], ["100000"]),
      ("v2024.11", ["v2025.1"], ["v12.11", "v2024"]),
      ("2024-11-03", ["2025-1-3"], ["2024-11", "backup-2024-11-03"]),
      ("release-7", ["release-12"], ["backup-7", "release-", "release-7-old"]),
      ("a1b2c3d", ["0f9e8d7", "1234567"], ["a1b2c3", "a1b2c3de", "defaced", "backups"]),
      (
        "main-1a2b3c4d5e", ["main-0000011111", "main-feedbeef01"], ["dev-1a2b3c4d5e", "main-1"]
      ),
      ("spring", [], ["summer", "spring2", "springs"]),
    ] as [(ReleaseID, [ReleaseID], [ReleaseID])])
  func `names of the same shape as a linked release are adopted`(
    linked: ReleaseID, same: [ReleaseID], others: [ReleaseID]
  ) {
    let scope = AdoptionScope(linked: [linked])
    for id in [linked] + same { #expect(scope.includes(id), "\(id)") }
    for id in others { #expect(!scope.includes(id), "\(id)") }
  }

  @Test func `a release that is linked, recorded or named is adopted whatever its name is`() {
    let scope = AdoptionScope(linked: ["x"], recorded: ["y"], named: ["z"])
    #expect(
      (["x", "y", "z", "w"] as [ReleaseID]).map(scope.includes) == [true, true, true, false])
  }

  @Test func `a release is recorded if its publication is in the history and no later removal`() {
    let history = History(entries: [
      .sample(.publish, id: "a", sequence: 1, outcome: .done),
      .sample(.publish, id: "b", sequence: 2, outcome: .finished),
      .sample(.publish, id: "c", sequence: 3, outcome: .undone),
      .sample(.publish, id: "d", sequence: 4, outcome: .done),
      .sample(.remove, id: "d", sequence: 5, outcome: .done),
      .sample(.publish, id: "e", sequence: 6, outcome: .done),
      .sample(.remove, id: "e", sequence: 7, outcome: .failed),
      .sample(.activate, id: "f", sequence: 8, outcome: .done),
    ])
    #expect(history.published == ["a", "b", "e"])
  }

  @Test(
    arguments: [
      ("1762147685", 1_762_147_685), ("20251103053325", 1_762_148_005),
      ("20251103053325Z", 1_762_148_005), ("19700101000000", 0), ("20251303053325", nil),
      ("v1", nil), ("20251103053360", nil), ("99999999999999", nil),
    ] as [(ReleaseID, Int64?)])
  func `the time of a release is the one that its name spells`(id: ReleaseID, expected: Int64?) {
    #expect(id.timestamp == expected)
  }

  @Test func `directories that are left out cause one warning that names them all`() {
    let plan = AdoptionPlan(
      snapshot: .sample(), candidates: [], history: History(), leftOut: ["backup", "notes"])
    #expect(
      plan.warnings == [
        Notice(
          "not adopted, because no deployment workflow makes such names: releases/{backup, notes}",
          hint: Hint("if it is a release, adopt it", command: ["init", "--adopt", "backup"]))
      ])
  }

  @Test func `a link in releases is named together with its target`() {
    var snapshot = Snapshot.sample(
      current: ReleaseLink(
        state: .elsewhere, text: "releases/web", isDirect: false,
        alias: .init(id: "web", text: "/srv/web")))
    snapshot.strays = ["web", "x"]
    snapshot.strayLinks = ["web": "/srv/web"]
    let hint = Hint("make a release of it")
    let plan = AdoptionPlan(
      snapshot: snapshot, candidates: [], history: History(), currentHint: hint)
    #expect(
      plan.warnings == [
        Notice(
          "current points to releases/web, which is a symbolic link to /srv/web and not a release",
          hint: hint),
        "not releases, left unchanged: releases/{web (a link to /srv/web), x}",
      ])
  }
}
