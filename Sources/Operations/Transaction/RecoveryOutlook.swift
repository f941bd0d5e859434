internal import ReleaseModel
internal import ReleaseStore

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
