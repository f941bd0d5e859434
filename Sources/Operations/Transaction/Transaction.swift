internal import Linux

/// The store's lock, held, with the journal in hand. Every command that changes the store goes
/// through this: lock, settle what was interrupted, then for each change intent, effects, done.
///
/// A switch flushes four things, and each of them is needed; the crash suite has seen what happens
/// without.
/// 1. The intent, before anything changes: recovery would else take new links for moved by hand.
/// 2. The content of the release's new catalog entry, before it takes the place of the old one.
/// 3. The directory of the links, before a hook lets the service rely on them.
/// 4. Done, before it is said to anybody.
///
/// The entry's new name in the catalog and the line in the history are not among them: until the
/// next change, recovery can make both again out of the journal's last entry. So they are flushed
/// before another entry takes its place; see ``catchUp()``. By then the file system has mostly
/// written them by itself.
package struct Transaction: ~Copyable {
  package let store: Store
  package let environment: Environment
  private var lock: LockFile
  /// What settling an interrupted command did, for people; empty when there was none.
  package private(set) var recovered: [String] = []
  /// Changes whose lines the history did not take, oldest first. The journal has the last of them
  /// until the next change.
  private var unwritten: [JournalEntry] = []
  /// It took them not for want of room, which ``end()`` may make.
  private var historyLacksRoom = false
  /// What follows from the journal's last entry is on the disk.
  private var hasCaughtUp = false
  /// See ``JournalEntry/mayPrepare``. Until recovery knows better, it may.
  var mayPrepare = true
  /// Names in `trash/` to empty once the lock is free.
  private var trash: [String] = []

  /// What recovery does about the activate hook.
  let hooks: RecoveryHooks

  /// Takes the lock and settles what an interrupted command left.
  ///
  /// - Parameters:
  ///   - seconds: how long to wait for the lock; then throws `locked`.
  ///   - hooks: what recovery does about the activate hook.
  /// - Throws: `locked`, any error of the recovery, and `interrupted` where the recovery needs a
  ///   hook that is refused.
  package static func begin(
    _ store: Store, _ environment: Environment, waitingUpTo seconds: Double,
    hooks: RecoveryHooks = .run
  ) throws(ReleasesError) -> Transaction {
    var transaction = Transaction(
      store: store, environment: environment,
      lock: try LockFile.take(store, waitingUpTo: seconds, environment), hooks: hooks)
    try transaction.recover()
    if !transaction.recovered.isEmpty { environment.watch(.recovered(transaction.recovered)) }
    return transaction
  }

  private init(
    store: Store, environment: Environment, lock: consuming LockFile, hooks: RecoveryHooks
  ) {
    self.store = store
    self.environment = environment
    self.lock = lock
    self.hooks = hooks
  }

  /// When the store was last changed, as the journal knows it.
  package var lastChange: JournalEntry? { lock.last }

  /// Lets others in, then unlinks what was removed.
  package consuming func end() {
    if historyLacksRoom { makeRoomForHistory() }
    let (store, trash, environment) = (self.store, self.trash, self.environment)
    drop(lock)
    store.emptyTrash(trash, environment)
  }

  /// On a full disk the history waits for what was removed to be unlinked, and the lock with it.
  private mutating func makeRoomForHistory() {
    let signals = Signals.holdTermination()
    defer { signals.release() }
    store.emptyTrash(trash, environment)
    trash = []
    do throws(ReleasesError) {
      try appendUnwritten()
    } catch {
      environment.warn("\(error.message): \(error.cause ?? "")")
    }
  }

  /// Remembers a name in `trash/` to be unlinked after the lock is free.
  mutating func discardLater(_ name: String) { trash.append(name) }

  mutating func report(_ line: String) { recovered.append(line) }

  func flushJournal() throws(ReleasesError) { try lock.flush() }

  // MARK: - Journal

  private mutating func write(_ entry: JournalEntry) throws(ReleasesError) {
    try catchUp()
    try lock.write(entry)
    if entry.phase == .done { hasCaughtUp = false }
  }

  /// Makes durable what follows from the journal's last entry, which can then be written over.
  private mutating func catchUp() throws(ReleasesError) {
    guard !hasCaughtUp else { return }
    do throws(ReleasesError) {
      try store.flushHistory()
    } catch {
      environment.warn("\(error.message): \(error.cause ?? "")")
    }
    if let last = lock.last, last.phase == .done {
      // Or that a preparation was cut off, which the next entry no longer makes anybody look for.
      let forgetsPreparations = last.mayPrepare != false && !mayPrepare
      if last.operation.isSwitch || forgetsPreparations { try store.flushCatalog() }
    }
    hasCaughtUp = true
  }

  // MARK: - Changes

  /// Carries out one change: makes the intent durable, runs the effects, makes the end durable.
  ///
  /// When the effects fail, all is put back and the failure thrown; when nobody can say what the
  /// disk holds, the intent stays for `recover` and `interrupted` is thrown.
  ///
  /// - Parameter effects: may strike `confirm` from the entry once there is nothing to confirm any
  ///   more: what fails after that is carried out all the same.
  @discardableResult
  mutating func perform(
    _ intent: Intent,
    _ effects: (_ entry: inout JournalEntry, _ transaction: inout Transaction)
      throws(ReleasesError) -> Effect
  ) throws(ReleasesError) -> JournalEntry {
    var entry = begun(intent, sequence: nextSequence)
    // A signal that would end the process waits until the change is whole.
    let signals = Signals.holdTermination()
    defer { signals.release() }
    do throws(ReleasesError) {
      try appendUnwritten()
    } catch let error where error.isWantOfRoom {
      // What makes room can't wait for room; `end` appends it then.
      historyLacksRoom = intent.operation == .remove
      if !historyLacksRoom { throw error }
    }
    // Not in what follows: where this fails nothing was begun, so nothing is interrupted.
    try catchUp()
    do throws(ReleasesError) {
      try write(entry)
    } catch let error where error.isLostWrite {
      throw interrupted(entry, error)
    }
    let effect: Effect
    do throws(ReleasesError) {
      effect = try effects(&entry, &self)
    } catch {
      return try settleFailure(of: entry, error)
    }
    do throws(ReleasesError) {
      switch effect {
      case .done(let last): return try close(entry, .done, after: last)
      case .ended(let outcome, let note, _): try close(entry, outcome, note: note)
      }
    } catch {
      // All is done but for saying so: recovery will find that out.
      throw interrupted(entry, error)
    }
    guard case .ended(_, _, let error?) = effect else { return entry }
    throw error
  }

  /// Appends the lines that the history did not take, unless they got there all the same.
  private mutating func appendUnwritten() throws(ReleasesError) {
    guard !unwritten.isEmpty else { return }
    try store.cutTornHistory()
    while let line = unwritten.first {
      if try store.historyEnd().sequence.map({ $0 < line.sequence }) ?? true {
        try store.appendHistory(line)
      }
      unwritten.removeFirst()
    }
    // The journal vouches for the last of them alone.
    try store.flushHistory()
  }

  /// Appends a line to the history, or leaves it to ``end()`` where the disk is full.
  mutating func appendHistory(_ entry: JournalEntry) throws(ReleasesError) {
    unwritten.append(entry)
    do throws(ReleasesError) {
      if unwritten.count > 1 {
        try appendUnwritten()
      } else {
        try store.appendHistory(entry)
        unwritten = []
      }
    } catch let error where error.isWantOfRoom {
      historyLacksRoom = true
    }
  }

  var nextSequence: UInt64 { (lock.last?.sequence ?? 0) + 1 }

  /// Writes DONE, then the history.
  ///
  /// - Parameter last: the highest sequence the change gave out.
  @discardableResult
  mutating func close(
    _ entry: JournalEntry, _ outcome: JournalEntry.Outcome, after last: UInt64? = nil,
    note: String? = nil
  ) throws(ReleasesError) -> JournalEntry {
    let done = entry.ended(
      outcome, sequence: max(last ?? 0, entry.sequence) + 1, at: environment.now(), note: note)
    try write(done)
    do throws(ReleasesError) {
      try appendHistory(done)
    } catch {
      environment.warn("\(error.message): \(error.cause ?? "")")
    }
    environment.log(done)
    return done
  }

  /// Writes an entry that describes what is, without a change of ours.
  @discardableResult
  mutating func note(
    _ intent: Intent, sequence: UInt64, note: String? = nil
  ) throws(ReleasesError) -> JournalEntry {
    try close(begun(intent, sequence: sequence - 1), .done, note: note)
  }

  private func begun(_ intent: Intent, sequence: UInt64) -> JournalEntry {
    var entry = intent.entry(sequence: sequence, environment)
    entry.mayPrepare = mayPrepare
    return entry
  }

  private mutating func settleFailure(
    of entry: JournalEntry, _ error: ReleasesError
  ) throws(ReleasesError) -> JournalEntry {
    if error.isLostWrite { throw interrupted(entry, error) }
    do throws(ReleasesError) {
      let facts = try store.recoveryFacts(entry)
      let isThere =
        entry.operation.isSwitch && entry.confirm != true && facts.links == entry.after
      try carryOut(recoverySteps(entry, facts, isThere ? .forward : .back), entry)
    } catch let second {
      throw interrupted(entry, second)
    }
    // Of an adoption only a part may have been carried out.
    guard let last = lock.last, last.outcome == .finished, entry.operation != .initialize else {
      throw error
    }
    environment.warn("\(error.message): \(error.cause ?? ""); carried out all the same")
    return last
  }

  private func interrupted(_ entry: JournalEntry, _ error: ReleasesError) -> ReleasesError {
    ReleasesError(
      .interrupted,
      "\(entry.operation.rawValue)\(entry.id.map { " of \($0)" } ?? "") was cut off: "
        + error.message,
      hint: "look at the disk (dmesg | tail), then: releases --store \(store.path) recover",
      cause: error.cause)
  }
}

private func drop(_ lock: consuming LockFile) {}

/// How the effects of a change ended, where they did not fail.
enum Effect: Sendable {
  /// All is as the intent says.
  ///
  /// - Parameter last: the highest sequence that was given out, where it is not the intent's own.
  case done(last: UInt64? = nil)
  /// They were carried out, and how they ended is to be told; the error is for the caller.
  case ended(JournalEntry.Outcome, note: String, ReleasesError?)
}

extension ReleasesError {
  /// The disk is full, and what it holds is known.
  var isWantOfRoom: Bool { code == .noSpace && !isLostWrite }
}

extension Store {
  /// Unlinks names in `trash/`.
  fileprivate func emptyTrash(_ names: [String], _ environment: Environment) {
    guard !names.isEmpty, let directory = try? controlDirectory(Layout.trash) else { return }
    for name in names {
      do throws(SystemError) {
        try directory.removeTree(name)
      } catch {
        environment.warn("\(name) stays in the trash until the next command: \(error)")
      }
    }
  }
}
