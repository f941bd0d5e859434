extension JournalEntry {
  /// The reason that a rollback records for the release that was live.
  package var reasonForLeaving: String {
    "rolled back on \(started.rfc3339)"
  }

  /// Applies the changes of this operation to the catalog entry of its release.
  package func apply(to release: inout CatalogEntry) {
    switch operation {
    case .activate, .rollback:
      release.activated = started
      release.activation = intentSequence
    case .pin:
      release.pin = Pin(reason: reason ?? "", since: started)
    case .unpin:
      release.pin = nil
    case .mark, .prepare:
      guard let newState else { return }
      release.state = newState
      release.reason = reason
      release.badSince = newState == .bad ? started : nil
      release.stage = newState == .preparing ? stage : nil
    case .publish, .remove, .initialize, .freeze, .thaw, .drift, .rebuild:
      return
    }
  }
}
