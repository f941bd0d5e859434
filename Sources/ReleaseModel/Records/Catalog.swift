/// All catalog entries, by release.
package struct Catalog: Sendable {
  package private(set) var entries: [ReleaseID: CatalogEntry] = [:]
  /// Entries that are there and can't be understood.
  package private(set) var corrupt: Set<ReleaseID> = []

  package init(_ entries: [CatalogEntry] = []) {
    for entry in entries { self.entries[entry.id] = entry }
  }

  package subscript(id: ReleaseID) -> CatalogEntry? { entries[id] }

  /// The highest number any release was given.
  package var lastSequence: UInt64? {
    entries.values.map { max($0.sequence, $0.activation ?? 0) }.max()
  }

  package mutating func insert(_ entry: CatalogEntry) { entries[entry.id] = entry }
  package mutating func remove(_ id: ReleaseID) {
    entries[id] = nil
    corrupt.remove(id)
  }

  package mutating func insertCorrupt(_ id: ReleaseID) { corrupt.insert(id) }
}
