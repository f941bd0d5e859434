/// What each release has to itself and what it shares, estimated from what was recorded when they
/// were published. Exact as long as releases go oldest first; only the disk knows better.
package struct DiskUse: Sendable {
  private var bytes: [ReleaseID: Int64] = [:]
  /// With those before it.
  private var sources: [ReleaseID: [ReleaseID: Int64]] = [:]
  /// With those after it.
  private var sharers: [ReleaseID: [ReleaseID: Int64]] = [:]

  /// - Parameter releases: those whose directories are there, their sizes in bytes, and how many of
  ///   these they share with which others, as recorded.
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

  /// Any release shares anything with another.
  package var hasSharing: Bool {
    sources.contains { id, sources in
      bytes[id] != nil && sources.keys.contains { bytes[$0] != nil }
    }
  }

  /// Of one release's files, in bytes: with any other that is still there.
  package func shared(_ id: ReleaseID) -> Int64 {
    guard let size = bytes[id] else { return 0 }
    // Files of one release come from several, each from one; several others mostly share the same.
    let before = sources[id, default: [:]].reduce(0) { $0 + (bytes[$1.key] == nil ? 0 : $1.value) }
    let after = sharers[id, default: [:]].filter { bytes[$0.key] != nil }.values.max() ?? 0
    return min(max(before, after), size)
  }

  /// What removing one release would free, in bytes.
  package func own(_ id: ReleaseID) -> Int64 { (bytes[id] ?? 0) - shared(id) }

  /// Takes a release away.
  ///
  /// - Returns: what that frees, in bytes.
  package mutating func remove(_ id: ReleaseID) -> Int64 {
    let freed = own(id)
    bytes[id] = nil
    return freed
  }
}

extension Snapshot {
  /// What the catalog says of the releases that are there.
  package var diskUse: DiskUse {
    DiskUse(
      catalog.entries.values.filter { directories.contains($0.id) }.map {
        ($0.id, $0.bytes, $0.shared ?? [:])
      })
  }
}
