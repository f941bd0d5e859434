internal import ReleaseModel
internal import ReleaseStore

/// What a command will find once it holds the lock and has recovered what was interrupted, for dry runs.
struct RecoveryOutlook {
  /// What is recovered first; nil for nothing.
  let recovery: PendingRecovery?
  /// The facts of the store afterwards.
  let snapshot: Snapshot

  /// Reads the store. Changes nothing.
  ///
  /// - Throws: an error when the store can't be read.
  init(_ store: Store, _ environment: Environment) throws(ReleasesError) {
    recovery = PendingRecovery(in: store, bootID: environment.actor.bootID)
    let now = try store.snapshot()
    snapshot = recovery?.applied(to: now) ?? now
  }
}

extension PendingRecovery {
  /// Finds out what recovery will do about an interrupted transaction; nil when none was interrupted,
  /// or this user may not read what recovery decides from.
  ///
  /// - Parameters:
  ///   - store: the store.
  ///   - bootID: the ID of the current boot.
  init?(in store: Store, bootID: String) {
    do throws(ReleasesError) {
      guard let entry = try store.journal.last(), entry.phase == .intent,
        !entry.writerIsAlive(bootID: bootID)
      else { return nil }
      self.init(entry, recoverySteps(entry, try RecoveryFacts(for: entry, in: store)))
    } catch {
      return nil
    }
  }
}
