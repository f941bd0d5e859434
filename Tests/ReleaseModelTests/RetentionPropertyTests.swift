import Foundation
import ModelTestSupport
import TestSupport
import Testing
import Text

@testable import ReleaseModel

/// A random store with a random policy.
private struct RandomStore {
  let candidates: [RetentionCandidate]
  let policy: RetentionPolicy
  let space: RetentionSpace

  init(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var candidates: [RetentionCandidate] = []
    let states: [ReleaseState] = [.ready, .ready, .ready, .bad, .failed, .preparing, .unpacked]
    for sequence in 1...UInt64.random(in: 1...12, using: &random) {
      let isMissing = Int.random(in: 0..<10, using: &random) == 0
      var candidate = RetentionCandidate.sample(
        sequence * 3, states.randomElement(using: &random) ?? .ready,
        days: Double.random(in: -2...20, using: &random), missing: isMissing,
        bytes: Int64.random(in: 0...500, using: &random),
        files: Int64.random(in: 0...50, using: &random))
      candidate.isPinned = Int.random(in: 0..<8, using: &random) == 0
      candidate.isInUse = !isMissing && Int.random(in: 0..<8, using: &random) == 0
      candidates.append(candidate)
    }
    let there = candidates.indices.filter { !candidates[$0].isMissing }
    let live = there.randomElement(using: &random)
    if let live, Int.random(in: 0..<5, using: &random) > 0 { candidates[live].isLive = true }
    let others = there.filter { candidates[$0].state == .ready && !candidates[$0].isLive }
    if let previous = others.randomElement(using: &random), Bool.random(using: &random) {
      candidates[previous].isPrevious = true
    }
    self.candidates = candidates
    policy = RetentionPolicy(
      count: Int.random(in: 1...4, using: &random),
      age: [0, 86_400, 604_800].randomElement(using: &random) ?? 0,
      clockDoubt: Int.random(in: 0..<5, using: &random) == 0 ? "doubt" : nil)
    space = RetentionSpace(
      freeBytes: Int64.random(in: 0...1000, using: &random),
      freeInodes: Int64.random(in: 0...100, using: &random),
      neededBytes: Bool.random(using: &random) ? 1500 : nil,
      neededInodes: Bool.random(using: &random) ? 150 : nil)
  }

  func decisions(of candidates: [RetentionCandidate]? = nil) -> [RetentionDecision] {
    retentionPlan(candidates ?? self.candidates, policy, space, now: .noon)
  }

  func removed(of candidates: [RetentionCandidate]? = nil) -> [ReleaseID] {
    decisions(of: candidates).filter { $0.action == .remove }.map(\.id)
  }
}

@Suite struct RetentionPropertyTests {
  static let seeds = 1...3000 as ClosedRange<UInt64>

  @Test func `a protected release is never removed`() {
    for seed in Self.seeds {
      let store = RandomStore(seed: seed)
      let removed = Set(store.removed())
      let kept = store.candidates.filter {
        $0.isLive || $0.isPrevious || $0.isPinned || $0.isInUse || $0.state == .preparing
      }
      #expect(kept.allSatisfy { !removed.contains($0.id) }, "seed \(seed)")
    }
  }

  @Test func `a rollback target always remains`() {
    for seed in Self.seeds {
      let store = RandomStore(seed: seed)
      let removed = Set(store.removed())
      let targets = store.candidates.filter { $0.state == .ready && !$0.isLive && !$0.isMissing }
      #expect(targets.isEmpty || targets.contains { !removed.contains($0.id) }, "seed \(seed)")
    }
  }

  @Test func `the newest ready releases are never removed`() {
    for seed in Self.seeds {
      let store = RandomStore(seed: seed)
      let removed = Set(store.removed())
      let newest = store.candidates.filter { $0.state == .ready && !$0.isMissing }
        .sorted { $0.sequence > $1.sequence }.prefix(store.policy.count)
      #expect(newest.allSatisfy { !removed.contains($0.id) }, "seed \(seed)")
    }
  }

  @Test func `decisions do not depend on the order of input`() {
    for seed in Self.seeds {
      let store = RandomStore(seed: seed)
      var random = SeededGenerator(seed: seed)
      #expect(
        store.decisions(of: store.candidates.shuffled(using: &random)) == store.decisions(),
        "seed \(seed)")
    }
  }

  @Test func `decisions do not depend on names`() {
    for seed in Self.seeds {
      let store = RandomStore(seed: seed)
      // The newest release gets the name that sorts first.
      let renamed = store.candidates.map { $0.with(id: "n\(100 - $0.sequence)") }
      let names = Dictionary(
        uniqueKeysWithValues: zip(store.candidates.map(\.id), renamed.map(\.id)))
      #expect(
        store.removed(of: renamed) == store.removed().compactMap { names[$0] }, "seed \(seed)")
    }
  }

  /// The age of a release depends on the clock, but the order of releases does not.
  @Test func `the order of releases does not depend on time`() {
    for seed in Self.seeds {
      let store = RandomStore(seed: seed)
      guard store.policy.age == 0 else { continue }
      let old = store.candidates.map { $0.with(created: .daysAgo(10)) }
      let backwards = store.candidates.map {
        $0.with(created: .daysAgo(10 + Double($0.sequence)))
      }
      let forwards = store.candidates.map {
        $0.with(created: .daysAgo(100 - Double($0.sequence)))
      }
      #expect(store.removed(of: backwards) == store.removed(of: old), "seed \(seed)")
      #expect(store.removed(of: forwards) == store.removed(of: old), "seed \(seed)")
    }
  }

  @Test func `a second prune removes nothing`() {
    for seed in Self.seeds {
      let store = RandomStore(seed: seed)
      let removed = Set(store.removed())
      let left = store.candidates.filter { !removed.contains($0.id) }
      guard store.space.neededBytes == nil, store.space.neededInodes == nil else { continue }
      // Without a demand for space, a second prune has nothing left to remove.
      let again = Set(store.removed(of: left))
      #expect(again.isEmpty, "seed \(seed)")
    }
  }
}

extension RetentionCandidate {
  fileprivate func with(id: String? = nil, created: Date? = nil) -> RetentionCandidate {
    RetentionCandidate(
      id: id.flatMap { ReleaseID($0) } ?? self.id, sequence: sequence, state: state,
      created: created ?? self.created, isLive: isLive, isPrevious: isPrevious,
      isPinned: isPinned, isInUse: isInUse, isMissing: isMissing, bytes: bytes, files: files)
  }
}

@Suite struct ClockDoubtTests {
  @Test(
    arguments: [
      ("the same second", 0, false), ("a minute back", -60, false),
      ("more than a minute back", -61, true), ("years back", -1e8, true),
      ("a year on", 366 * 86_400, false), ("more than a year on", 366 * 86_400 + 1, true),
    ] as [(String, TimeInterval, Bool)])
  func `a clock that is far from the last change is in doubt`(
    name: String, passed: TimeInterval, isDoubtful: Bool
  ) {
    let doubt = clockDoubt(.noon + passed, lastChange: .sample(outcome: .done))
    #expect((doubt != nil) == isDoubtful)
    #expect(doubt?.text.contains("2025-11-03T12:00:00Z") ?? true)
  }

  @Test func `the clock of a store without changes is trusted`() {
    #expect(clockDoubt(.noon, lastChange: nil) == nil)
  }

  @Test func `the clock is compared with the start of an unfinished change`() {
    let begun = JournalEntry.sample(.activate, .intent)
    #expect(clockDoubt(.noon - 61, lastChange: begun) != nil)
    #expect(clockDoubt(.noon, lastChange: begun) == nil)
  }
}
