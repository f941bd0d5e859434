internal import Linux

/// The store's lock, held, with the journal in hand. Every command that changes the store goes
/// through this: lock, settle what was interrupted, then for each change intent, effects, done.
package struct Transaction: ~Copyable {
  package let store: Store
  package let environment: Environment
  private var lock: LockFile
  /// What settling an interrupted command did, for people; empty when there was none.
  package private(set) var recovered: [String] = []
  /// A change whose line the history did not take. The journal has it until the next change.
  private var unwritten: JournalEntry?
  /// Names in `trash/` to empty once the lock is free.
  private var trash: [String] = []

  /// Takes the lock and settles what an interrupted command left.
  ///
  /// - Parameter seconds: how long to wait for the lock; then throws `locked`.
  package static func begin(
    _ store: Store, _ environment: Environment, waitingUpTo seconds: Double
  ) throws(ReleasesError) -> Transaction {
    var transaction = Transaction(
      store: store, environment: environment,
      lock: try LockFile.take(store, waitingUpTo: seconds, bootID: environment.bootID))
    try transaction.recover()
    return transaction
  }

  private init(store: Store, environment: Environment, lock: consuming LockFile) {
    self.store = store
    self.environment = environment
    self.lock = lock
  }

  /// When the store was last changed, as the journal knows it.
  package var lastChange: JournalEntry? { lock.last }

  /// Lets others in, then unlinks what was removed.
  package consuming func end() {
    let (store, trash, environment) = (self.store, self.trash, self.environment)
    drop(lock)
    guard !trash.isEmpty, let directory = try? store.controlDirectory(Layout.trash) else { return }
    for name in trash {
      do throws(SystemError) {
        try directory.removeTree(name)
      } catch {
        environment.warn("\(name) stays in the trash until the next command: \(error)")
      }
    }
  }

  /// Remembers a name in `trash/` to be unlinked after the lock is free.
  mutating func discardLater(_ name: String) { trash.append(name) }

  mutating func report(_ line: String) { recovered.append(line) }

  // MARK: - Changes

  /// Carries out one change: makes the intent durable, runs the effects, makes the end durable.
  ///
  /// When the effects fail, all is put back and the failure thrown; when nobody can say what the
  /// disk holds, the intent stays for `recover` and `interrupted` is thrown.
  @discardableResult
  mutating func perform(
    _ intent: Intent,
    _ effects: (_ entry: JournalEntry, _ transaction: inout Transaction) throws(ReleasesError)
      -> UInt64?
  ) throws(ReleasesError) -> JournalEntry {
    let entry = intent.entry(sequence: nextSequence, environment)
    // A signal that would end the process waits until the change is whole.
    let signals = Signals.holdTermination()
    defer { signals.release() }
    try appendUnwritten()
    do throws(ReleasesError) {
      try lock.write(entry)
    } catch let error where error.isLostWrite {
      throw interrupted(entry, error)
    }
    let last: UInt64
    do throws(ReleasesError) {
      last = try effects(entry, &self) ?? entry.sequence
    } catch {
      return try settleFailure(of: entry, error)
    }
    do throws(ReleasesError) {
      return try close(entry, .done, after: last)
    } catch {
      // All is done but for saying so: recovery will find that out.
      throw interrupted(entry, error)
    }
  }

  /// Appends the line that the history did not take, unless it got there all the same.
  private mutating func appendUnwritten() throws(ReleasesError) {
    guard let line = unwritten else { return }
    try store.cutTornHistory()
    if try store.historyEnd().sequence.map({ $0 < line.sequence }) ?? true {
      try store.appendHistory(line)
    }
    unwritten = nil
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
    try lock.write(done)
    do throws(ReleasesError) {
      try store.appendHistory(done)
    } catch {
      unwritten = done
      environment.warn("\(error.message): \(error.cause ?? "")")
    }
    return done
  }

  /// Writes an entry that describes what is, without a change of ours.
  @discardableResult
  mutating func note(
    _ intent: Intent, sequence: UInt64, note: String? = nil
  ) throws(ReleasesError) -> JournalEntry {
    let entry = intent.entry(sequence: sequence - 1, environment)
    return try close(entry, .done, note: note)
  }

  private mutating func settleFailure(
    of entry: JournalEntry, _ error: ReleasesError
  ) throws(ReleasesError) -> JournalEntry {
    if error.isLostWrite { throw interrupted(entry, error) }
    do throws(ReleasesError) {
      let facts = try store.recoveryFacts(entry)
      let isThere = entry.operation.isSwitch && facts.links == entry.after
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
