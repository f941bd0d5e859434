/// Estimates how much of each release is its own and how much it shares with others, from the sizes
/// that were recorded on publication. The estimate is exact while releases are removed oldest
/// first.
package struct DiskUse: Sendable {
  private var bytes: [ReleaseID: Int64] = [:]
  /// The bytes that each release shares with older releases.
  private var sources: [ReleaseID: [ReleaseID: Int64]] = [:]
  /// The bytes that each release shares with newer releases.
  private var sharers: [ReleaseID: [ReleaseID: Int64]] = [:]

  /// Makes the estimate from recorded sizes.
  ///
  /// - Parameter releases: the releases whose directories exist, with their sizes in bytes and the
  ///   bytes that they got from other releases, by ID.
  package init(_ releases: [(id: ReleaseID, bytes: Int64, shared: [String: Int64])]) {
    for (id, bytes, shared) in releases {
      self.bytes[id] = bytes
      for (name, bytes) in shared {
        guard let source = ReleaseID(name) else { continue }
        sources[id, default: [:]][source] = bytes
        sharers[source, default: [:]][id] = bytes
      }
    }
  }

  /// Whether any release shares files with another.
  package var hasSharing: Bool {
    sources.contains { id, sources in
      bytes[id] != nil && sources.keys.contains { bytes[$0] != nil }
    }
  }

  /// Returns how many bytes of a release it shares with releases that still exist.
  package func shared(_ id: ReleaseID) -> Int64 {
    guard let size = bytes[id] else { return 0 }
    // Each file comes from one older release, so these amounts add up. Newer releases mostly share
    // the same files, so only the largest of those amounts counts.
    let before = sources[id, default: [:]].reduce(0) { $0 + (bytes[$1.key] == nil ? 0 : $1.value) }
    let after = sharers[id, default: [:]].filter { bytes[$0.key] != nil }.values.max() ?? 0
    return min(max(before, after), size)
  }

  /// Returns how many bytes the removal of a release would free.
  package func own(_ id: ReleaseID) -> Int64 { (bytes[id] ?? 0) - shared(id) }

  /// Removes a release from the estimate.
  ///
  /// - Parameter id: the release.
  /// - Returns: how many bytes this frees.
  package mutating func remove(_ id: ReleaseID) -> Int64 {
    let freed = own(id)
    bytes[id] = nil
    return freed
  }
}

extension Snapshot {
  /// The estimate for the releases that exist.
  package var diskUse: DiskUse {
    DiskUse(
      catalog.entries.values.filter { directories.contains($0.id) }.map {
        ($0.id, $0.bytes, $0.shared ?? [:])
      })
  }
}
