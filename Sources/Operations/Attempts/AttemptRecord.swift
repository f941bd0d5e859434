internal import Linux
package import ReleaseModel
package import ReleaseStore
internal import Synchronization

/// The record of an attempt that is under way. While this object lives, `wait` sees that its process is
/// at work. A signal that ends the process is recorded as well.
package final class AttemptRecord: Sendable {
  private let store: Store
  private let actor: Actor
  private let file: AttemptFile
  private let attempt: Mutex<Attempt>
  private let cleanup = Mutex<Signals.Cleanup?>(nil)

  /// Records that an attempt begins. An earlier attempt with the same token is replaced if it has
  /// neither published nor switched.
  ///
  /// - Parameters:
  ///   - token: the name of the attempt.
  ///   - command: the command that makes it.
  ///   - ref: the ref that the archive was built from.
  ///   - store: the store.
  ///   - actor: who makes the attempt, and when.
  /// - Throws: `requestTaken` when the token can't be used, another error when the record can't be
  ///   written.
  package init(
    _ token: AttemptToken, command: String, ref: String?, in store: Store, _ actor: Actor
  ) throws(ReleasesError) {
    let attempt = Attempt(token, command: command, ref: ref, actor)
    // Otherwise a signal that comes in between would leave a record without an outcome.
    let signals = Signals.holdTerminationForCleanup()
    defer { signals.release() }
    file = try store.attempts.begin(attempt) { earlier throws(ReleasesError) in
      try InterruptedAttempt(earlier, in: store).isRepeatable
    }
    self.attempt = Mutex(attempt)
    self.store = store
    self.actor = actor
    let cleanup = Signals.onTermination { [weak self] in self?.recordSignal() }
    self.cleanup.withLock { $0 = cleanup }
  }

  deinit { cleanup.withLock { $0?.cancel() } }

  /// Records how the attempt ended.
  ///
  /// - Parameters:
  ///   - exitStatus: the exit status of the command.
  ///   - report: the JSON document of the command.
  /// - Throws: an error when it can't be written.
  package func end(exitStatus: Int32, report: JSONValue) throws(ReleasesError) {
    try record(exitStatus, report)
  }

  /// Records the signal that is about to end this process, whatever was recorded before.
  private func recordSignal() {
    // The process is ending, so an error can't be reported.
    try? record(128 + (Signals.pendingTermination() ?? Signals.usualTermination), nil)
  }

  private func record(_ exitStatus: Int32, _ report: JSONValue?) throws(ReleasesError) {
    let ended = attempt.withLock { attempt in
      attempt.ended = actor.now()
      attempt.exitStatus = exitStatus
      attempt.report = report ?? attempt.report
      return attempt
    }
    try store.attempts.end(ended, file)
  }
}

extension InterruptedAttempt {
  /// Finds out what an attempt has done, from the journal and the history.
  ///
  /// - Throws: an error when the history or the journal can't be read.
  init(_ attempt: Attempt, in store: Store) throws(ReleasesError) {
    self.init(
      attempt, history: try store.history.entries(begunBy: attempt),
      last: try store.journal.last())
  }
}
