package import FoundationEssentials
package import Text

/// The decision of the retention policy about a release, with a reason.
package struct RetentionDecision: Equatable, Sendable {
  /// Whether the release is retained.
  package enum Action: String, Sendable { case keep, remove }

  package let id: ReleaseID
  package let action: Action
  package let reason: Message
  /// How many bytes its removal frees, after the older releases have been removed.
  package let bytes: Int64
  /// How many inodes its removal frees.
  package let files: Int64

  /// Returns the decision for a release that could not be removed.
  package func retained(because reason: Message) -> RetentionDecision {
    RetentionDecision(id: id, action: .keep, reason: reason, bytes: bytes, files: files)
  }
}

/// The facts about a release that the retention policy depends on.
package struct RetentionCandidate: Equatable, Sendable {
  package let id: ReleaseID
  package let sequence: UInt64
  package let state: ReleaseState
  package let created: Date
  /// When it became bad; nil if that is unknown.
  package var badSince: Date?
  /// Whether a switch to it was confirmed once.
  package var wasLive = false
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
    wasLive: Bool = false, isLive: Bool = false, isPrevious: Bool = false, isPinned: Bool = false,
    isInUse: Bool = false,
    hasMount: Bool = false, isMissing: Bool = false, bytes: Int64 = 0,
    shared: [String: Int64] = [:], files: Int64 = 0
  ) {
    self.id = id
    self.sequence = sequence
    self.state = state
    self.created = created
    self.badSince = badSince
    self.wasLive = wasLive
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
  /// The free inodes; nil if the file system has no limit.
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
  package var clockDoubt: Message?

  package init(count: Int, age: Int64, clockDoubt: Message? = nil) {
    self.count = count
    self.age = age
    self.clockDoubt = clockDoubt
  }

  /// How long the newest failed release is retained for inspection, in seconds.
  static let inspectionTime: Int64 = 24 * 60 * 60
}
