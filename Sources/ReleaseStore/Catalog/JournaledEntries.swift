package import FoundationEssentials
package import ReleaseModel
package import Text

extension CatalogFiles {
  /// Applies a journal entry to the catalog, or to the freeze file. This may be repeated.
  ///
  /// - Throws: an error when a file can't be read or written.
  package func apply(_ entry: JournalEntry) throws(ReleasesError) {
    switch entry.operation {
    case .freeze:
      try store.freezeFile.write(
        Freeze(reason: entry.reason ?? "", since: entry.started, user: entry.user))
    case .thaw: try store.freezeFile.remove()
    default: try write(try entries(after: entry))
    }
  }

  /// Reads the catalog entries that a journal entry changes, and returns them changed.
  ///
  /// - Throws: what ``entry(_:)`` throws.
  package func entries(after entry: JournalEntry) throws(ReleasesError) -> [CatalogEntry] {
    var changed: [CatalogEntry] = []
    if let id = entry.id, case .found(var release) = try self.entry(id) {
      entry.apply(to: &release)
      changed.append(release)
    }
    if let left = entry.releaseLeft, case .found(var release) = try self.entry(left) {
      entry.applyLeaving(to: &release)
      changed.append(release)
    }
    return changed
  }

  /// Whether the catalog contains a part of a switch's changes. Any of several files may have
  /// reached the disk first.
  ///
  /// - Throws: what ``entry(_:)`` throws.
  package func hasPart(of entry: JournalEntry) throws(ReleasesError) -> Bool {
    if let id = entry.id, case .found(let release) = try self.entry(id),
      release.activation == entry.intentSequence
    {
      return true
    }
    if let from = entry.from, case .found(let release) = try self.entry(from) {
      return release.state == .bad && release.reason == entry.reasonForLeaving
    }
    return false
  }

  /// Whether the catalog lacks changes of a switch that has ended, as after a power failure.
  ///
  /// - Throws: what ``entry(_:)`` throws.
  package func lacks(_ entry: JournalEntry) throws(ReleasesError) -> Bool {
    guard entry.operation.isSwitch, entry.outcome == .done || entry.outcome == .finished else {
      return false
    }
    if let id = entry.id, case .found(let release) = try self.entry(id),
      release.activation.map({ $0 < entry.intentSequence }) ?? true
    {
      return true
    }
    if let left = entry.releaseLeft, case .found(let release) = try self.entry(left) {
      return release.state != .bad
    }
    return false
  }

  /// Marks a release as bad if it is in the catalog.
  ///
  /// - Parameters:
  ///   - id: the release.
  ///   - reason: why it is bad.
  ///   - date: when it became bad.
  /// - Throws: an error when its entry can't be read or written.
  package func markBad(
    _ id: ReleaseID, reason: Message, since date: Date
  ) throws(ReleasesError) {
    guard case .found(var release) = try entry(id) else { return }
    release.state = .bad
    release.reason = reason.text
    release.badSince = date
    try write([release])
  }
}
