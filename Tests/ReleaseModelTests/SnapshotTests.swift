import ModelTestSupport
import Testing
import Text

@testable import ReleaseModel

@Suite struct SnapshotTests {
  /// Five releases of which 1 to 4 were live one after the other, and 5 never was.
  private static func snapshot(
    current: ReleaseLink = .to("4"), previous: ReleaseLink = .to("3"),
    bad: Set<ReleaseID> = [], gone: Set<ReleaseID> = []
  ) -> Snapshot {
    let ids: [ReleaseID] = ["1", "2", "3", "4", "5"]
    return .sample(
      current: current, previous: previous,
      ids.enumerated().map { index, id in
        .sample(
          id, sequence: UInt64(index + 1), bad.contains(id) ? .bad : .ready,
          activation: id == "5" ? nil : UInt64(index + 11))
      }, gone: gone)
  }

  @Test(
    arguments: [
      ("the release that was live last", snapshot(), [], "4"),
      ("except the live release", snapshot(), ["4"], "3"),
      ("never a bad release", snapshot(bad: ["3"]), ["4"], "2"),
      ("never a missing release", snapshot(gone: ["3", "2"]), ["4"], "1"),
      ("none left", snapshot(bad: ["1", "2", "3"]), ["4"], nil),
      ("a nil exception excludes nothing", snapshot(), [nil, "4", nil], "3"),
      ("nothing at all", .sample(), [], nil),
    ] as [(String, Snapshot, [ReleaseID?], ReleaseID?)])
  func `the last live usable release is found`(
    name: String, snapshot: Snapshot, except: [ReleaseID?], expected: ReleaseID?
  ) {
    #expect(snapshot.lastLive(except: except) == expected)
  }

  /// Releases with these IDs and refs.
  private static func store(withRefs refs: [(id: ReleaseID, ref: String?)]) -> Snapshot {
    .sample(
      refs.enumerated().map { index, release in
        var entry = CatalogEntry.sample(release.id, sequence: UInt64(index + 1))
        entry.ref = release.ref
        return entry
      })
  }

  @Test func `a ref names its only release, after IDs and prefixes`() throws {
    let store = Self.store(withRefs: [
      ("17", "v1"), ("18", "v2"), ("19", "18"), ("20", "1"), ("21", "v3"), ("22", "v3"),
      ("31", "9"), ("90", "v4"),
    ])
    #expect(try store.release(named: "v1") == "17")
    #expect(try store.release(named: "18") == "18")
    // Three IDs begin with 1, so that the ref decides.
    #expect(try store.release(named: "1") == "20")
    for name in ["v", "v3", "", "V1", "v1 "] {
      let error = try #require(throws: ReleasesError.self) { _ = try store.release(named: name) }
      #expect(error.code == .noSuchRelease)
    }
    // A command that removes must not guess which of the two is meant.
    let both = try #require(throws: ReleasesError.self) { _ = try store.release(named: "9") }
    #expect(both.message == "ambiguous: \"9\" is the ref of 31 and the beginning of the ID 90")
    let error = try #require(throws: ReleasesError.self) { _ = try store.release(named: "v3") }
    #expect(error.message == "ambiguous ref \"v3\": matches 2 releases: 22, 21")
  }

  @Test func `the last live release is found by activation, not by age`() {
    let snapshot = Snapshot.sample([
      .sample("1", sequence: 1, activation: 9), .sample("2", sequence: 2, activation: 8),
      .sample("3", sequence: 3),
    ])
    #expect(snapshot.lastLive(except: []) == "1")
  }

  @Test(arguments: [ReleaseState.unpacked, .preparing, .failed, .bad])
  func `only ready releases are usable`(state: ReleaseState) {
    let snapshot = Snapshot.sample([.sample("1", sequence: 1, state, activation: 1)])
    #expect(!snapshot.isUsable("1") && snapshot.lastLive(except: []) == nil)
    #expect(!snapshot.isUsable("2"))
  }

  @Test(
    arguments: [
      ("the link decides", snapshot(previous: .to("1")), "1"),
      ("a bad previous release", snapshot(bad: ["3"]), "2"),
      ("a missing previous release", snapshot(previous: .dangling("3"), gone: ["3"]), "2"),
      ("no link", snapshot(previous: .missing), "3"),
      ("both links on the live release", snapshot(previous: .to("4")), "3"),
      ("nothing live", snapshot(current: .missing, previous: .missing), "4"),
      ("a link to an unknown release", snapshot(previous: .to("9")), "3"),
      (
        "a real directory in its place",
        snapshot(previous: ReleaseLink(state: .notALink, text: nil, isDirect: false)), "3"
      ),
      (
        "a link elsewhere",
        snapshot(previous: ReleaseLink(state: .elsewhere, text: "/tmp", isDirect: false)), "3"
      ),
      ("only bad releases", snapshot(bad: ["1", "2", "3"]), nil), ("nothing", .sample(), nil),
    ] as [(String, Snapshot, ReleaseID?)])
  func `the rollback target is the usable previous release or the one live before`(
    name: String, snapshot: Snapshot, expected: ReleaseID?
  ) {
    #expect(snapshot.rollbackTarget == expected)
  }

  @Test func `directories without a catalog entry are unknown`() {
    var snapshot = Snapshot.sample([.sample("1", sequence: 1)], unknown: ["z", "a", "9"])
    snapshot.catalog.insertCorrupt("9")
    #expect(snapshot.unknown == ["a", "z"])
  }
}

@Suite struct ReleaseNameTests {
  private static let snapshot: Snapshot = {
    var snapshot = Snapshot.sample(
      current: .to("20a"), previous: .to("10"),
      [
        .sample("10", sequence: 1, activation: 5), .sample("20a", sequence: 2, activation: 6),
        .sample("20b", sequence: 3), .sample("30", sequence: 4, .bad), .sample("K1", sequence: 0),
      ], unknown: ["40x"])
    snapshot.catalog.insertCorrupt("50y")
    return snapshot
  }()

  @Test(
    arguments: [
      ("10", "10"), ("1", "10"), ("20a", "20a"), ("20b", "20b"), ("3", "30"), ("30", "30"),
      ("40", "40x"), ("5", "50y"), ("K", "K1"), ("latest", "20b"), ("previous", "10"),
      ("current", "20a"),
    ] as [(String, ReleaseID)])
  func `a release is found by its ID, a prefix or a keyword`(name: String, id: ReleaseID) throws {
    #expect(try Self.snapshot.release(named: name) == id)
  }

  @Test(arguments: [
    "", "2", "20", "9", "100", "1 ", " 1", "Latest", "*", "\u{212A}", "\u{212A}1", "1\u{301}", "..",
  ])
  func `another name finds no release`(name: String) {
    let error = #expect(throws: ReleasesError.self) { try Self.snapshot.release(named: name) }
    #expect(error?.code == .noSuchRelease)
  }

  @Test(arguments: ["latest", "current"])
  func `an empty store has no latest and no current release`(name: String) {
    let error = #expect(throws: ReleasesError.self) { try Snapshot.sample().release(named: name) }
    #expect(error?.code == .noSuchRelease)
  }

  @Test func `an empty store has nothing to roll back to`() {
    let error = #expect(throws: ReleasesError.self) {
      try Snapshot.sample().release(named: "previous")
    }
    #expect(error?.code == .nothingToRollBackTo)
  }
}
