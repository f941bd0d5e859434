import Foundation
import ModelTestSupport
import Testing
import Text

@testable import ReleaseModel

private let layout = InstanceLayout(
  templates: ["app@"], socket: "/run/app/{id}.sock", live: "/run/app/live")

/// What is said about instances. Release 2 is live, and release 1 was live before.
@Suite struct InstanceFindingTests {
  private typealias Role = InstanceOverview.Role

  private func instance(
    _ id: ReleaseID, _ role: Role, listens: Bool? = true, state: String? = "active"
  ) -> InstanceOverview.Instance {
    InstanceOverview.Instance(
      id, role, units: [.init("app@\(id).service", activeState: state, subState: "running")],
      socket: layout.socket(of: id), isListening: listens)
  }

  private func facts(
    _ instances: [InstanceOverview.Instance], _ entry: JournalEntry? = nil,
    link: InstanceOverview.Link = .release("2"), isAlive: Bool = false, live: ReleaseID? = "2",
    isOutdated: Bool = false
  ) -> StoreFacts {
    let entries = [
      CatalogEntry.sample("1", sequence: 1, activation: 11),
      CatalogEntry.sample("2", sequence: 2, activation: 12),
      CatalogEntry.sample("3", sequence: 3),
    ]
    let snapshot = Snapshot.sample(
      current: live.map { .to($0) } ?? .missing, previous: .to("1"), entries)
    let last =
      entry ?? JournalEntry.sample(before: snapshot.links, after: snapshot.links, outcome: .done)
    var facts = StoreFacts(
      path: "/srv/store", snapshot: snapshot, journal: .entry(last, isWriterAlive: isAlive),
      now: .noon)
    facts.trash = []
    facts.stages = []
    facts.instances = InstanceOverview(
      layout: layout, isOutdated: isOutdated, link: link, instances: instances)
    return facts
  }

  private func switching(
    to id: ReleaseID = "3", from: ReleaseID? = "2", overlap: Bool = true
  ) -> JournalEntry {
    let links = LinkPair.releases("2", "1")
    return Intent(
      operation: .activate, id: id, from: from, before: links, after: .releases("3", "2"),
      confirm: true, instances: InstanceSwitch(layout: layout, liveRuns: true, overlap: overlap)
    ).entry(sequence: 9, .sample)
  }

  private func findings(_ facts: StoreFacts) -> [StoreFinding] {
    storeFindings(facts).filter {
      [StoreFinding.Code.instanceNotServing, .instanceOrphaned, .instanceOutdated]
        .contains($0.code)
    }
  }

  @Test func `an instance that serves is no finding`() {
    #expect(findings(facts([instance("2", .live)])).isEmpty)
    #expect(findings(facts([instance("2", .live, listens: nil)])).isEmpty)
    #expect(findings(facts([instance("2", .live), instance("1", .draining)])).isEmpty)
  }

  @Test(
    arguments: [
      (.missing, "2 is live, but the link /run/app/live is missing"),
      (.release("1"), "/run/app/live points to the socket of 1, but 2 is live"),
      (.elsewhere("x"), "/run/app/live points to x, which is not the socket of a release"),
    ] as [(InstanceOverview.Link, String)])
  func `a link that does not point to the live release is a problem for recover`(
    link: InstanceOverview.Link, message: String
  ) throws {
    let found = findings(facts([instance("2", .live)], link: link))
    #expect(
      found.map(\.code) == [StoreFinding.Code.instanceNotServing] && found[0].level == .problem)
    #expect(found[0].message.text == message)
    #expect(found[0].hint?.command == .releases(["recover"]))
  }

  @Test func `if recover can't replace what is in the place of the link, the hint removes it`() {
    for (isDirectory, command) in [(false, "rm -i"), (true, "rm -ri")] {
      let found = findings(
        facts([instance("2", .live)], link: .notALink(isDirectory: isDirectory)))
      #expect(found.first?.hint?.command == .shell("\(command) '/run/app/live'"))
    }
    let noDirectory = findings(facts([instance("2", .live)], link: .noDirectory))
    #expect(noDirectory.first?.hint?.command == .shell("sudo systemd-tmpfiles --create"))
  }

  @Test func `an instance that does not listen is a problem that names its unit`() {
    let found = findings(facts([instance("2", .live, listens: false, state: "failed")]))
    #expect(
      found.map(\.message.text) == [
        "2 is live, but no process listens at /run/app/2.sock; app@2.service is failed"
      ])
  }

  @Test func `an orphaned instance is a warning`() {
    let found = findings(facts([instance("2", .live), instance("1", .orphaned)]))
    #expect(found.map(\.code) == [StoreFinding.Code.instanceOrphaned] && found[0].level == .warning)
    #expect(found[0].id == "1" && found[0].hint?.command == .releases(["recover"]))
  }

  @Test func `an instance of an earlier configuration is a warning`() {
    let found = findings(facts([instance("2", .live)], isOutdated: true))
    #expect(found.map(\.code) == [StoreFinding.Code.instanceOutdated] && found[0].level == .warning)
    #expect(found[0].hint?.command == .releases(["restart"]))
    let switching = facts([instance("2", .live)], switching(), isAlive: true, isOutdated: true)
    #expect(findings(switching).isEmpty)
    #expect(findings(facts([instance("1", .orphaned)], live: nil, isOutdated: true)).count == 1)
  }

  @Test func `a rehearsal that was left over is named, also that of the live release`() {
    for id in ["1", "2"] as [ReleaseID] {
      let rehearsal = InstanceOverview.Instance(
        id, .orphaned,
        units: [.init("try@\(id).service", activeState: "active", subState: "running")],
        socket: layout.socket(of: id), isListening: nil, isRehearsal: true)
      let found = findings(facts([instance("2", .live), rehearsal]))
      #expect(found.map(\.code) == [StoreFinding.Code.instanceOrphaned])
      let message = "try@\(id).service of \(id) runs although it is neither live nor draining"
      #expect(found[0].message.text == message)
      #expect(found[0].hint?.command == .releases(["recover"]))
    }
  }

  @Test func `an instance that runs twice is stopped by a restart`() {
    let second = InstanceOverview.Instance(
      "2", .orphaned,
      units: [.init("old@2.service", activeState: "active", subState: "running")],
      socket: layout.socket(of: "2"), isListening: nil)
    let found = findings(facts([instance("2", .live), second]))
    #expect(found.map(\.hint?.command) == [.releases(["restart"])])
  }

  @Test func `an outdated instance that does not listen is started as configured`() {
    let found = findings(facts([instance("2", .live, listens: false)], isOutdated: true))
    #expect(found.map(\.code) == [.instanceNotServing, .instanceOutdated])
    #expect(found.allSatisfy { $0.hint?.command == .releases(["restart"]) }, "\(found)")
  }

  @Test func `no hint stops an instance that serves although it is not live`() {
    let found = findings(
      facts([instance("2", .live), instance("1", .orphaned)], link: .release("1")))
    #expect(found.map(\.code) == [.instanceNotServing, .instanceOrphaned])
    #expect(found.allSatisfy { $0.hint?.command == .releases(["restart"]) }, "\(found)")
    let nothingLive = findings(facts([instance("3", .orphaned)], link: .release("3"), live: nil))
    #expect(nothingLive.map(\.hint?.command) == [.releases(["activate", "3"])])
    // It does not listen, so no connection goes to it.
    let dead = findings(
      facts([instance("2", .live), instance("1", .orphaned, listens: false)], link: .release("1")))
    #expect(dead.allSatisfy { $0.hint?.command == .releases(["recover"]) }, "\(dead)")
  }

  @Test func `a switch that runs or was interrupted explains its instances`() {
    let instances = [instance("2", .live), instance("3", .orphaned)]
    for isAlive in [true, false] {
      #expect(findings(facts(instances, switching(), link: .missing, isAlive: isAlive)).isEmpty)
    }
  }

  @Test func `without a live release, every instance is orphaned and none can be served`() {
    let found = findings(facts([instance("3", .orphaned)], link: .missing, live: nil))
    #expect(found.map(\.code) == [StoreFinding.Code.instanceOrphaned])
  }

  // MARK: - The switch that waits

  private func waiting(_ facts: StoreFacts) throws -> StoreFinding {
    try #require(storeFindings(facts).first { $0.code == .unconfirmed })
  }

  private func progress(_ release: String) -> ConfirmationProgress {
    ConfirmationProgress(
      sequence: 9, release: release, isRestoring: false, stage: .health,
      since: Date.noon.addingTimeInterval(-3), timeLimit: 60, attempts: 2, operation: .activate,
      by: .sample)
  }

  @Test func `a candidate is starting and not live`() throws {
    var facts = facts([instance("2", .live)], switching(), isAlive: true)
    var finding = try waiting(facts)
    #expect(
      finding.level == .note && finding.message == "3 is starting, not live: waiting for systemd")
    #expect(finding.hint?.command == .releases(["abort"]))
    facts.progress = progress("3")
    finding = try waiting(facts)
    #expect(
      finding.message == "3 is starting, not live: waiting for health, 3 of 60 s, attempt 2")
    #expect(facts.unconfirmedRelease == nil)
    #expect(!facts.isServiceChanging, "the live release serves meanwhile")
  }

  @Test func `without overlap, the service is being changed`() throws {
    var facts = facts([], switching(overlap: false), isAlive: true)
    #expect(facts.isServiceChanging)
    #expect(try waiting(facts).message.text.hasPrefix("3 is starting: "))
    facts.progress = progress("2")
    #expect(try waiting(facts).message.text.hasPrefix("3 failed; starting 2 again: "))
  }

  @Test func `a candidate whose links have moved is live and not unconfirmed`() throws {
    let facts = facts([], switching(), isAlive: true, live: "3")
    #expect(facts.unconfirmedRelease == nil && facts.isServiceChanging)
    #expect(try waiting(facts).message == "3 is healthy, and its switch ends")
  }

  // MARK: - Roles

  private func roles(
    current: ReleaseID?, running: Set<ReleaseID>?, draining: Set<ReleaseID> = [],
    _ entry: JournalEntry, isAlive: Bool
  ) -> [ReleaseID: Role] {
    Role.all(
      current: current, running: running, draining: draining, .entry(entry, isWriterAlive: isAlive))
  }

  @Test func `a running switch has a live and a starting instance`() {
    #expect(
      roles(current: "2", running: ["2", "3"], switching(), isAlive: true)
        == ["2": .live, "3": .starting])
    #expect(
      roles(current: "3", running: ["2", "3"], switching(), isAlive: true)
        == ["3": .live, "2": .draining])
  }

  @Test func `what an interrupted switch has left is orphaned`() {
    #expect(
      roles(current: "2", running: ["2", "3"], switching(), isAlive: false)
        == ["2": .live, "3": .orphaned])
  }

  @Test func `an instance drains as long as a process waits to stop it`() {
    let done = JournalEntry.sample(outcome: .done)
    #expect(
      roles(current: "2", running: ["1", "2"], draining: ["1"], done, isAlive: false)
        == ["2": .live, "1": .draining])
    #expect(
      roles(current: "2", running: ["1", "2"], done, isAlive: false)
        == ["2": .live, "1": .orphaned])
  }

  @Test func `the live release has a role even if it does not run`() {
    let done = JournalEntry.sample(outcome: .done)
    #expect(roles(current: "2", running: [], done, isAlive: false) == ["2": .live])
  }

  @Test func `an instance that was stopped no longer drains`() {
    let done = JournalEntry.sample(outcome: .done)
    #expect(
      roles(current: "2", running: ["2"], draining: ["1"], done, isAlive: true) == ["2": .live])
  }

  @Test func `without systemd, the journal is used`() {
    let done = JournalEntry.sample(outcome: .done)
    #expect(
      roles(current: "2", running: nil, draining: ["1"], done, isAlive: true)
        == ["2": .live, "1": .draining])
  }
}
