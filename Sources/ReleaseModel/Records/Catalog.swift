/// The catalog holds one entry per release.
package struct Catalog: Sendable {
  package private(set) var entries: [ReleaseID: CatalogEntry] = [:]
  /// The releases whose entries fail their checksums.
  package private(set) var corrupt: Set<ReleaseID> = []

  package init(_ entries: [CatalogEntry] = []) {
    for entry in entries { self.entries[entry.id] = entry }
  }

  package subscript(id: ReleaseID) -> CatalogEntry? { entries[id] }

  /// The highest sequence or activation of any release; nil when there is no release.
  package var lastSequence: UInt64? {
    entries.values.map { max($0.sequence, $0.activation ?? 0) }.max()
  }

  /// Adds an entry, or replaces the one of the same release.
  package mutating func insert(_ entry: CatalogEntry) { entries[entry.id] = entry }
  /// Removes the entry of a release, whether it is corrupt or not.
  package mutating func remove(_ id: ReleaseID) {
    entries[id] = nil
    corrupt.remove(id)
  }

  /// Records that the entry of a release is corrupt.
  package mutating func insertCorrupt(_ id: ReleaseID) { corrupt.insert(id) }
}
