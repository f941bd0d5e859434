import ModelTestSupport
import Testing
import Text

@testable import ReleaseModel

extension RetentionCandidate {
  static func sample(
    _ sequence: UInt64, _ state: ReleaseState = .ready, days: Double = 30, wasLive: Bool = false,
    live: Bool = false,
    previous: Bool = false, pinned: Bool = false, used: Bool = false, missing: Bool = false,
    bytes: Int64 = 100, files: Int64 = 10
  ) -> RetentionCandidate {
    RetentionCandidate(
      id: ReleaseID(stringLiteral: "r\(sequence)"), sequence: sequence, state: state,
      created: .daysAgo(days), wasLive: wasLive, isLive: live, isPrevious: previous,
      isPinned: pinned,
      isInUse: used, isMissing: missing, bytes: bytes, files: files)
  }
}

extension RetentionSpace {
  static let plenty = RetentionSpace(freeBytes: 1 << 40)
}

private let day: Int64 = 86_400

/// The candidates of a store, and which of them are removed.
private struct Case: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let policy: RetentionPolicy
  let candidates: [RetentionCandidate]
  let space: RetentionSpace
  let removed: [ReleaseID]

  init(
    _ description: String, count: Int = 1, age: Int64 = 7 * day, doubt: String? = nil,
    space: RetentionSpace = .plenty, _ candidates: [RetentionCandidate], removes: [ReleaseID]
  ) {
    testDescription = description
    policy = RetentionPolicy(count: count, age: age, clockDoubt: doubt.map { Message($0) })
    (self.candidates, self.space, self.removed) = (candidates, space, removes)
  }
}

private let countAndAge = [
  Case("an empty store", [], removes: []),
  Case(
    "the newest three and young releases", count: 3,
    [
      .sample(6, days: 0, live: true), .sample(5, days: 1, previous: true), .sample(4, days: 2),
      .sample(3, days: 3), .sample(2, days: 6.99), .sample(1, days: 7),
    ], removes: ["r1"]),
  Case(
    "the live one takes a slot if it is among the newest", count: 2,
    [.sample(4), .sample(3, live: true), .sample(2), .sample(1)], removes: ["r2", "r1"]),
  Case(
    "a live one further back takes none", count: 2,
    [.sample(4), .sample(3), .sample(2), .sample(1, live: true)], removes: ["r2"]),
  Case(
    "count 1 keeps the live release and its rollback target", count: 1, age: 0,
    [.sample(3, days: 0, live: true), .sample(2, days: 0, previous: true), .sample(1, days: 0)],
    removes: ["r1"]),
  Case(
    "an age of 0 lets the count alone decide", count: 2, age: 0,
    [.sample(4, days: 0), .sample(3, days: 0, live: true), .sample(2, days: 0)], removes: ["r2"]),
  Case(
    "a time in the future is young", count: 1,
    [.sample(3, live: true), .sample(2, previous: true), .sample(1, days: -3)], removes: []),
  Case(
    "order is the sequence, not the time", count: 2, age: 0,
    [.sample(1, days: 0), .sample(2, days: 10), .sample(3, days: 20, live: true)], removes: ["r1"]),
]

private let alwaysKept = [
  Case("live", [.sample(2), .sample(1, live: true)], removes: []),
  Case(
    "previous", [.sample(3, live: true), .sample(2), .sample(1, previous: true)],
    removes: ["r2"]),
  Case(
    "pinned", [.sample(3, live: true), .sample(2, previous: true), .sample(1, pinned: true)],
    removes: []),
  Case(
    "in use", [.sample(3, live: true), .sample(2, previous: true), .sample(1, used: true)],
    removes: []),
  Case(
    "in preparation",
    [.sample(3, live: true), .sample(2, previous: true), .sample(1, .preparing)], removes: []),
  Case(
    "bad but live, failed but pinned, bad but in use",
    [
      .sample(3, .bad, live: true), .sample(2, .failed, pinned: true), .sample(1, .bad, used: true),
    ],
    removes: []),
  Case(
    "pinned, with a missing directory",
    [.sample(2, live: true), .sample(1, pinned: true, missing: true)], removes: []),
  Case(
    "the only rollback target", [.sample(3, live: true), .sample(2, .bad), .sample(1)],
    removes: ["r2"]),
  Case(
    "the newest of the rollback targets",
    [.sample(4, live: true), .sample(3, .failed), .sample(2), .sample(1)], removes: ["r3", "r1"]),
]

private let broken = [
  Case(
    "failed and bad take no slot", count: 2, age: 0,
    [
      .sample(5, .bad), .sample(4, .failed), .sample(3, live: true), .sample(2, .bad), .sample(1),
    ], removes: ["r5", "r4", "r2"]),
  Case(
    "unpacked takes no slot", count: 2, age: 0,
    [.sample(3, .unpacked), .sample(2, live: true), .sample(1)], removes: ["r3"]),
  Case(
    "the newest failed release is retained for a day", age: 0,
    [
      .sample(4, .failed, days: 0.99), .sample(3, .bad, days: 0.99), .sample(2, live: true),
      .sample(1, previous: true),
    ], removes: ["r3"]),
  Case(
    "no longer than a day, even if that is young", age: 7 * day,
    [.sample(3, .bad, days: 1), .sample(2, live: true), .sample(1, previous: true)],
    removes: ["r3"]),
  Case(
    "releases that have worked are retained for their age after a rollback has left them",
    [
      .sample(5, live: true), .sample(4, .bad, days: 3, wasLive: true),
      .sample(3, .bad, days: 6, wasLive: true), .sample(2, .bad, days: 8, wasLive: true),
      .sample(1, previous: true),
    ], removes: ["r2"]),
  Case(
    "releases that were only published do not push out those that were live", count: 2, age: 0,
    [
      .sample(6), .sample(5), .sample(4), .sample(3, wasLive: true, live: true),
      .sample(2, wasLive: true), .sample(1, wasLive: true),
    ], removes: ["r4", "r1"]),
  Case(
    "a missing directory is forgotten and takes no slot", count: 2, age: 0,
    [.sample(4, missing: true), .sample(3, live: true), .sample(2), .sample(1, missing: true)],
    removes: ["r4", "r1"]),
  Case(
    "a missing directory is no rollback target", count: 1, age: 0,
    [.sample(3, live: true), .sample(2, missing: true), .sample(1)], removes: ["r2"]),
  Case(
    "a missing failed directory does not hide the newest failed release", age: 0,
    [
      .sample(4, .failed, days: 0, missing: true), .sample(3, .failed, days: 0),
      .sample(2, live: true), .sample(1, previous: true),
    ], removes: ["r4"]),
]

private let young = (1...5).map { RetentionCandidate.sample($0, days: 1) }
private let youngAndLive =
  young + [.sample(6, days: 0, previous: true), .sample(7, days: 0, live: true)]

private let space = [
  Case(
    "enough bytes", space: RetentionSpace(freeBytes: 1000, neededBytes: 1000), youngAndLive,
    removes: []),
  Case(
    "too few bytes: the oldest first, until there is enough space",
    space: RetentionSpace(freeBytes: 750, neededBytes: 1000), youngAndLive,
    removes: ["r3", "r2", "r1"]),
  Case(
    "releases that are removed anyway count first", count: 1,
    space: RetentionSpace(freeBytes: 850, neededBytes: 1000),
    youngAndLive + [.sample(8, .bad, days: 3, bytes: 100)], removes: ["r8", "r1"]),
  Case(
    "too few inodes",
    space: RetentionSpace(freeBytes: 0, freeInodes: 85, neededInodes: 100), youngAndLive,
    removes: ["r2", "r1"]),
  Case(
    "no limit of inodes", space: RetentionSpace(freeBytes: 0, freeInodes: nil, neededInodes: 100),
    youngAndLive, removes: []),
  Case(
    "only releases that age retains", space: RetentionSpace(freeBytes: 0, neededBytes: 1 << 40),
    youngAndLive, removes: ["r5", "r4", "r3", "r2", "r1"]),
  Case(
    "none of the newest", count: 4, space: RetentionSpace(freeBytes: 0, neededBytes: 1 << 40),
    youngAndLive, removes: ["r3", "r2", "r1"]),
  Case(
    "the newest failed release is removed too",
    space: RetentionSpace(freeBytes: 0, neededBytes: 1 << 40),
    [.sample(3, .bad, days: 0), .sample(2, live: true), .sample(1, previous: true)],
    removes: ["r3"]),
  Case(
    "nothing while the clock is in doubt", doubt: "doubt",
    space: RetentionSpace(freeBytes: 0, neededBytes: 1 << 40), youngAndLive, removes: []),
  Case(
    "a missing directory frees nothing",
    space: RetentionSpace(freeBytes: 900, neededBytes: 1000),
    youngAndLive + [.sample(8, missing: true)], removes: ["r8", "r1"]),
  Case(
    "never the only rollback target", space: RetentionSpace(freeBytes: 0, neededBytes: 1 << 40),
    [.sample(3, days: 0, live: true), .sample(2, days: 0), .sample(1, days: 0)], removes: ["r1"]),
]

private let doubt = [
  Case(
    "age removes nothing", doubt: "doubt",
    [.sample(4, live: true), .sample(3, previous: true), .sample(2), .sample(1)], removes: []),
  Case(
    "count alone still does", age: 0, doubt: "doubt",
    [.sample(3, live: true), .sample(2, previous: true), .sample(1)], removes: ["r1"]),
  Case(
    "the newest failed release is retained", age: 0, doubt: "doubt",
    [
      .sample(4, .bad, days: 400), .sample(3, .bad, days: 400), .sample(2, live: true),
      .sample(1, previous: true),
    ], removes: ["r3"]),
]

@Suite struct RetentionPlanTests {
  @Test(arguments: countAndAge + alwaysKept + broken + space + doubt)
  private func `the policy removes the expected releases in any order of input`(aCase: Case) {
    for order in [aCase.candidates, aCase.candidates.reversed()] {
      let plan = retentionPlan(order, aCase.policy, aCase.space, now: .noon)
      #expect(plan.filter { $0.action == .remove }.map(\.id) == aCase.removed)
      #expect(plan.count == order.count)
      #expect(plan.allSatisfy { !$0.reason.isEmpty && $0.reason != "not decided" })
    }
  }

  @Test func `every decision has a reason`() {
    let plan = retentionPlan(
      [
        .sample(12, .bad, days: 0.5), .sample(11, .bad, days: 0.5),
        .sample(10, days: 0, live: true),
        .sample(9, days: 1, previous: true), .sample(8, days: 2), .sample(7, days: 3),
        .sample(6, days: 8), .sample(5, days: 8, pinned: true), .sample(4, .preparing, days: 8),
        .sample(3, days: 8, used: true), .sample(2, missing: true), .sample(1, .unpacked, days: 8),
      ], RetentionPolicy(count: 3, age: 7 * day), .plenty, now: .noon)
    #expect(
      plan.map { "\($0.id) \($0.action): \($0.reason)" } == [
        "r12 keep: bad, retained for one day for inspection", "r11 remove: bad", "r10 keep: live",
        "r9 keep: rollback target", "r8 keep: one of the newest 3",
        "r7 keep: younger than 7d", "r6 remove: older than 7d and not one of the newest 3",
        "r5 keep: pinned", "r4 keep: in preparation", "r3 keep: in use by a process",
        "r2 remove: its directory is missing",
        "r1 remove: older than 7d and unpacked; only the newest 3 ready releases are retained",
      ])
    #expect(plan.filter { $0.id == "r2" }.map(\.bytes) == [0])
  }
}
