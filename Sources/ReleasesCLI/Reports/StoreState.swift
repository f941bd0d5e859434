internal import Linux
internal import Operations
internal import ReleaseModel
internal import ReleaseStore

/// The facts that the files of a store contain at one moment.
struct StoreState: Sendable {
  let store: Store
  let snapshot: Snapshot
  /// The last entry of the journal; nil when it can't be read.
  let journal: JournalEntry?
  let space: FileSystemFacts
  /// Whether a transaction has begun and its process still runs.
  let isRunning: Bool

  /// Reads the store. The journal comes first: if a switch moves the links at the same time, they
  /// are at worst newer than the journal.
  ///
  /// - Throws: an error when the store can't be read.
  init(_ store: Store, _ actor: Actor) throws(ReleasesError) {
    self.store = store
    journal = try store.journal.last()
    snapshot = try store.snapshot()
    space = try store.space()
    isRunning =
      journal.map { $0.phase == .intent && $0.writerIsAlive(bootID: actor.bootID) } ?? false
  }

  /// Whether a switch is waiting to be confirmed.
  var isSwitching: Bool { isRunning && journal?.awaitsConfirmation == true }

  /// Returns what the service runs and whether the live release is healthy.
  func liveState(_ environment: Environment) -> LiveState {
    LiveState(of: snapshot.live, in: store, isSwitching: isSwitching, environment)
  }
}
