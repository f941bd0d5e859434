internal import Linux
package import ReleaseModel
package import ReleaseStore
package import Text

/// Aborts the switch that waits to be confirmed: `abort`.
package struct Aborter {
  let store: Store
  let actor: Actor

  package init(_ store: Store, _ actor: Actor) {
    self.store = store
    self.actor = actor
  }

  /// Returns the journal entry of the switch that waits to be confirmed.
  ///
  /// - Throws: `nothingToAbort` when there is none, `permission` when this user may not read the
  ///   journal.
  package func unconfirmedSwitch() throws(ReleasesError) -> JournalEntry {
    try store.journal.refuseUnlessReadable()
    guard let entry = try store.journal.last(), entry.awaitsConfirmation else {
      throw ReleasesError(
        .nothingToAbort, "no switch is waiting to be confirmed",
        hint: Hint("see what is live", command: ["status"]))
    }
    guard entry.writerIsAlive(bootID: actor.bootID) else {
      throw ReleasesError(
        .nothingToAbort,
        "the \(entry.operation.rawValue) by \(verbatim: entry.user) was interrupted and is no longer running",
        hint: Hint("recover now", command: ["recover"]))
    }
    return entry
  }

  /// Asks the switch that waits to be confirmed to roll back.
  ///
  /// - Parameter reason: the reason for the journal; nil for none.
  /// - Returns: its journal entry.
  /// - Throws: `nothingToAbort` when there is none, another error when the request can't be written.
  package func request(reason: Message?) throws(ReleasesError) -> JournalEntry {
    let entry = try unconfirmedSwitch()
    // The file is read up to a few kilobytes.
    let reason = reason.map {
      Message(verbatim: JournalText.truncated($0, to: JournalText.reason))
    }
    try store.abortFile.write(
      AbortRequest(
        sequence: entry.sequence, user: actor.user, reason: reason, requested: actor.now()))
    return entry
  }

  /// Waits for the end of a switch that was asked to roll back.
  ///
  /// - Parameters:
  ///   - entry: the journal entry of the switch.
  ///   - seconds: how long to wait.
  /// - Returns: the journal entry of its end; nil when it takes longer.
  /// - Throws: an error when the journal or the history can't be read.
  package func waitForEnd(
    of entry: JournalEntry, upTo seconds: Double
  ) throws(ReleasesError) -> JournalEntry? {
    let deadline = Clock.monotonicSeconds() + seconds
    repeat {
      if let last = try store.journal.last(), last.sequence > entry.sequence {
        if last.phase == .done, last.started == entry.started { return last }
        // Another command has started since, so the end is in the history.
        var end: JournalEntry?
        try store.history.visitNewestFirst {
          if $0.sequence > entry.sequence, $0.started == entry.started { end = $0 }
          return end == nil && $0.sequence > entry.sequence
        }
        return end
      }
      Clock.sleep(seconds: 0.05)
    } while Clock.monotonicSeconds() < deadline
    return nil
  }
}
