package import FoundationEssentials
package import Text

/// Everything that decides what needs attention in a store, read at one moment without the lock.
///
/// `status`, `list`, `check`, `metrics` and the page take their findings from these facts alone; see
/// ``storeFindings(_:)``, so that they agree with each other and with what the next command does.
package struct StoreFacts: Sendable {
  /// The path of the store, for messages.
  package let path: String
  package var snapshot: Snapshot
  package var journal: JournalFacts
  /// How to move away what has the name of the journal and is not a file; nil when nothing does.
  package var misplacedJournalHint: Hint?
  /// What recovery will do about an interrupted transaction; nil when there is none, or it can't be
  /// found out.
  package var recovery: PendingRecovery?
  /// How far the confirmation of the last switch or restart has come; nil when nothing records it.
  package var progress: ConfirmationProgress?
  /// Whether the process that wrote that progress still runs.
  package var isProgressWriterAlive = false
  /// What the same check says about the live release; nil when it was not made.
  package var liveCheck: RollbackCheck?
  /// The releases that a rollback would check, in its order, up to the first that it would accept.
  package var rollbackChecks: [RollbackCheck] = []
  /// When nothing is live: the other releases that `activate` would check, newest first, up to the first
  /// that it would accept.
  package var activationChecks: [RollbackCheck] = []
  /// The directories in `releases/` without a catalog entry that `init` would adopt.
  package var adoptable: [ReleaseID] = []
  /// How to make a release of the directory that `current` points to; nil when it points to a release
  /// or to nothing.
  package var foreignCurrentHint: Hint?
  /// What is in the trash; nil when this user may not list it.
  package var trash: [TrashFacts]?
  /// The stages; nil when this user may not list them.
  package var stages: [StageFacts]?
  /// The shared paths of the configuration that a release can't use.
  package var brokenSharedPaths: [SharedPathFacts] = []
  /// Why a switch to a release would be refused, since other users can change it.
  package var unsafeReleases: [(id: ReleaseID, error: ReleasesError)] = []
  /// Why every switch would be refused, since other users can put another directory in place of the
  /// store.
  package var directoryError: ReleasesError?
  /// Why the owner of the store can't change parts of it, since they belong to another user.
  package var partsError: ReleasesError?
  /// How to make a link of what has the name of `current` or `previous` and is none, by that name.
  package var notALinkHints: [String: Hint] = [:]
  /// Why the configuration, or a program that it names, would stop the next switch.
  package var switchErrors: [ReleasesError] = []
  /// Why a program that the configuration names can't run, although no switch needs it.
  package var programErrors: [ReleasesError] = []
  /// Whether a command can change the store at all.
  package var medium = Medium.usable
  /// Whether this process acts for the owner of the store. Others can't find out everything.
  package var isForOwner = true
  /// The prefix of a command that only root may run; empty if this process is root.
  package var asRoot = "sudo "
  /// The key of the configuration that reserves more than the file system has, and what it has; nil
  /// when there is none.
  package var unreachableReserve: UnreachableReserve?
  /// What may be meant as the configuration and is not read.
  package var configurationNotices: [Notice] = []
  /// The instances of the service; nil if it has none, or a switch began while they were read.
  package var instances: InstanceOverview?
  /// Whether archives are rejected without a signature.
  package var requiresSignature = false
  package let now: Date

  package init(path: String, snapshot: Snapshot, journal: JournalFacts, now: Date) {
    self.path = path
    self.snapshot = snapshot
    self.journal = journal
    self.now = now
  }

  /// The switch that waits for its hook or its health check; nil when there is none.
  package var unconfirmedSwitch: JournalEntry? {
    guard case .entry(let entry, isWriterAlive: true) = journal, entry.awaitsConfirmation else {
      return nil
    }
    return entry
  }

  /// How far the confirmation of the running switch or restart has come; nil when that is unknown.
  /// What a killed command left is not about this switch.
  package var currentProgress: ConfirmationProgress? {
    guard let entry = unconfirmedSwitch else { return runningRestart }
    guard let progress, progress.sequence == entry.sequence, progress.operation != .restart else {
      return nil
    }
    return progress
  }

  /// The release that is live although its switch is not confirmed; nil when there is none. The instance
  /// of a release is healthy before the release is live.
  package var unconfirmedRelease: ReleaseID? {
    guard let entry = unconfirmedSwitch, entry.instances == nil, let id = entry.id,
      snapshot.live == id
    else { return nil }
    return id
  }
}

/// Whether the file system of a store takes changes.
package enum Medium: Equatable, Sendable {
  case usable, readOnly
  /// There is no space for a transaction. The text is what is left, with its unit.
  case full(String)
}

/// A reserve of free space that is larger than the file system, so that no unpack can preserve it.
package struct UnreachableReserve: Equatable, Sendable {
  /// The key of the configuration, such as `keep.min-free`.
  package let key: String
  /// What the key demands, with its unit.
  package let demanded: String
  /// What the file system has in total, with its unit.
  package let total: String

  package init(key: String, demanded: String, total: String) {
    (self.key, self.demanded, self.total) = (key, demanded, total)
  }
}

/// What the journal says.
package enum JournalFacts: Sendable {
  /// The last entry, and whether the process that wrote it still runs.
  case entry(JournalEntry, isWriterAlive: Bool)
  /// The journal is missing or corrupt.
  case lost
  /// This user may not read the journal.
  case unreadable

  /// The last entry; nil when there is none or it can't be read.
  package var entry: JournalEntry? {
    if case .entry(let entry, _) = self { entry } else { nil }
  }

  /// Whether a transaction has begun and its process still runs.
  package var isRunning: Bool {
    if case .entry(let entry, isWriterAlive: true) = self { entry.phase == .intent } else { false }
  }

  /// Whether a transaction has begun and its process no longer runs.
  package var isInterrupted: Bool {
    if case .entry(let entry, isWriterAlive: false) = self { entry.phase == .intent } else { false }
  }
}

/// What the quick check of a rollback says about a release.
package struct RollbackCheck: Equatable, Sendable {
  package enum Result: Equatable, Sendable {
    /// A rollback accepts the release.
    case whole
    /// A rollback refuses the release. The text says why.
    case notWhole(Message)
    /// The owner of the store can't read the release, so a rollback refuses it. The text says why.
    case unreadable(Message, Hint)
    /// This user can't find out. The text says why.
    case unknown(Message)
  }

  package let id: ReleaseID
  package let result: Result
  /// The code of the error with which a rollback refuses the release.
  package let refusal: ReleasesError.Code
  /// What makes the release acceptable; nil when that is not one command.
  package let hint: Hint?

  package init(
    id: ReleaseID, result: Result, refusal: ReleasesError.Code = .modified, hint: Hint? = nil
  ) {
    self.id = id
    self.result = result
    self.refusal = refusal
    self.hint = hint
  }
}

/// A name in the trash.
package struct TrashFacts: Equatable, Sendable {
  package let name: String
  /// What keeps the store's owner from removing it, as far as permissions show; nil for nothing.
  package let obstacle: Message?

  package init(name: String, obstacle: Message? = nil) {
    self.name = name
    self.obstacle = obstacle
  }
}

/// A directory in `staging/`.
package struct StageFacts: Equatable, Sendable {
  package let name: String
  /// Whether the process that writes it still runs.
  package let isRunning: Bool
  /// When something was last added to it or removed from it.
  package let since: Date
  /// The process that writes it; nil when it is not visible.
  package let pid: Int32?
  /// The process that holds the lock of the store, for which the finalized stage waits; nil when the stage
  /// is not finalized, or does not wait.
  package let awaitedHolder: String?

  package init(
    name: String, isRunning: Bool, since: Date, pid: Int32? = nil, awaitedHolder: String? = nil
  ) {
    self.name = name
    self.isRunning = isRunning
    self.since = since
    self.pid = pid
    self.awaitedHolder = awaitedHolder
  }
}

/// A shared path of the configuration that a release can't use.
package struct SharedPathFacts: Sendable {
  package enum Problem: Equatable, Sendable {
    case missing
    /// It is, or lies behind, a symbolic link that points to nothing.
    case dangling
    /// Something of another kind has its name, or that of one of its directories.
    case wrongKind
    /// Other users can change it.
    case unsafeOwner
  }

  package let problem: Problem
  /// The error with which a switch is refused.
  package let error: ReleasesError

  package init(_ problem: Problem, _ error: ReleasesError) {
    self.problem = problem
    self.error = error
  }
}
