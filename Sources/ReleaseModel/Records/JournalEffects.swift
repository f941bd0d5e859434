package import Text

extension JournalEntry {
  /// The reason that a rollback records for the release that was live.
  package var reasonForLeaving: String {
    "rolled back on \(started.rfc3339)"
  }

  /// The release that a rollback has left, which it marks bad; nil for any other operation.
  package var releaseLeft: ReleaseID? { operation == .rollback && from != id ? from : nil }

  /// Marks the release that a rollback has left.
  package func applyLeaving(to release: inout CatalogEntry) {
    // A release that is bad already keeps its own reason.
    if release.state != .bad { release.reason = reasonForLeaving }
    release.state = .bad
    release.badSince = started
  }

  /// Returns the links from before a person moved `current` and left `previous` alone: since this operation,
  /// or as it has recorded.
  ///
  /// - Parameter now: the links now.
  /// - Returns: the links; nil when `current` was not moved by hand, or `previous` was too.
  package func linksBeforeMove(to now: LinkPair) -> LinkPair? {
    guard phase == .done else { return nil }
    let (old, new) = operation == .drift && now == linksLeft ? (before, after) : (linksLeft, now)
    let isOnlyCurrent =
      !LinkPair.isSameText(old.current, new.current)
      && LinkPair.isSameText(old.previous, new.previous)
    return isOnlyCurrent ? old : nil
  }

  /// Applies the changes of this operation to the catalog entry of its release.
  package func apply(to release: inout CatalogEntry) {
    switch operation {
    case .activate, .rollback:
      release.activated = started
      release.activation = intentSequence
      if let newState { setState(newState, of: &release) }
    case .pin:
      release.pin = Pin(reason: reason ?? "", since: started)
    case .unpin:
      release.pin = nil
    case .mark, .prepare:
      guard let newState else { return }
      setState(newState, of: &release)
      release.stage = newState == .preparing ? stage : nil
    case .publish, .remove, .initialize, .freeze, .thaw, .drift, .rebuild:
      return
    }
  }

  private func setState(_ newState: ReleaseState, of release: inout CatalogEntry) {
    release.state = newState
    // The end of a switch has no reason, and its note says what failed.
    release.reason = operation.isSwitch && newState == .bad ? note : reason
    release.badSince = newState == .bad ? started : nil
  }

  /// Returns the entry of a switch that has been confirmed, which clears the bad mark of its release.
  package func confirmed() -> JournalEntry {
    var entry = self
    entry.newState = .ready
    return entry
  }

  /// Whether the transaction did what was requested. A switch that failed and whose release stays live
  /// did not.
  package var isSuccess: Bool {
    (outcome == .done || outcome == .finished) && !(operation.isSwitch && newState == .bad)
  }

  /// Returns the entry of a switch that failed and whose release stays live, as `--no-rollback`
  /// requests. It marks the release bad.
  package func leftLive(because problem: Message) -> JournalEntry {
    var entry = self
    entry.newState = .bad
    entry.note = JournalText.truncated(problem, to: JournalText.note)
    return entry
  }
}
