/// Everything that recovery depends on besides the last journal entry.
package struct RecoveryFacts: Equatable, Sendable {
  package var links = LinkPair()
  /// Whether the directory of the entry's release is in `releases/`.
  package var releaseExists = false
  /// Whether `current` points to the release, or to something inside of it.
  package var releaseIsCurrentTarget = false
  /// Whether `current` pointed to something that is not a release before the entry's switch, and that
  /// still exists. Then the service may have run there.
  package var hasForeignPlace = false
  /// Whether nothing in the release is missing or modified.
  package var releaseIsIntact = false
  /// Whether the catalog already says that this switch made the release live, which proves that it
  /// was confirmed.
  package var isConfirmed = false
  /// Whether the release was live before this switch and was good.
  package var wasGood = false
  /// The release that was live until a person moved `current`, and that `previous` does not point to; nil
  /// when there is none, or a rollback would not choose it.
  package var releaseLeftByHand: ReleaseID?
  package var temporaryLinks: [String] = []
  /// Whether `.releases/` has a half-written file that is written after the journal is complete, or
  /// that is never flushed.
  package var hasHalfWrittenFiles = false
  /// The stages whose writers are dead.
  package var abandonedStages: [String] = []
  /// The stages that no longer exist, but whose trees are still in `releases/`.
  package var orphanedTrees: [String] = []
  /// Whether the catalog has a release in preparation, or could not be read completely.
  package var mayPrepare = false
  /// The releases that are in preparation according to the catalog, but whose preparation was
  /// interrupted.
  package var interruptedPreparations: [ReleaseID] = []
  /// Whether the catalog lacks the changes of a switch that has ended.
  package var catalogLacksSwitch = false
  /// The sequence of the history's last complete line.
  package var lastHistorySequence: UInt64?
  /// Whether a torn line follows that line.
  package var historyIsTorn = false

  /// The instances of the service; nil if it has none.
  package var instances: InstanceFacts?

  package init(links: LinkPair = LinkPair()) { self.links = links }

  /// Whether the history has no line for a journal entry.
  package func historyLacks(_ entry: JournalEntry) -> Bool {
    lastHistorySequence.map { $0 < entry.sequence } ?? true
  }
}

extension JournalEntry {
  /// Whether `current` has neither the text from before this operation nor the text from after it.
  package func isMovedByHand(_ links: LinkPair) -> Bool {
    guard let current = links.current else { return false }
    return current != before.current && current != after.current
  }

  mutating func keepCurrent(of links: LinkPair) {
    before.current = links.current
    after.current = links.current
  }
}
