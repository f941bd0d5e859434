import Foundation
import ModelTestSupport
import TestSupport
import Testing
import Text

@testable import ReleaseModel

/// The facts of a random store in which no command runs.
private struct RandomFacts {
  private static let ids: [ReleaseID] = ["1", "2", "3", "4", "5"]

  private(set) var facts: StoreFacts
  private var random: SeededGenerator

  init(seed: UInt64) {
    random = SeededGenerator(seed: seed)
    let entry = JournalEntry.sample(outcome: .done)
    facts = StoreFacts(
      path: "/opt/app", snapshot: .sample(), journal: .entry(entry, isWriterAlive: false),
      now: .noon)
    facts.snapshot = snapshot()
    facts.journal = journal()
    facts.rollbackChecks = checks(of: facts.snapshot.rollbackCandidates)
    if facts.snapshot.live == nil {
      let usable = facts.snapshot.newestFirst.map(\.id).filter { facts.snapshot.isUsable($0) }
      facts.activationChecks = checks(of: usable)
    }
    facts.trash = oneOf(3) ? [.init(name: "9.x", obstacle: oneOf(2) ? "x" : nil)] : []
    facts.stages = oneOf(3) ? [.init(name: "stage", isRunning: oneOf(2), since: .noon)] : []
    if oneOf(5) { facts.directoryError = ReleasesError(.unsafeOwner, "w") }
    if oneOf(5) { facts.switchErrors = [ReleasesError(.configuration, "x")] }
    if oneOf(5) { facts.programErrors = [ReleasesError(.unsafeOwner, "y")] }
    if oneOf(5) {
      facts.brokenSharedPaths = [
        .init(
          oneOf(2) ? .missing : .dangling,
          ReleasesError(
            oneOf(2) ? .sharedFileMissing : .sharedDirectoryMissing, "z",
            hint: Hint("create it", shell: "mkdir /z")))
      ]
    }
  }

  /// Whether one of `number` cases applies.
  private mutating func oneOf(_ number: Int) -> Bool {
    Int.random(in: 0..<number, using: &random) == 0
  }

  private mutating func link() -> ReleaseLink {
    let id = Self.ids.randomElement(using: &random) ?? "1"
    switch Int.random(in: 0..<10, using: &random) {
    case 0: return .missing
    case 1: return .dangling("9")
    case 2: return ReleaseLink(state: .elsewhere, text: "/x", isDirect: false)
    case 3: return ReleaseLink(state: .notALink, text: nil, isDirect: false)
    default: return .to(id)
    }
  }

  private mutating func snapshot() -> Snapshot {
    let states: [ReleaseState] = [.ready, .ready, .ready, .ready, .bad, .failed, .unpacked]
    let (current, previous) = (link(), link())
    var entries: [CatalogEntry] = []
    for (index, id) in Self.ids.enumerated() where !oneOf(6) {
      let activation = oneOf(3) ? nil : UInt64.random(in: 10...99, using: &random)
      entries.append(
        .sample(
          id, sequence: UInt64(index + 1), states.randomElement(using: &random) ?? .ready,
          activation: activation))
    }
    let live = [current.release, previous.release].compactMap { $0 }
    let gone = Set(entries.map(\.id).filter { !live.contains($0) }.filter { _ in oneOf(8) })
    var snapshot = Snapshot.sample(
      current: current, previous: previous, entries, gone: gone,
      unknown: Set(live.filter { id in !entries.contains { $0.id == id } }))
    if oneOf(6) { snapshot.freeze = Freeze(reason: "x", since: .noon, user: "x") }
    return snapshot
  }

  private mutating func journal() -> JournalFacts {
    if oneOf(12) { return .lost }
    let links = facts.snapshot.links
    let phase = oneOf(8) ? JournalEntry.Phase.intent : .done
    let left = oneOf(8) ? LinkPair.releases("1", nil) : links
    let entry = JournalEntry.sample(
      .pin, phase, before: left, after: left, outcome: phase == .done ? .done : nil)
    return .entry(entry, isWriterAlive: false)
  }

  private mutating func checks(of candidates: [ReleaseID]) -> [RollbackCheck] {
    var checks: [RollbackCheck] = []
    for id in candidates {
      checks.append(RollbackCheck(id: id, result: oneOf(3) ? .notWhole("x") : .whole))
      if checks.last?.result == .whole { break }
    }
    return checks
  }
}

extension StoreFacts {
  /// The code with which the next switch to any release is refused; nil when none is refused.
  fileprivate var refusalOfSwitches: ReleasesError.Code? {
    let states = [snapshot.current.state, snapshot.previous.state]
    if states.contains(.notALink) { return .notALink }
    if snapshot.freeze != nil { return .frozen }
    if let directoryError { return directoryError.code }
    if let error = switchErrors.first { return error.code }
    return brokenSharedPaths.first?.error.code
  }

  /// The code with which the next rollback is refused; nil when it is accepted.
  fileprivate var refusalOfRollback: ReleasesError.Code? {
    if let refusalOfSwitches, refusalOfSwitches == .notALink { return .notALink }
    guard snapshot.rollbackTarget != nil else { return .nothingToRollBackTo }
    if let refusalOfSwitches { return refusalOfSwitches }
    if case .notWhole = rollbackChecks[0].result { return .modified }
    return nil
  }

  /// Whether recovery would do something.
  fileprivate var needsRecovery: Bool {
    guard let entry = journal.entry, let trash, let stages else { return true }
    var facts = RecoveryFacts.sample(links: snapshot.links, lastHistorySequence: entry.sequence)
    facts.abandonedStages = stages.filter { !$0.isRunning }.map(\.name)
    return !recoverySteps(entry, facts).isEmpty || !trash.isEmpty
  }
}

/// What is shown never contradicts what the next command does, over thousands of stores.
@Suite struct StoreFindingPropertyTests {
  static let seeds = 1...5000 as ClosedRange<UInt64>

  private func expect(
    _ property: (StoreFacts, [StoreFinding]) -> Bool,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    for seed in Self.seeds {
      let facts = RandomFacts(seed: seed).facts
      let findings = storeFindings(facts)
      // The facts are too long to be printed; the seed makes them again.
      let holds = property(facts, findings)
      #expect(holds, "seed \(seed): \(findings.map(\.code))", sourceLocation: sourceLocation)
    }
  }

  @Test func `a rollback that is refused is explained, and only then`() {
    expect { facts, findings in
      let shown = findings.filter { $0.level == .problem }.compactMap(\.refusal)
      switch facts.refusalOfRollback {
      case nil: return !shown.contains(.modified) && !shown.contains(.notALink)
      case .nothingToRollBackTo: return facts.snapshot.rollbackTarget == nil
      case .frozen: return facts.snapshot.freeze != nil
      case let code?: return shown.contains(code)
      }
    }
  }

  @Test func `without a problem everything is in order`() {
    expect { facts, findings in
      if findings.contains(where: { $0.level == .problem }) { return true }
      guard let live = facts.snapshot.live else { return false }
      return facts.snapshot.catalog[live]?.state == .ready
        && facts.snapshot.directories.contains(live) && !facts.journal.isInterrupted
        && [nil, .nothingToRollBackTo, .frozen].contains(facts.refusalOfRollback)
    }
  }

  @Test func `what recovery would do is shown, and only that`() {
    let codes: Set<StoreFinding.Code> = [
      .interrupted, .journalLost, .linkMoved, .stageLeft, .trashLeft, .trashStuck,
    ]
    expect { facts, findings in
      facts.needsRecovery == !codes.isDisjoint(with: findings.map(\.code))
    }
  }

  @Test func `a hint never names a switch that would be refused`() {
    expect { facts, findings in
      findings.allSatisfy { finding in
        guard case .releases(let words)? = finding.hint?.command else { return true }
        guard ["activate", "rollback"].contains(words[0]) else { return true }
        if words.last == "--force" {
          // It takes a release that is bad, after the cause was corrected.
          let id = ReleaseID(words[1])
          return facts.refusalOfSwitches == nil
            && id.map { facts.snapshot.directories.contains($0) } == true
            && facts.activationChecks.allSatisfy { $0.result != .whole }
        }
        let id = words.count > 1 ? words.last.flatMap { ReleaseID($0) } : nil
        let target = id ?? facts.snapshot.rollbackTarget
        let checks = facts.rollbackChecks + facts.activationChecks
        return facts.refusalOfSwitches == nil
          && target.map { facts.snapshot.isUsable($0) } == true
          && checks.contains { $0.id == target && $0.result == .whole }
      }
    }
  }

  @Test func `every problem has a hint with a command`() {
    expect { _, findings in
      findings.allSatisfy { $0.level != .problem || $0.hint?.command != nil || $0.refusal != nil }
    }
  }
}
