import ModelTestSupport
import Testing
import Text

@testable import ReleaseModel

private let before = LinkPair.releases("1", nil)
private let after = LinkPair.releases("2", "1")

/// A row of the table: the steps that recover an interrupted operation, whatever the links are now.
private struct Row: Sendable, CustomTestStringConvertible {
  typealias Operation = JournalEntry.Operation

  let testDescription: String
  let operations: [Operation]
  var confirm: [Bool?] = [nil, false, true]
  var exists = [false, true]
  var whole = [false, true]
  var directions = [RecoveryDirection.forward, .back]
  let steps: @Sendable (Operation) -> [RecoveryStep]

  init(
    _ description: String, _ operations: Operation..., confirm: [Bool?] = [nil, false, true],
    exists: [Bool] = [false, true], whole: [Bool] = [false, true],
    directions: [RecoveryDirection] = [.forward, .back],
    steps: @escaping @Sendable (Operation) -> [RecoveryStep]
  ) {
    (testDescription, self.operations, self.confirm) = (description, operations, confirm)
    (self.exists, self.whole, self.directions) = (exists, whole, directions)
    self.steps = steps
  }

  var situations: [Situation] {
    operations.flatMap { operation in
      confirm.flatMap { confirm in
        exists.flatMap { exists in
          whole.flatMap { whole in
            directions.map {
              Situation(
                operation: operation, confirm: confirm, exists: exists, whole: whole, direction: $0)
            }
          }
        }
      }
    }
  }
}

private struct Situation: Hashable, Sendable, CustomTestStringConvertible {
  let operation: JournalEntry.Operation
  let confirm: Bool?
  let exists: Bool
  let whole: Bool
  let direction: RecoveryDirection

  var testDescription: String {
    "\(operation) confirm \(confirm.map { "\($0)" } ?? "-") exists \(exists) whole \(whole)"
      + " \(direction)"
  }

  static let operations: [JournalEntry.Operation] = [
    .initialize, .publish, .prepare, .activate, .rollback, .remove, .pin, .unpin, .mark, .freeze,
    .thaw,
    .drift, .rebuild,
  ]

  /// All situations.
  static let all = operations.flatMap { Row("", $0) { _ in [] }.situations }

  var entry: JournalEntry {
    .sample(operation, .intent, from: "1", before: before, after: after, confirm: confirm)
  }

  func facts(_ links: LinkPair) -> RecoveryFacts {
    RecoveryFacts.sample(
      links: links, releaseExists: exists, releaseIsIntact: whole,
      temporaryLinks: [".current.0123abcd"], abandonedStages: ["boot-0123abcd"],
      lastHistorySequence: 6, historyIsTorn: true)
  }
}

/// The links before and after a switch, between its two renames, and without any links.
private let disks = [before, after, LinkPair.releases("1", "1"), LinkPair()]

private let putBack: [RecoveryStep] = [
  .pointLinks(before), .complete(.failed, note: "everything is as before"),
]

private let table = [
  Row(
    "an unconfirmed switch is rolled back", .activate, .rollback, confirm: [true],
    directions: [.forward]
  ) { _ in
    [
      .pointLinks(before),
      .markBad("2", reason: "its switch was interrupted before it was confirmed"),
      .runActivateHook("1", previous: "2"),
      .complete(.undone, note: "2 was not confirmed; 1 stays live"),
    ]
  },
  Row(
    "a switch to a complete release is finished", .activate, .rollback, confirm: [nil, false],
    exists: [true], whole: [true], directions: [.forward]
  ) { _ in [.pointLinks(after), .applyToCatalog, .complete(.finished, note: "2 is live")] },
  Row(
    "a switch to an incomplete release is undone", .activate, .rollback,
    confirm: [nil, false], exists: [true], whole: [false], directions: [.forward]
  ) { _ in
    [.pointLinks(before), .complete(.undone, note: "2 is missing or modified; 1 stays live")]
  },
  Row(
    "a switch to a missing release is undone", .activate, .rollback, confirm: [nil, false],
    exists: [false], directions: [.forward]
  ) { _ in
    [.pointLinks(before), .complete(.undone, note: "2 is missing or modified; 1 stays live")]
  },
  Row(
    "a failed switch is undone", .activate, .rollback, directions: [.back]
  ) { _ in putBack },
  Row("a publication with its directory is finished", .publish, exists: [true]) { _ in
    [.finishPublication("2"), .complete(.finished, note: "published 2")]
  },
  Row("a publication without its directory is dropped", .publish, exists: [false]) { _ in
    [.dropPublication("2"), .complete(.undone, note: "2 was not published")]
  },
  Row("an interrupted preparation has failed", .prepare, directions: [.forward]) { _ in
    [
      .failPreparation("2", reason: "its preparation was interrupted"),
      .complete(.undone, note: "2 is not ready"),
    ]
  },
  Row("a preparation that could not be recorded is closed", .prepare, directions: [.back]) {
    _ in [.complete(.failed, note: "2 is unchanged")]
  },
  Row("a removal is finished", .remove, directions: [.forward]) { _ in
    [.pointLinks(after), .finishRemoval("2"), .complete(.finished, note: "removed 2")]
  },
  Row(
    "a removal that failed after its rename is finished", .remove, exists: [false],
    directions: [.back]
  ) { _ in [.pointLinks(after), .finishRemoval("2"), .complete(.finished, note: "removed 2")] },
  Row(
    "a removal that failed before its rename is undone", .remove, exists: [true],
    directions: [.back]
  ) {
    _ in putBack
  },
  Row("an adoption keeps the releases that it has adopted", .initialize) { _ in
    [
      .pointLinks(after),
      .complete(.finished, note: "initialized; run init again to adopt the remaining releases"),
    ]
  },
  Row(
    "an annotation is written again", .pin, .unpin, .mark, .freeze, .thaw,
    directions: [.forward]
  ) {
    [.pointLinks(after), .applyToCatalog, .complete(.finished, note: "\($0.rawValue) finished")]
  },
  Row(
    "an annotation that could not be written is undone", .pin, .unpin, .mark, .freeze, .thaw,
    directions: [.back]
  ) { _ in putBack },
  Row("a note changes nothing", .drift, .rebuild) { _ in [.complete(.finished, note: "recovered")]
  },
]

/// Leftovers are removed first, since the other steps need space and the disk may be full.
private let swept: [RecoveryStep] = [
  .sweepControlFiles, .removeTemporaryLink(".current.0123abcd"),
]

@Suite struct RecoveryPlanTests {
  @Test(arguments: table) private func `each interrupted operation is finished or undone`(row: Row)
  {
    for situation in row.situations {
      for links in disks {
        #expect(
          recoverySteps(situation.entry, situation.facts(links), situation.direction)
            == [.cutTornHistory] + swept + row.steps(situation.operation)
            + [.discardStage("boot-0123abcd")], "\(situation.testDescription), links \(links)")
      }
    }
  }

  /// A person who ran `ln -sfn` knew more than the journal.
  @Test(arguments: Situation.all) private func `a link that was moved by hand is not moved back`(
    situation: Situation
  ) {
    var facts = situation.facts(.releases("3", "2"))
    let steps = recoverySteps(situation.entry, facts, situation.direction)
    for case .pointLinks(let pair) in steps { #expect(pair.current == "releases/3") }
    guard situation.operation.isSwitch else { return }
    #expect(
      steps.contains(.complete(.undone, note: "current was moved by hand in the meantime")),
      "a release that is not live is not recorded as live")
    #expect(!steps.contains(.applyToCatalog))

    facts.links = LinkPair(current: "/srv/releases/2", previous: "releases/1")
    facts.releaseIsCurrentTarget = true
    for case .pointLinks(let pair) in recoverySteps(situation.entry, facts, situation.direction) {
      #expect(pair.current == "/srv/releases/2")
    }
  }

  @Test func `a release that was made live by hand is not removed`() {
    let facts = RecoveryFacts.sample(
      links: .releases("2", nil), releaseExists: true, releaseIsCurrentTarget: true)
    for current in ["releases/2", "releases/2/public", "/srv/releases/2"] {
      var facts = facts
      facts.links.current = current
      let steps = recoverySteps(.sample(.remove, .intent, after: before), facts)
      #expect(!steps.contains(.finishRemoval("2")))
      #expect(steps.contains(.complete(.undone, note: "2 was made live by hand")))
    }
  }

  @Test func `the table has every situation once`() {
    let covered = table.flatMap(\.situations)
    #expect(covered.count == Set(covered).count)
    #expect(Set(covered) == Set(Situation.all))
  }

  @Test(
    arguments: [
      (.activate, [.complete(.undone, note: "the entry names no release")]),
      (.rollback, [.complete(.undone, note: "the entry names no release")]),
      (.publish, [.complete(.finished, note: "recovered")]),
      (.prepare, [.complete(.finished, note: "recovered")]),
      (.remove, [.complete(.finished, note: "recovered")]),
    ] as [(JournalEntry.Operation, [RecoveryStep])])
  func `an entry without a release is closed`(
    operation: JournalEntry.Operation, steps: [RecoveryStep]
  ) {
    let entry = JournalEntry.sample(operation, .intent, id: nil)
    #expect(recoverySteps(entry, RecoveryFacts()) == [.sweepControlFiles] + steps)
  }

  @Test func `the note says when nothing was live before`() {
    let entry = JournalEntry.sample(.activate, .intent, before: LinkPair(), confirm: true)
    let steps = recoverySteps(entry, RecoveryFacts())
    #expect(steps.contains(.complete(.undone, note: "2 was not confirmed; no release is live")))
    #expect(
      !steps.contains {
        if case .runActivateHook = $0 { true } else { false }
      }, "there is no release to run it for")
  }

  @Test(arguments: [true, false])
  func `the hook runs for a place that is not a release, if that still exists`(exists: Bool) {
    let place = LinkPair(current: "./old", previous: nil)
    let entry = JournalEntry.sample(.activate, .intent, before: place, confirm: true)
    var facts = RecoveryFacts(links: after)
    facts.hasForeignPlace = exists
    let hook: [RecoveryStep] = exists ? [.runActivateHookForPlace("./old", failed: "2")] : []
    let live = exists ? "current points to ./old again" : "no release is live"
    #expect(
      recoverySteps(entry, facts) == [
        .sweepControlFiles, .pointLinks(place),
        .markBad("2", reason: "its switch was interrupted before it was confirmed"),
      ] + hook + [.complete(.undone, note: "2 was not confirmed; \(live)")])
    #expect(hook.filter(\.runsHook) == hook)
  }

  @Test func `a confirmed switch is finished`() {
    let entry = JournalEntry.sample(
      .rollback, .intent, from: "1", before: before, after: after, confirm: true)
    let facts = RecoveryFacts.sample(
      links: after, releaseExists: true, releaseIsIntact: true, isConfirmed: true)
    let end = RecoveryStep.complete(.finished, note: "2 is live")
    #expect(
      recoverySteps(entry, facts) == [.sweepControlFiles, .pointLinks(after), .applyToCatalog, end])
  }

  @Test func `a release that was made live by hand is not marked bad`() {
    let entry = JournalEntry.sample(
      .activate, .intent, from: "1", before: before, after: after, confirm: true)
    var facts = RecoveryFacts.sample(releaseIsCurrentTarget: true)
    facts.links = LinkPair(current: "/srv/releases/2", previous: "releases/1")
    let steps = recoverySteps(entry, facts)
    #expect(steps.contains(.complete(.undone, note: "current was moved by hand in the meantime")))
    #expect(!steps.contains(.runActivateHook("1", previous: "2")))
    #expect(
      !steps.contains {
        if case .markBad = $0 { true } else { false }
      })
  }

  @Test func `a failed preparation keeps its reason`() {
    var entry = JournalEntry.sample(.prepare, .intent, before: before, after: before)
    entry.newState = .failed
    entry.reason = "no network"
    #expect(
      recoverySteps(entry, RecoveryFacts(links: before)).contains(
        .failPreparation("2", reason: "no network")))
  }
}

/// A model of the parts of a store that recovery reads and changes.
private struct Model {
  var entry: JournalEntry
  var facts: RecoveryFacts
  var isBad = false
  var isRecorded = false

  mutating func apply(_ steps: some Sequence<RecoveryStep>) {
    for step in steps { apply(step) }
  }

  mutating func apply(_ step: RecoveryStep) {
    switch step {
    case .pointLinks(let pair): facts.links = pair
    case .applyToCatalog: (isRecorded, facts.catalogLacksSwitch) = (true, false)
    case .markBad: isBad = true
    case .finishRemoval, .dropPublication: facts.releaseExists = false
    case .complete(let outcome, let note):
      entry = entry.ended(outcome, sequence: entry.sequence + 1, at: .noon, note: note)
      facts.lastHistorySequence = entry.sequence
    case .acceptDrift(let from, let to):
      entry = .sample(.drift, sequence: entry.sequence + 2, before: from, after: to, outcome: .done)
      facts.lastHistorySequence = entry.sequence
    case .pointPrevious(let id):
      facts.links.previous = Layout.linkText(id)
      facts.releaseLeftByHand = nil
      entry = .sample(
        .drift, sequence: entry.sequence + 2, before: facts.links, after: facts.links,
        outcome: .done)
      facts.lastHistorySequence = entry.sequence
    case .appendHistory: facts.lastHistorySequence = entry.sequence
    case .cutTornHistory: facts.historyIsTorn = false
    case .removeTemporaryLink(let name): facts.temporaryLinks.removeAll { $0 == name }
    case .discardStage(let name): facts.abandonedStages.removeAll { $0 == name }
    case .removeTemporaryTree(let stage): facts.orphanedTrees.removeAll { $0 == stage }
    case .failPreparation(let id, _): facts.interruptedPreparations.removeAll { $0 == id }
    case .finishPublication, .runActivateHook, .runActivateHookForPlace, .sweepControlFiles,
      .serveInstance, .stopInstance, .drainInstance, .stopRehearsal, .restartUnits:
      break
    }
  }

  mutating func recover(_ direction: RecoveryDirection = .forward) {
    apply(recoverySteps(entry, facts, direction))
  }
}

@Suite struct RecoveryModelTests {
  @Test(arguments: Situation.all) private func `one recovery completes an operation`(
    situation: Situation
  ) {
    for links in disks {
      var model = Model(entry: situation.entry, facts: situation.facts(links))
      model.recover(situation.direction)
      expectSettled(model, situation, links)
    }
  }

  @Test(arguments: Situation.all)
  private func `a recovery that is killed between steps can be repeated`(
    situation: Situation
  ) {
    for links in disks {
      let start = Model(entry: situation.entry, facts: situation.facts(links))
      let steps = recoverySteps(start.entry, start.facts, situation.direction)
      for first in 0...steps.count {
        var model = start
        model.apply(steps.prefix(first))
        let again = recoverySteps(model.entry, model.facts)
        for second in 0...again.count {
          var killedTwice = model
          killedTwice.apply(again.prefix(second))
          killedTwice.recover()
          expectSettled(killedTwice, situation, links)
        }
      }
    }
  }

  private func expectSettled(_ model: Model, _ situation: Situation, _ links: LinkPair) {
    var model = model
    let comment = Comment(rawValue: "\(situation.testDescription), links \(links)")
    if [.drift, .rebuild, .publish, .prepare].contains(situation.operation) {
      // These operations move no links; recovery accepts the links as they are.
      model.recover()
      #expect(model.facts.links == links, comment)
    } else {
      #expect(model.facts.links == model.entry.linksLeft, comment)
      #expect([before, after].contains(model.facts.links), comment)
    }
    #expect(recoverySteps(model.entry, model.facts) == [], comment)
    guard model.entry.operation.isSwitch else { return }
    let isForward = model.entry.outcome == .finished
    #expect(isForward == (model.facts.links == after), comment)
    #expect(model.isRecorded || !isForward, comment)
    guard situation.direction == .forward else { return }
    #expect(model.isBad == (situation.confirm == true), comment)
  }
}
