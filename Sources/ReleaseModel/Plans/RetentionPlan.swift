package import FoundationEssentials

/// What the policy says of a release, and why.
package struct RetentionDecision: Equatable, Sendable {
  package enum Action: String, Sendable { case keep, remove }

  package let id: ReleaseID
  package let action: Action
  package let reason: String
  /// What its removal frees, in bytes, after that of the older ones that go.
  package let bytes: Int64
  /// The same in files.
  package let files: Int64

  /// The decision for a release that could not be removed.
  package func retained(because reason: String) -> RetentionDecision {
    RetentionDecision(id: id, action: .keep, reason: reason, bytes: bytes, files: files)
  }
}

/// A release as the policy sees it.
package struct RetentionCandidate: Equatable, Sendable {
  package let id: ReleaseID
  package let sequence: UInt64
  package let state: ReleaseState
  package let created: Date
  /// When it was found to be bad, where that is known.
  package var badSince: Date?
  package var isLive = false
  package var isPrevious = false
  package var isPinned = false
  /// Some process works in it, runs from it, or has a file of it mapped.
  package var isInUse = false
  /// Another file system, or a directory of one, is mounted in it.
  package var hasMount = false
  /// Its directory is gone.
  package var isMissing = false
  package var bytes: Int64 = 0
  /// What of that it got from which releases, by their ids.
  package var shared: [String: Int64] = [:]
  package var files: Int64 = 0

  package init(
    id: ReleaseID, sequence: UInt64, state: ReleaseState, created: Date, badSince: Date? = nil,
    isLive: Bool = false, isPrevious: Bool = false, isPinned: Bool = false, isInUse: Bool = false,
    hasMount: Bool = false, isMissing: Bool = false, bytes: Int64 = 0,
    shared: [String: Int64] = [:], files: Int64 = 0
  ) {
    self.id = id
    self.sequence = sequence
    self.state = state
    self.created = created
    self.badSince = badSince
    self.isLive = isLive
    self.isPrevious = isPrevious
    self.isPinned = isPinned
    self.isInUse = isInUse
    self.hasMount = hasMount
    self.isMissing = isMissing
    self.bytes = bytes
    self.shared = shared
    self.files = files
  }
}

/// How much room there is, and how much there has to be.
package struct RetentionSpace: Equatable, Sendable {
  package var freeBytes: Int64
  /// Nil where the file system has no limit.
  package var freeInodes: Int64?
  /// Nil for no demand.
  package var neededBytes: Int64?
  package var neededInodes: Int64?

  package init(
    freeBytes: Int64, freeInodes: Int64? = nil, neededBytes: Int64? = nil,
    neededInodes: Int64? = nil
  ) {
    self.freeBytes = freeBytes
    self.freeInodes = freeInodes
    self.neededBytes = neededBytes
    self.neededInodes = neededInodes
  }

  package func isShort(afterFreeing bytes: Int64 = 0, _ inodes: Int64 = 0) -> Bool {
    if let neededBytes, freeBytes + bytes < neededBytes { return true }
    if let neededInodes, let freeInodes, freeInodes + inodes < neededInodes { return true }
    return false
  }
}

/// Which releases are kept.
package struct RetentionPolicy: Equatable, Sendable {
  /// The newest that were ready, at least 1.
  package var count: Int
  /// In seconds; 0 lets the count alone decide.
  package var age: Int64
  /// Why the clock can't be trusted; then age removes nothing.
  package var clockDoubt: String?

  package init(count: Int, age: Int64, clockDoubt: String? = nil) {
    self.count = count
    self.age = age
    self.clockDoubt = clockDoubt
  }

  /// How long the newest failed release is kept to look at, in seconds.
  static let postMortem: Int64 = 24 * 60 * 60
}

/// Decides for each release whether it stays; changes nothing.
///
/// - Returns: newest first.
package func retentionPlan(
  _ candidates: [RetentionCandidate], _ policy: RetentionPolicy, _ space: RetentionSpace,
  now: Date
) -> [RetentionDecision] {
  let newestFirst = candidates.sorted { $0.sequence > $1.sequence }
  var plan = Planner(policy: policy, now: now)
  var decisions: [ReleaseID: Planner.Verdict] = [:]
  for candidate in newestFirst { decisions[candidate.id] = plan.verdict(candidate) }
  plan.keepOneRollbackTarget(newestFirst, &decisions)
  plan.makeRoom(newestFirst, &decisions, space)
  // Room is no reason to leave nothing to go back to.
  plan.keepOneRollbackTarget(newestFirst, &decisions)
  var use = DiskUse(newestFirst)
  // Oldest first: what two that go share with each other, the second one frees.
  return newestFirst.reversed().map { candidate in
    let verdict = decisions[candidate.id] ?? .keep("not decided")
    return RetentionDecision(
      id: candidate.id, action: verdict.isRemoval ? .remove : .keep, reason: verdict.reason,
      bytes: verdict.isRemoval ? use.remove(candidate.id) : use.own(candidate.id),
      files: candidate.isMissing ? 0 : candidate.files)
  }.reversed()
}

extension DiskUse {
  fileprivate init(_ candidates: [RetentionCandidate]) {
    self.init(candidates.filter { !$0.isMissing }.map { ($0.id, $0.bytes, $0.shared) })
  }
}

private struct Planner {
  enum Verdict {
    case keep(String)
    /// Stays only because it is young: goes first when room is short.
    case keepForAge(String)
    case remove(String)

    var isRemoval: Bool { if case .remove = self { true } else { false } }
    var reason: String {
      switch self {
      case .keep(let reason), .keepForAge(let reason), .remove(let reason): reason
      }
    }
  }

  let policy: RetentionPolicy
  let now: Date
  private var slotsTaken = 0
  private var sawBroken = false

  init(policy: RetentionPolicy, now: Date) {
    self.policy = policy
    self.now = now
  }

  /// Asked for each release, newest first.
  mutating func verdict(_ candidate: RetentionCandidate) -> Verdict {
    let isReady = candidate.state == .ready && !candidate.isMissing
    if isReady { slotsTaken += 1 }
    let isNewestBroken = !sawBroken && candidate.isBroken
    if candidate.isBroken { sawBroken = true }
    if let always = candidate.alwaysKept { return .keep(always) }
    if candidate.isMissing { return .remove("its directory is gone") }
    if isReady && slotsTaken <= policy.count {
      return .keep("one of the newest \(policy.count)")
    }
    if candidate.isBroken {
      return broken(candidate, isNewest: isNewestBroken)
    }
    return byAge(candidate)
  }

  private func broken(_ candidate: RetentionCandidate, isNewest: Bool) -> Verdict {
    let age = Int64(now.timeIntervalSince(candidate.badSince ?? candidate.created))
    if isNewest && policy.clockDoubt == nil && age < RetentionPolicy.postMortem {
      return .keepForAge("\(candidate.state.rawValue), kept one day to be looked at")
    }
    if isNewest, let doubt = policy.clockDoubt { return .keep(doubt) }
    return .remove("\(candidate.state.rawValue)")
  }

  private func byAge(_ candidate: RetentionCandidate) -> Verdict {
    let limit = TimeSpan(seconds: policy.age)
    if policy.age == 0 { return .remove("not one of the newest \(policy.count)") }
    if let doubt = policy.clockDoubt { return .keep(doubt) }
    if age(candidate) < policy.age { return .keepForAge("younger than \(limit)") }
    return .remove("older than \(limit) and not one of the newest \(policy.count)")
  }

  private func age(_ candidate: RetentionCandidate) -> Int64 {
    Int64(now.timeIntervalSince(candidate.created))
  }

  /// A live release alone has nothing to go back to.
  func keepOneRollbackTarget(
    _ newestFirst: [RetentionCandidate], _ decisions: inout [ReleaseID: Verdict]
  ) {
    let targets = newestFirst.filter {
      $0.state == .ready && !$0.isLive && !$0.isMissing
    }
    let isOneKept = targets.contains { decisions[$0.id]?.isRemoval == false }
    guard !isOneKept, let newest = targets.first else { return }
    decisions[newest.id] = .keep("the only release to roll back to")
  }

  /// Waives age, oldest first, until there is room.
  func makeRoom(
    _ newestFirst: [RetentionCandidate], _ decisions: inout [ReleaseID: Verdict],
    _ space: RetentionSpace
  ) {
    var use = DiskUse(newestFirst)
    var bytes: Int64 = 0
    var inodes: Int64 = 0
    for candidate in newestFirst.reversed()
    where decisions[candidate.id]?.isRemoval == true && !candidate.isMissing {
      bytes += use.remove(candidate.id)
      inodes += candidate.files
    }
    for candidate in newestFirst.reversed() {
      guard space.isShort(afterFreeing: bytes, inodes) else { return }
      guard case .keepForAge = decisions[candidate.id] else { continue }
      decisions[candidate.id] = .remove("too little free space")
      bytes += use.remove(candidate.id)
      inodes += candidate.files
    }
  }
}

extension RetentionCandidate {
  fileprivate var isBroken: Bool { !isMissing && (state == .failed || state == .bad) }

  fileprivate var alwaysKept: String? {
    if isLive { return "live" }
    if isPrevious { return "what a rollback would go to" }
    if isPinned { return "pinned" }
    if state == .preparing { return "in preparation" }
    if isInUse { return "in use by a process" }
    if hasMount { return "something is mounted in it" }
    return nil
  }
}
