internal import Text

/// What the next prune will do to releases that are being adopted.
package struct RetentionForecast: Equatable, Sendable {
  /// How many releases are adopted.
  package let adopted: Int
  /// The adopted releases that the next prune removes, newest first.
  package let removed: [ReleaseID]

  /// - Parameters:
  ///   - adopted: the releases that are adopted.
  ///   - decisions: what the retention policy decides about all releases, newest first.
  package init(adopting adopted: Set<ReleaseID>, _ decisions: [RetentionDecision]) {
    self.adopted = adopted.count
    removed = decisions.filter { $0.action == .remove && adopted.contains($0.id) }.map(\.id)
  }

  /// Returns the warnings about the releases that will be removed.
  ///
  /// - Parameters:
  ///   - path: the path of the store.
  ///   - isPlan: whether the releases are not adopted yet, so that no command knows them.
  /// - Returns: nothing when all of them are retained.
  package func warnings(path: String, isPlan: Bool) -> [Notice] {
    guard let first = removed.first else { return [] }
    let releases = adopted == 1 ? "release" : "releases"
    let adopting = isPlan ? "\(releases) to adopt" : "adopted \(releases)"
    let count = "\(removed.count) of \(adopted) \(adopting)"
    let configuration = "\(path)/\(Layout.configuration)"
    return [
      Notice(
        "the next prune would remove \(count), and every deploy ends with a prune",
        hint: isPlan
          ? Hint(
            "to see which ones and why, adopt them and run 'prune --dry-run'", command: ["init"])
          : Hint("show which ones and why", command: ["prune", "--dry-run"])),
      Notice(
        "to retain adopted releases, pin them, or raise keep.count or keep.age in \(configuration)",
        hint: isPlan
          ? nil
          : Hint(
            "pin the newest of them",
            command: ["pin", first.text, "--reason", "it was there before the store"])),
    ]
  }
}

extension AdoptionPlan {
  /// The facts of the store as they will be after the adoption, without the sizes of the releases.
  package var snapshotAfterwards: Snapshot {
    var after = snapshot
    for release in releases(firstSequence: (snapshot.newestFirst.first?.sequence ?? 0) + 1) {
      after.directories.insert(release.id)
      after.catalog.insert(
        CatalogEntry(
          id: release.id, sequence: release.sequence, state: release.state,
          reason: release.reason?.text,
          created: release.created, activation: release.activation, files: 0, bytes: 0,
          pin: release.pin, adopted: true))
    }
    return after
  }
}

extension Snapshot {
  /// Returns the facts about each release that the retention policy depends on.
  ///
  /// - Parameters:
  ///   - used: the names in `releases/` that a process uses.
  ///   - mounted: the names in `releases/` in which, or on which, something is mounted.
  /// - Returns: the candidates, in no order.
  package func retentionCandidates(
    inUse used: Set<String>, withMounts mounted: Set<String>
  ) -> [RetentionCandidate] {
    catalog.entries.values.map { entry in
      RetentionCandidate(
        id: entry.id, sequence: entry.sequence, state: entry.state, created: entry.created,
        badSince: entry.badSince, wasLive: entry.activation != nil,
        isLive: currentTarget == entry.id || current.state == .dangling(entry.id),
        isPrevious: rollbackTarget == entry.id || previous.target == entry.id,
        isPinned: entry.pin != nil, isInUse: used.contains(entry.id.text),
        hasMount: mounted.contains(entry.id.text),
        isMissing: !directories.contains(entry.id), bytes: entry.bytes,
        shared: entry.shared ?? [:], files: Int64(entry.files))
    }
  }
}
