internal import FoundationEssentials
internal import Linux

extension Store {
  /// Makes the catalog, or the freeze file, say what a journal entry says. May be repeated.
  func record(_ entry: JournalEntry, _ environment: Environment) throws(ReleasesError) {
    switch entry.operation {
    case .freeze:
      try write(
        Freeze(reason: entry.reason ?? "", since: entry.started, user: entry.user), environment)
    case .thaw:
      try attempting("can't thaw the store") { () throws(SystemError) in
        try control.unlinkIfPresent(Layout.freeze)
        try control.sync()
      }
    default:
      try write(try entriesAfter(entry), environment)
    }
  }

  /// The catalog entries that a journal entry changes, as it leaves them.
  func entriesAfter(_ entry: JournalEntry) throws(ReleasesError) -> [CatalogEntry] {
    var changed: [CatalogEntry] = []
    if let id = entry.id, case .found(var release) = try catalogEntry(id) {
      entry.apply(to: &release)
      changed.append(release)
    }
    if entry.operation == .rollback, let from = entry.from, from != entry.id,
      case .found(var release) = try catalogEntry(from)
    {
      // Where it is bad already, why is known better.
      if release.state != .bad { release.reason = entry.reasonForLeaving }
      release.state = .bad
      release.judged = entry.started
      changed.append(release)
    }
    return changed
  }

  /// Whether some of what a switch says is in the catalog. Of several files any may have
  /// reached the disk first.
  func isPartlyRecorded(_ entry: JournalEntry) throws(ReleasesError) -> Bool {
    if let id = entry.id, case .found(let release) = try catalogEntry(id),
      release.activation == entry.begun
    {
      return true
    }
    if let from = entry.from, case .found(let release) = try catalogEntry(from) {
      return release.state == .bad && release.reason == entry.reasonForLeaving
    }
    return false
  }

  /// Whether the catalog does not say yet, or not any more after a power cut, what a switch that is
  /// done has made of it.
  func catalogLacks(_ entry: JournalEntry) throws(ReleasesError) -> Bool {
    guard entry.operation.isSwitch, entry.outcome == .done || entry.outcome == .finished else {
      return false
    }
    if let id = entry.id, case .found(let release) = try catalogEntry(id),
      release.activation.map({ $0 < entry.begun }) ?? true
    {
      return true
    }
    if entry.operation == .rollback, let from = entry.from, from != entry.id,
      case .found(let release) = try catalogEntry(from)
    {
      return release.state != .bad
    }
    return false
  }

  /// Marks a release that was being tried as bad.
  func markBad(
    _ id: ReleaseID, reason: String, _ environment: Environment
  ) throws(ReleasesError) {
    guard case .found(var release) = try catalogEntry(id) else { return }
    release.state = .bad
    release.reason = reason
    release.judged = environment.now()
    try write([release], environment)
  }
}

extension JournalEntry {
  /// What a rollback says of the release that was live.
  fileprivate var reasonForLeaving: String {
    "left by a rollback on \(started.rfc3339)"
  }

  /// What this entry makes of its release.
  fileprivate func apply(to release: inout CatalogEntry) {
    switch operation {
    case .activate, .rollback:
      release.activated = started
      release.activation = begun
    case .pin:
      release.pin = Pin(reason: reason ?? "", since: started)
    case .unpin:
      release.pin = nil
    case .mark, .prepare:
      guard let verdict else { return }
      release.state = verdict
      release.reason = reason
      release.judged = verdict == .bad ? started : nil
      release.stage = verdict == .preparing ? stage : nil
    case .publish, .remove, .initialize, .freeze, .thaw, .drift, .rebuild:
      return
    }
  }
}
