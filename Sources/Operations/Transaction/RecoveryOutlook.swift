package import ReleaseModel
package import ReleaseStore

/// What a command will find once it holds the lock and has recovered what was interrupted, for dry runs.
package struct RecoveryOutlook: Sendable {
  /// What is recovered first; nil for nothing.
  package let recovery: PendingRecovery?
  /// The facts of the store before that.
  private let before: Snapshot
  /// The facts of the store afterwards.
  package let snapshot: Snapshot

  /// Reads the store. Changes nothing.
  ///
  /// - Throws: an error when the store can't be read.
  package init(_ store: Store, _ environment: Environment) throws(ReleasesError) {
    recovery = PendingRecovery(in: store, environment)
    before = try store.snapshot()
    snapshot = recovery?.applied(to: before) ?? before
  }

  /// Returns the release that an argument names, before and after the recovery.
  ///
  /// - Throws: what ``NamedRelease/id(in:)`` throws.
  package func release(named name: String) throws(ReleasesError) -> ReleaseID {
    try NamedRelease(name, before).id(in: snapshot)
  }
}

extension PendingRecovery {
  /// Finds out what recovery will do about an interrupted transaction; nil when none was interrupted,
  /// or this user may not read what recovery decides from.
  ///
  /// - Parameters:
  ///   - store: the store.
  ///   - environment: what is taken from outside the store.
  init?(in store: Store, _ environment: Environment) {
    do throws(ReleasesError) {
      guard let entry = try store.journal.last(), entry.phase == .intent,
        !entry.writerIsAlive(bootID: environment.actor.bootID)
      else { return nil }
      let facts = try RecoveryFacts(for: entry, in: store, environment)
      self.init(entry, recoverySteps(entry, facts))
    } catch {
      return nil
    }
  }
}
