internal import Linux
internal import ReleaseModel
internal import ReleaseStore
internal import Text

/// How the effects of a change ended, unless they failed.
enum Effect: Sendable {
  /// Everything is as the intent says.
  ///
  /// - Parameter last: the highest sequence that was used, if it is not the intent's own.
  case done(last: UInt64? = nil)
  /// The effects ran, and ended in a way that the journal records; the error is for the caller.
  case ended(JournalEntry.Outcome, note: Message, ReleasesError?)
}

extension Transaction {
  /// Performs one change: makes the intent durable, runs the effects, makes the end durable.
  ///
  /// When the effects fail, everything is restored. When it is unknown what the disk holds, the
  /// intent is kept for recovery.
  ///
  /// - Parameters:
  ///   - intent: what the change will do.
  ///   - effects: the change. It may clear `confirm` in the entry once the switch is confirmed; the
  ///     change is then finished even if a later effect fails.
  /// - Returns: the last entry of the change.
  /// - Throws: the error of the effects, or `interrupted` when the intent is kept.
  @discardableResult
  mutating func perform(
    _ intent: Intent,
    _ effects: (_ entry: inout JournalEntry, _ transaction: inout Transaction)
      throws(ReleasesError) -> Effect
  ) throws(ReleasesError) -> JournalEntry {
    var entry = begin(intent, sequence: nextSequence)
    // A signal that would end the process waits until the change is complete.
    let signals = Signals.holdTermination()
    defer { signals.release() }
    try makeDurable(&entry, isRemoval: intent.operation == .remove)
    let effect: Effect
    do throws(ReleasesError) {
      effect = try effects(&entry, &self)
    } catch {
      return try undo(entry, error)
    }
    do throws(ReleasesError) {
      switch effect {
      case .done(let last): return try complete(entry, .done, after: last)
      case .ended(let outcome, let note, _): try complete(entry, outcome, note: note)
      }
    } catch {
      // Only the end is not recorded; recovery will find out that the change is complete.
      throw ReleasesError(interrupted: entry, error)
    }
    guard case .ended(_, _, let error?) = effect else { return entry }
    throw error
  }

  private mutating func makeDurable(
    _ intent: inout JournalEntry, isRemoval: Bool
  ) throws(ReleasesError) {
    do throws(ReleasesError) {
      try appendUnwritten()
    } catch let error where error.isOutOfSpace {
      // A removal frees space, so it can't wait for space: `finish` appends the line then.
      historyLacksSpace = isRemoval
      if !historyLacksSpace { throw error }
    }
    // If this fails, nothing has been changed, so nothing is interrupted.
    try catchUp()
    do throws(ReleasesError) {
      try write(intent)
    } catch let error where error.isLostWrite {
      throw ReleasesError(interrupted: intent, error)
    }
  }

  /// Restores everything after an effect has failed.
  ///
  /// - Throws: the error of the effect, or `interrupted` when something can't be restored.
  private mutating func undo(
    _ entry: JournalEntry, _ error: ReleasesError
  ) throws(ReleasesError) -> JournalEntry {
    if error.isLostWrite { throw ReleasesError(interrupted: entry, error) }
    do throws(ReleasesError) {
      let facts = try RecoveryFacts(for: entry, in: store, environment)
      let isSwitched =
        entry.operation.isSwitch && entry.confirm != true && facts.links == entry.after
      let steps = recoverySteps(entry, facts, isSwitched ? .forward : .back)
      try Recovery.execute(steps, entry, &self)
    } catch let second {
      throw ReleasesError(interrupted: entry, second)
    }
    // An adoption may be incomplete.
    guard let last = lastEntry, last.outcome == .finished, entry.operation != .initialize else {
      throw error
    }
    warn(error, outcome: "the change was finished anyway")
    return last
  }
}

extension ReleasesError {
  /// Makes the error for a change whose outcome recovery must determine.
  fileprivate init(interrupted entry: JournalEntry, _ error: ReleasesError) {
    self.init(
      .interrupted,
      "\(entry.operation.rawValue)\(entry.id.map { " of \($0)" } ?? "") was interrupted: "
        + error.message,
      hint: Hint("check the disk and the kernel log, then", command: ["recover"]),
      cause: error.cause)
  }
}
