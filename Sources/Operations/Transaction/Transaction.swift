internal import Linux
package import ReleaseModel
package import ReleaseStore
package import Text

// The target Operations contains what the commands do. Each operation is a type that takes a store
// and an ``Environment`` and returns a result: ``Publisher``, ``Preparer``, ``Switcher``,
// ``Deployer``, ``Pruner``, ``Initializer`` and others. It never prints, never parses a command line,
// and leaves every decision to the plans of ReleaseModel. Begin with ``Switcher``, then read
// ``Transaction`` and ``Recovery``.

/// The held lock of a store, with the journal. Every command that changes a store uses a transaction:
/// it takes the lock, recovers what was interrupted, and for each change makes the intent durable, runs
/// the effects, and makes the end durable.
///
/// A switch flushes four things. Each flush is necessary; the crash suite shows what happens without
/// it.
/// 1. The intent, before anything changes: without it, recovery would take the new links for links
///    that were moved by hand.
/// 2. The content of the new catalog entry, before it replaces the old one.
/// 3. The directory of the links, before a hook lets the service rely on them.
/// 4. The end, before it is reported.
///
/// The new name of the catalog entry and the line in the history are not flushed at once: until the
/// next change, recovery can restore both from the last entry of the journal. They are flushed
/// before another entry replaces it; see ``catchUp()``.
package struct Transaction: ~Copyable {
  package let store: Store
  package let environment: Environment
  /// What recovery does about the activate hook.
  let hooks: RecoveryHooks
  private var lock: LockFile
  /// What the recovery of an interrupted command did, one line each.
  package private(set) var recovered: [Message] = []
  /// The complete changes whose lines are not in the history yet, oldest first. The journal has the
  /// last one until the next change.
  private var unwritten: [JournalEntry] = []
  /// Whether the history was out of space, and ``finish()`` may free some.
  var historyLacksSpace = false
  /// Whether everything that follows from the last entry of the journal is durable.
  private var hasCaughtUp = false
  /// Whether the catalog may have a release in preparation; see ``JournalEntry/mayPrepare``. It is
  /// true until recovery has determined it.
  var mayPrepare = true
  /// The instances that drain, which every entry of the journal records.
  var draining: InstanceDrains?
  /// The releases among them that this process lets drain when the lock has been released.
  var awaitedDrains: [ReleaseID] = []
  /// What is in the trash, to be removed when the lock has been released.
  private var trash: [TrashedItem] = []
  /// What remains of releases whose files were removed before the lock is released.
  private var remains: [ReleaseRemains] = []

  private init(
    store: Store, environment: Environment, lock: consuming LockFile, hooks: RecoveryHooks
  ) {
    self.store = store
    self.environment = environment
    self.lock = lock
    self.hooks = hooks
  }

  /// Takes the lock and recovers what an interrupted command left.
  ///
  /// - Throws: `locked` when another process holds the lock for longer than `seconds`, `interrupted`
  ///   when recovery needs a hook that is refused, and every error of the recovery.
  fileprivate static func begin(
    _ store: Store, _ environment: Environment, waitingUpTo seconds: Double, hooks: RecoveryHooks
  ) throws(ReleasesError) -> Transaction {
    let lock = try LockFile.take(
      store, waitingUpTo: seconds, bootID: environment.actor.bootID,
      waiting: { environment.observer.step(.waiting($0)) })
    var transaction = Transaction(
      store: store, environment: environment, lock: lock, hooks: hooks)
    try Recovery.run(&transaction)
    if !transaction.recovered.isEmpty {
      environment.observer.step(.recovered(transaction.recovered))
    }
    return transaction
  }

  /// The last entry of the journal; nil when neither slot is valid.
  var lastEntry: JournalEntry? { lock.last }

  /// The sequence of the next entry.
  var nextSequence: UInt64 { (lock.last?.sequence ?? 0) + 1 }

  /// Releases the lock, then removes what is in the trash.
  ///
  /// - Returns: what remains of removed releases.
  fileprivate consuming func finish() -> [ReleaseRemains] {
    if historyLacksSpace { freeSpaceForHistory() }
    let (store, trash, environment) = (self.store, self.trash, self.environment)
    let remains = self.remains
    drop(lock)
    return remains + Trash(store: store).remove(trash, environment.observer)
  }

  /// Removes what is in the trash before the lock is released, since the history waits for space.
  private mutating func freeSpaceForHistory() {
    let signals = Signals.holdTermination()
    defer { signals.release() }
    remains += Trash(store: store).remove(trash, environment.observer)
    trash = []
    do throws(ReleasesError) {
      try appendUnwritten()
    } catch {
      warn(error)
    }
  }

  /// Remembers something in the trash to be removed when the lock has been released.
  mutating func removeLater(_ item: TrashedItem) { trash.append(item) }

  /// Adds a line to what the recovery did.
  mutating func reportRecovery(_ line: Message) { recovered.append(line) }

  /// Tells the observer about a failure that does not stop the command.
  ///
  /// - Parameters:
  ///   - error: the failure.
  ///   - outcome: how the command continued; nil to leave that out.
  func warn(_ error: ReleasesError, outcome: String? = nil) {
    environment.observer.warn(Notice(outcome.map { "\(error.line); \($0)" } ?? error.line))
  }
}

private func drop(_ lock: consuming LockFile) {}

/// Runs a change of a store: takes the lock, recovers what was interrupted, runs `body`, and releases
/// the lock whether it succeeds or not. Then it waits for the old instances that drain since a recovery,
/// and stops them.
///
/// - Parameters:
///   - store: the store.
///   - environment: what is taken from outside the store.
///   - seconds: how long to wait for the lock.
///   - hooks: what recovery does about the activate hook.
///   - notRemoved: receives what remains of the releases that `body` has removed. It is called after
///     the change, and only if something remains.
///   - body: the change.
/// - Returns: what `body` returns.
/// - Throws: `locked`, `interrupted` when recovery needs a hook that is refused, every error of the
///   recovery, and what `body` throws.
@discardableResult
package func withTransaction<Result>(
  on store: Store, _ environment: Environment, waitingUpTo seconds: Double,
  hooks: RecoveryHooks = .run, notRemoved: ([ReleaseRemains]) -> Void = { _ in },
  _ body: (inout Transaction) throws(ReleasesError) -> Result
) throws(ReleasesError) -> Result {
  var transaction = try Transaction.begin(store, environment, waitingUpTo: seconds, hooks: hooks)
  let outcome: Swift.Result<Result, ReleasesError>
  do throws(ReleasesError) {
    outcome = .success(try body(&transaction))
  } catch {
    outcome = .failure(error)
  }
  var draining = Draining(takenFrom: &transaction)
  draining?.lockTime = seconds
  let remains = transaction.finish()
  if !remains.isEmpty { notRemoved(remains) }
  draining?.run()
  return try outcome.get()
}

// MARK: - Journal and history

extension Transaction {
  /// Writes an entry to the journal, once what follows from the last one is durable.
  ///
  /// - Throws: an error when it can't be written, or the flush before it fails.
  mutating func write(_ entry: JournalEntry) throws(ReleasesError) {
    try catchUp()
    try lock.write(entry)
    if entry.phase == .done { hasCaughtUp = false }
  }

  /// Makes durable what another process wrote to the journal.
  ///
  /// - Throws: an error with ``ReleasesError/isLostWrite`` when the flush fails.
  func flushJournal() throws(ReleasesError) { try lock.flush() }

  /// Makes durable what follows from the last entry of the journal, which can then be replaced.
  ///
  /// - Throws: an error with ``ReleasesError/isLostWrite`` when the flush of the catalog fails.
  mutating func catchUp() throws(ReleasesError) {
    guard !hasCaughtUp else { return }
    do throws(ReleasesError) {
      try store.history.flush()
    } catch {
      warn(error)
    }
    if let last = lock.last, last.phase == .done {
      // The next entry may say that no release is in preparation; then recovery no longer looks for
      // interrupted preparations, so the catalog must be durable.
      let forgetsPreparations = last.mayPrepare != false && !mayPrepare
      if last.operation.isSwitch || forgetsPreparations { try store.catalog.flush() }
    }
    hasCaughtUp = true
  }

  /// Appends the lines that the history does not have yet.
  ///
  /// - Throws: an error when the history can't be read, written or flushed.
  mutating func appendUnwritten() throws(ReleasesError) {
    guard !unwritten.isEmpty else { return }
    try store.history.cutTornLine()
    while let line = unwritten.first {
      if try store.history.end().sequence.map({ $0 < line.sequence }) ?? true {
        try store.history.append(line)
      }
      unwritten.removeFirst()
    }
    // The journal has only the last of them.
    try store.history.flush()
  }

  /// Appends a line to the history, or leaves it to ``finish()`` when the disk is full.
  ///
  /// - Throws: an error when the history can't be written.
  mutating func appendHistory(_ entry: JournalEntry) throws(ReleasesError) {
    unwritten.append(entry)
    HistoryRotation(store: store, environment: environment).runIfDue()
    do throws(ReleasesError) {
      if unwritten.count > 1 {
        try appendUnwritten()
      } else {
        // The next change flushes it; see ``catchUp()``.
        try store.history.append(entry)
        unwritten = []
      }
    } catch let error where error.isOutOfSpace {
      historyLacksSpace = true
    }
  }

  /// Makes the end of a change durable, and appends it to the history.
  ///
  /// - Parameters:
  ///   - entry: the intent.
  ///   - outcome: how the change ended.
  ///   - last: the highest sequence that the change used; nil for that of the intent.
  ///   - note: a note for the history; nil for none.
  /// - Returns: the entry of the end.
  /// - Throws: an error when the journal can't be written.
  @discardableResult
  mutating func complete(
    _ entry: JournalEntry, _ outcome: JournalEntry.Outcome, after last: UInt64? = nil,
    note: Message? = nil
  ) throws(ReleasesError) -> JournalEntry {
    var done = entry.ended(
      outcome, sequence: max(last ?? 0, entry.sequence) + 1, at: environment.actor.now(),
      note: note)
    done.draining = draining
    try write(done)
    do throws(ReleasesError) {
      try appendHistory(done)
    } catch {
      warn(error)
    }
    environment.observer.transaction(done)
    return done
  }

  /// Records a fact that needs no change of the store.
  ///
  /// - Parameters:
  ///   - intent: the fact.
  ///   - sequence: the sequence of the entry.
  ///   - note: a note for the history; nil for none.
  /// - Returns: the entry.
  /// - Throws: an error when the journal can't be written.
  @discardableResult
  mutating func record(
    _ intent: Intent, sequence: UInt64, note: Message? = nil
  ) throws(ReleasesError) -> JournalEntry {
    try complete(begin(intent, sequence: sequence - 1), .done, note: note)
  }

  /// Returns the journal entry with which a change begins.
  func begin(_ intent: Intent, sequence: UInt64) -> JournalEntry {
    var entry = intent.entry(sequence: sequence, environment.actor)
    entry.mayPrepare = mayPrepare
    entry.draining = draining
    return entry
  }
}
