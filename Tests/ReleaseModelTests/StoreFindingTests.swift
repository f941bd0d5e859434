import Foundation
import ModelTestSupport
import Testing
import Text

@testable import ReleaseModel

/// What `status`, `list`, `check` and `metrics` say about the facts of a store.
@Suite struct StoreFindingTests {
  private static let two = [
    CatalogEntry.sample("1", sequence: 1, activation: 11),
    CatalogEntry.sample("2", sequence: 2, activation: 12),
  ]
  private static let links = LinkPair.releases("2", "1")

  /// Returns the facts of a store in order, in which 2 is live and 1 is the rollback target.
  private func facts(
    _ entries: [CatalogEntry] = two, current: ReleaseLink = .to("2"),
    previous: ReleaseLink = .to("1"), gone: Set<ReleaseID> = []
  ) -> StoreFacts {
    let snapshot = Snapshot.sample(current: current, previous: previous, entries, gone: gone)
    let last = JournalEntry.sample(before: snapshot.links, after: snapshot.links, outcome: .done)
    var facts = StoreFacts(
      path: "/srv/a store", snapshot: snapshot, journal: .entry(last, isWriterAlive: false),
      now: .noon)
    facts.rollbackChecks = snapshot.rollbackTarget.map { [.init(id: $0, result: .whole)] } ?? []
    facts.trash = []
    facts.stages = []
    return facts
  }

  private func codes(_ facts: StoreFacts) -> [StoreFinding.Code] {
    storeFindings(facts).map(\.code)
  }

  private func command(_ code: StoreFinding.Code, _ facts: StoreFacts) -> String? {
    storeFindings(facts).first { $0.code == code }?.hint?.command(for: .local)
  }

  @Test func `a store in order has no findings`() {
    #expect(codes(facts()) == [])
  }

  @Test func `nothing live is a problem with the release to activate`() {
    var facts = facts([.sample("1", sequence: 1)], current: .missing, previous: .missing)
    facts.activationChecks = [.init(id: "1", result: .whole)]
    #expect(codes(facts) == [.nothingLive])
    #expect(storeFindings(facts)[0].level == .problem)
    #expect(command(.nothingLive, facts) == "releases activate 1")
    facts.activationChecks = [.init(id: "1", result: .notWhole("x"))]
    #expect(command(.nothingLive, facts) == "releases deploy ARCHIVE")
  }

  @Test func `a live release that is not whole is a problem`() {
    var facts = facts()
    facts.liveCheck = .init(id: "2", result: .whole)
    #expect(codes(facts) == [])
    facts.liveCheck = .init(id: "2", result: .unknown("x"))
    #expect(codes(facts) == [], "another user can't always find out")
    facts.liveCheck = .init(id: "1", result: .notWhole("x"))
    #expect(codes(facts) == [], "it is about another release")
    facts.liveCheck = .init(id: "2", result: .notWhole("x"))
    #expect(codes(facts) == [.liveNotWhole])
    #expect(storeFindings(facts)[0].level == .problem)
    #expect(command(.liveNotWhole, facts) == "releases verify 2")
  }

  @Test func `a stage that waits for the lock is named with its holder`() {
    var facts = facts()
    facts.stages = [
      .init(name: "s", isRunning: true, since: .noon, pid: 7, awaitedHolder: "deploy (pid 8)")
    ]
    #expect(
      storeFindings(facts).map(\.message) == [
        "a release was unpacked by process 7, which waits for the lock that deploy (pid 8) holds"
      ])
  }

  @Test func `what would make the switch of a hint fail comes first`() {
    var facts = facts([.sample("1", sequence: 1)], current: .missing, previous: .missing)
    facts.activationChecks = [.init(id: "1", result: .whole)]
    facts.switchErrors = [
      ReleasesError(.configuration, "x", hint: Hint("make it", shell: "chmod +x /hook"))
    ]
    #expect(command(.nothingLive, facts) == "chmod +x /hook")
    facts.snapshot.freeze = Freeze(reason: "x", since: .noon, user: "x")
    #expect(command(.nothingLive, facts) == "releases thaw")
    facts.switchErrors = []
    facts.programErrors = [ReleasesError(.configuration, "y")]
    facts.snapshot.freeze = nil
    #expect(command(.nothingLive, facts) == "releases activate 1")
    #expect(codes(facts) == [.nothingLive, .configurationInvalid])
  }

  @Test func `a bad live release is left by a rollback that is accepted`() {
    var entries = Self.two
    entries.append(.sample("3", sequence: 3, .bad, activation: 13))
    var facts = facts(entries, current: .to("3"), previous: .to("2"))
    #expect(codes(facts) == [.liveBad])
    #expect(command(.liveBad, facts) == "releases rollback")
    facts.rollbackChecks = [
      .init(id: "2", result: .notWhole("x")), .init(id: "1", result: .whole),
    ]
    #expect(codes(facts) == [.liveBad, .rollbackNotWhole])
    #expect(command(.liveBad, facts) == "releases rollback --to 1")
    #expect(command(.rollbackNotWhole, facts) == "releases rollback --to 1")
    facts.rollbackChecks = [.init(id: "2", result: .notWhole("x"))]
    #expect(command(.liveBad, facts) == "releases mark 3 good")
    #expect(command(.rollbackNotWhole, facts) == "releases verify 2")
  }

  @Test func `a check that can't be made is a note`() {
    var facts = facts()
    facts.rollbackChecks = [.init(id: "1", result: .unknown("permission denied"))]
    #expect(storeFindings(facts).map(\.level) == [.note])
    #expect(facts.isRollbackWhole == nil)
  }

  @Test func `a rollback target that the owner can't read is a problem`() {
    var facts = facts()
    let hint = Hint("give it to the owner", shell: "chown -R 1000 /srv/app/releases/1")
    facts.rollbackChecks = [.init(id: "1", result: .unreadable("permission denied", hint))]
    #expect(storeFindings(facts).map(\.level) == [.problem])
    #expect(command(.rollbackUnknown, facts) == "chown -R 1000 /srv/app/releases/1")
    #expect(facts.isRollbackWhole == false)
  }

  @Test func `in a frozen store without releases, switches are allowed first`() {
    var facts = facts([], current: .missing, previous: .missing)
    #expect(command(.nothingLive, facts) == "releases deploy ARCHIVE")
    facts.snapshot.freeze = Freeze(reason: "x", since: .noon, user: "u")
    #expect(command(.nothingLive, facts) == "releases thaw")
  }

  @Test func `a switch that waits for its confirmation says how long`() {
    var facts = facts()
    let entry = JournalEntry.sample(.activate, .intent, confirm: true)
    facts.journal = .entry(entry, isWriterAlive: true)
    facts.rollbackChecks = []
    #expect(
      storeFindings(facts)[0].message == "2 is unconfirmed: waiting for its confirmation")
    var progress = ConfirmationProgress(
      sequence: entry.sequence, release: "2", isRestoring: false, stage: .health,
      since: .noon - 12, timeLimit: 60)
    progress.attempts = 7
    facts.progress = progress
    #expect(codes(facts) == [.unconfirmed])
    #expect(
      storeFindings(facts)[0].message
        == "2 is unconfirmed: waiting for health, 12 of 60 s, attempt 7")
    facts.progress = ConfirmationProgress(
      sequence: entry.sequence, release: "1", isRestoring: true, stage: .hook, since: .noon,
      timeLimit: 9)
    #expect(
      storeFindings(facts)[0].message
        == "2 failed; restoring 1: running the activate hook, 0 of 9 s")
    // A killed command left it.
    facts.progress = ConfirmationProgress(
      sequence: entry.sequence - 2, release: "1", isRestoring: true, stage: .hook, since: .noon,
      timeLimit: 9)
    #expect(facts.currentProgress == nil)
  }

  @Test func `a bad mark is no problem while the switch that may clear it is unconfirmed`() {
    var facts = facts([Self.two[0], .sample("2", sequence: 2, .bad)])
    facts.journal = .entry(.sample(.activate, .intent, confirm: true), isWriterAlive: true)
    #expect(codes(facts) == [.unconfirmed])
    facts.journal = .entry(.sample(.activate, .intent, confirm: true), isWriterAlive: false)
    #expect(codes(facts) == [.interrupted, .liveBad])
  }

  @Test func `a broken shared path makes a switch fail with the error of the finding`() {
    var facts = facts()
    let hint = Hint("create it", shell: "mkdir -p /x")
    facts.brokenSharedPaths = [
      .init(.missing, ReleasesError(.sharedFileMissing, "a is missing", hint: hint)),
      .init(.dangling, ReleasesError(.sharedDirectoryMissing, "b is a dangling link")),
    ]
    let findings = storeFindings(facts)
    #expect(findings.map(\.code) == [.sharedMissing, .sharedDangling])
    #expect(findings.map(\.refusal) == [.sharedFileMissing, .sharedDirectoryMissing])
    #expect(findings.map(\.message) == ["a is missing", "b is a dangling link"])
    #expect(command(.sharedMissing, facts) == "mkdir -p /x")
  }

  @Test func `what is in the trash is being removed, was left, or is stuck`() {
    var facts = facts()
    facts.trash = [.init(name: "1.x"), .init(name: "2.x", obstacle: "1 belongs to root")]
    #expect(codes(facts) == [.trashLeft, .trashStuck])
    if case .entry(let last, _) = facts.journal {
      facts.journal = .entry(last, isWriterAlive: true)
    }
    #expect(codes(facts) == [.removing, .trashStuck])
    #expect(storeFindings(facts).map(\.level) == [.note, .problem])
  }

  @Test func `a stage is written, prepared or left`() {
    var preparing = CatalogEntry.sample("3", sequence: 3, .preparing)
    preparing.stage = "s"
    var facts = facts(Self.two + [preparing])
    facts.stages = [
      .init(name: "s", isRunning: true, since: .noon, pid: 7),
      .init(name: "t", isRunning: true, since: .noon),
      .init(name: "u", isRunning: false, since: .noon),
    ]
    #expect(codes(facts) == [.preparing, .unpacking, .stageLeft])
    #expect(storeFindings(facts).map(\.level) == [.note, .note, .warning])
    facts.stages = []
    #expect(codes(facts) == [.preparationInterrupted])
    // Another user may not list the stages.
    facts.stages = nil
    #expect(codes(facts) == [])
  }
}
