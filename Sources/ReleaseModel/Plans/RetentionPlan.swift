package import FoundationEssentials
internal import Text

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
  // The only rollback target must not be removed, even if space is short.
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
    case keep(Message)
    /// The release is retained only for its age, so it may be removed when space is short.
    case keepForAge(Message)
    case remove(Message)

    var isRemoval: Bool { if case .remove = self { true } else { false } }
    var reason: Message {
      switch self {
      case .keep(let reason), .keepForAge(let reason), .remove(let reason): reason
      }
    }
  }

  let policy: RetentionPolicy
  let now: Date
  private var slotsTaken = 0
  private var slotsTakenByLive = 0
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
    if isReady && candidate.wasLive { slotsTakenByLive += 1 }
    let isNewestBroken = !sawBroken && candidate.isBroken
    if candidate.isBroken { sawBroken = true }
    if let always = candidate.alwaysKept { return .keep(always) }
    if candidate.isMissing { return .remove("its directory is missing") }
    if isReady && slotsTaken <= policy.count {
      return .keep("one of the newest \(policy.count)")
    }
    // Releases that were only published do not push out those that have worked.
    if isReady && candidate.wasLive && slotsTakenByLive <= policy.count {
      return .keep("one of the newest \(policy.count) that were live")
    }
    if candidate.isBroken {
      let decision = decideBroken(candidate, isNewest: isNewestBroken)
      // A release that has worked is not worthless because a rollback has left it.
      let hasWorked = candidate.state == .bad && candidate.wasLive
      return hasWorked && decision.isRemoval ? decideByAge(candidate) : decision
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
    if policy.age == 0 { return .remove(whyNotCounted(candidate)) }
    if let doubt = policy.clockDoubt { return .keep(doubt) }
    if age(candidate) < policy.age { return .keepForAge("younger than \(limit)") }
    return .remove("older than \(limit) and \(whyNotCounted(candidate))")
  }

  /// Why the number of releases to retain does not include a release.
  private func whyNotCounted(_ candidate: RetentionCandidate) -> Message {
    guard candidate.state == .ready else {
      return
        "\(candidate.state.rawValue); only the newest \(policy.count) ready releases are retained"
    }
    return "not one of the newest \(policy.count)"
  }

  private func age(_ candidate: RetentionCandidate) -> Int64 {
    Int64(now.timeIntervalSince(max(candidate.created, candidate.badSince ?? candidate.created)))
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

  fileprivate var alwaysKept: Message? {
    if isLive { return "live" }
    if isPrevious { return "rollback target" }
    if isPinned { return "pinned" }
    if state == .preparing { return "in preparation" }
    if isInUse { return "in use by a process" }
    if hasMount { return "contains a mount point" }
    return nil
  }
}
