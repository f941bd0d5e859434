package import FoundationEssentials

/// The decision of the retention policy about a release, with a reason.
package struct RetentionDecision: Equatable, Sendable {
  /// Whether the release is retained.
  package enum Action: String, Sendable { case keep, remove }

  package let id: ReleaseID
  package let action: Action
  package let reason: String
  /// How many bytes its removal frees, after the older releases have been removed.
  package let bytes: Int64
  /// How many files its removal frees.
  package let files: Int64

  /// Returns the decision for a release that could not be removed.
  package func retained(because reason: String) -> RetentionDecision {
    RetentionDecision(id: id, action: .keep, reason: reason, bytes: bytes, files: files)
  }
}

/// The facts about a release that the retention policy depends on.
package struct RetentionCandidate: Equatable, Sendable {
  package let id: ReleaseID
  package let sequence: UInt64
  package let state: ReleaseState
  package let created: Date
  /// When it became bad; nil where that is unknown.
  package var badSince: Date?
  package var isLive = false
  package var isPrevious = false
  package var isPinned = false
  /// Whether a process works in it, runs from it, or has one of its files mapped.
  package var isInUse = false
  /// Whether a file system or a directory is mounted in it.
  package var hasMount = false
  /// Whether its directory is missing.
  package var isMissing = false
  package var bytes: Int64 = 0
  /// How many of these bytes it got from other releases, by their IDs.
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

/// How much space is free, and how much is needed.
package struct RetentionSpace: Equatable, Sendable {
  package var freeBytes: Int64
  /// The free inodes; nil where the file system has no limit.
  package var freeInodes: Int64?
  /// The bytes that must be free; nil for no demand.
  package var neededBytes: Int64?
  /// The inodes that must be free; nil for no demand.
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

  /// Whether there is too little space, even after freeing some.
  package func isShort(afterFreeing bytes: Int64 = 0, _ inodes: Int64 = 0) -> Bool {
    if let neededBytes, freeBytes + bytes < neededBytes { return true }
    if let neededInodes, let freeInodes, freeInodes + inodes < neededInodes { return true }
    return false
  }
}

/// The policy that says which releases are retained.
package struct RetentionPolicy: Equatable, Sendable {
  /// How many of the newest ready releases are retained; 1 or more.
  package var count: Int
  /// How long the other releases are retained, in seconds; 0 if only the count decides.
  package var age: Int64
  /// Why the clock is in doubt, in which case age is ignored; nil when it is not.
  package var clockDoubt: String?

  package init(count: Int, age: Int64, clockDoubt: String? = nil) {
    self.count = count
    self.age = age
    self.clockDoubt = clockDoubt
  }

  /// How long the newest failed release is retained for inspection, in seconds.
  static let inspectionTime: Int64 = 24 * 60 * 60
}

/// Decides which releases are retained, and returns the decisions newest first.
package func retentionPlan(
  _ candidates: [RetentionCandidate], _ policy: RetentionPolicy, _ space: RetentionSpace,
  now: Date
) -> [RetentionDecision] {
  let newestFirst = candidates.sorted { $0.sequence > $1.sequence }
  var plan = RetentionPlanner(policy: policy, now: now)
  var decisions: [ReleaseID: RetentionPlanner.Decision] = [:]
  for candidate in newestFirst { decisions[candidate.id] = plan.decide(candidate) }
  plan.keepOneRollbackTarget(newestFirst, &decisions)
  plan.waiveAge(newestFirst, &decisions, space)
  // A lack of space must not remove the only rollback target.
  plan.keepOneRollbackTarget(newestFirst, &decisions)
  var use = DiskUse(newestFirst)
  // Oldest first: what two removed releases share is freed by the second removal.
  return newestFirst.reversed().map { candidate in
    let decision = decisions[candidate.id] ?? .keep("not decided")
    return RetentionDecision(
      id: candidate.id, action: decision.isRemoval ? .remove : .keep, reason: decision.reason,
      bytes: decision.isRemoval ? use.remove(candidate.id) : use.own(candidate.id),
      files: candidate.isMissing ? 0 : candidate.files)
  }.reversed()
}

extension DiskUse {
  fileprivate init(_ candidates: [RetentionCandidate]) {
    self.init(candidates.filter { !$0.isMissing }.map { ($0.id, $0.bytes, $0.shared) })
  }
}

private struct RetentionPlanner {
  enum Decision {
    case keep(String)
    /// The release is retained only for its age, so it may be removed when space is short.
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

  /// Decides about one release. The releases must be passed newest first, since the count applies
  /// to the newest.
  mutating func decide(_ candidate: RetentionCandidate) -> Decision {
    let isReady = candidate.state == .ready && !candidate.isMissing
    if isReady { slotsTaken += 1 }
    let isNewestBroken = !sawBroken && candidate.isBroken
    if candidate.isBroken { sawBroken = true }
    if let always = candidate.alwaysKept { return .keep(always) }
    if candidate.isMissing { return .remove("its directory is missing") }
    if isReady && slotsTaken <= policy.count {
      return .keep("one of the newest \(policy.count)")
    }
    if candidate.isBroken {
      return decideBroken(candidate, isNewest: isNewestBroken)
    }
    return decideByAge(candidate)
  }

  private func decideBroken(_ candidate: RetentionCandidate, isNewest: Bool) -> Decision {
    let age = Int64(now.timeIntervalSince(candidate.badSince ?? candidate.created))
    if isNewest && policy.clockDoubt == nil && age < RetentionPolicy.inspectionTime {
      return .keepForAge("\(candidate.state.rawValue), retained for one day for inspection")
    }
    if isNewest, let doubt = policy.clockDoubt { return .keep(doubt) }
    return .remove("\(candidate.state.rawValue)")
  }

  private func decideByAge(_ candidate: RetentionCandidate) -> Decision {
    let limit = TimeSpan(seconds: policy.age)
    if policy.age == 0 { return .remove("not one of the newest \(policy.count)") }
    if let doubt = policy.clockDoubt { return .keep(doubt) }
    if age(candidate) < policy.age { return .keepForAge("younger than \(limit)") }
    return .remove("older than \(limit) and not one of the newest \(policy.count)")
  }

  private func age(_ candidate: RetentionCandidate) -> Int64 {
    Int64(now.timeIntervalSince(candidate.created))
  }

  /// Retains the newest ready release beside the live one, so that there is a rollback target.
  func keepOneRollbackTarget(
    _ newestFirst: [RetentionCandidate], _ decisions: inout [ReleaseID: Decision]
  ) {
    let targets = newestFirst.filter {
      $0.state == .ready && !$0.isLive && !$0.isMissing
    }
    let isOneKept = targets.contains { decisions[$0.id]?.isRemoval == false }
    guard !isOneKept, let newest = targets.first else { return }
    decisions[newest.id] = .keep("the only release to roll back to")
  }

  /// Removes releases that are retained for their age, oldest first, until there is enough space.
  func waiveAge(
    _ newestFirst: [RetentionCandidate], _ decisions: inout [ReleaseID: Decision],
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
    if isPrevious { return "rollback target" }
    if isPinned { return "pinned" }
    if state == .preparing { return "in preparation" }
    if isInUse { return "in use by a process" }
    if hasMount { return "contains a mount point" }
    return nil
  }
}
