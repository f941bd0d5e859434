package import FoundationEssentials

/// What becomes of directories that were there before the store was: a pure value.
package struct AdoptionPlan {
  /// A directory nothing legible is known of.
  package struct Found: Equatable, Sendable {
    let id: ReleaseID
    /// What its name says, else when the directory last changed.
    let created: Date
    let isEmpty: Bool
    /// There was a catalog entry, and it is damaged.
    var isCorrupt = false

    package init(id: ReleaseID, created: Date, isEmpty: Bool, isCorrupt: Bool = false) {
      self.id = id
      self.created = created
      self.isEmpty = isEmpty
      self.isCorrupt = isCorrupt
    }
  }

  /// One to be taken over.
  package struct Release: Equatable, Sendable {
    package let id: ReleaseID
    package let created: Date
    package let state: ReleaseState
    package let reason: String?
    package let sequence: UInt64
    package let activation: UInt64?
    /// That it was pinned the history still tells.
    package var pin: Pin?
  }

  let snapshot: Snapshot
  let found: [Found]
  let history: History

  package init(snapshot: Snapshot, found: [Found], history: History) {
    self.snapshot = snapshot
    self.found = found
    self.history = history
  }

  /// Oldest first. Sequences continue from `first`, but for releases whose publication the history
  /// still tells.
  package func releases(firstSequence first: UInt64) -> [Release] {
    let oldestFirst = found.sorted { ($0.created, $0.id.text) < ($1.created, $1.id.text) }
    var next = first
    var decided: [Release] = []
    for release in oldestFirst {
      let (state, reason) = judge(release, newest: oldestFirst.last)
      let known = sequence(ofPublishing: release.id)
      decided.append(
        Release(
          id: release.id, created: release.created, state: state, reason: reason,
          sequence: known ?? next, activation: nil, pin: pin(of: release.id)))
      if known == nil { next += 1 }
    }
    // What is live now was made live after what was live before.
    for (link, number) in [(snapshot.previous, next), (snapshot.current, next + 1)] {
      decided = decided.map {
        guard $0.id == link.release else { return $0 }
        return Release(
          id: $0.id, created: $0.created, state: $0.state, reason: $0.reason,
          sequence: $0.sequence, activation: number, pin: $0.pin)
      }
    }
    return decided
  }

  /// The old workflow left no mark on a release that was only half unpacked. What was live, or is
  /// older than what is, was whole once; of the others nobody knows.
  private func judge(_ release: Found, newest: Found?) -> (ReleaseState, String?) {
    if release.isEmpty { return (.failed, "it was empty when the store took it over") }
    if release.id == snapshot.live || release.id == snapshot.previous.release {
      return (.ready, nil)
    }
    if release.isCorrupt { return (.unpacked, "what was known of it was damaged") }
    guard let live = snapshot.live, let liveSince = created(live) else {
      return release.id == newest?.id
        ? (.unpacked, "the newest when the store took it over; it may be half unpacked")
        : (.ready, nil)
    }
    if release.created > liveSince {
      return (
        .unpacked, "newer than what was live when the store took it over; it may be half unpacked"
      )
    }
    return (.ready, nil)
  }

  private func created(_ id: ReleaseID) -> Date? {
    found.first { $0.id == id }?.created ?? snapshot.catalog[id]?.created
  }

  private func sequence(ofPublishing id: ReleaseID) -> UInt64? {
    history.entries.last { $0.operation == .publish && $0.id == id && $0.outcome != .undone }
      .map { $0.sequence - 1 }
  }

  private func pin(of id: ReleaseID) -> Pin? {
    let last = history.entries.last {
      $0.id == id && [.publish, .remove, .pin, .unpin].contains($0.operation)
        && ($0.outcome == .done || $0.outcome == .finished)
    }
    guard let last, last.operation == .pin else { return nil }
    return Pin(reason: last.reason ?? "", since: last.started)
  }

  package var warnings: [Notice] {
    var warnings: [Notice] = []
    for (name, link) in [
      (Layout.current, snapshot.current), (Layout.previous, snapshot.previous),
    ] {
      if let problem = link.problem(named: name) { warnings.append(Notice(problem)) }
    }
    if !snapshot.strays.isEmpty {
      let names = snapshot.strays.joined(separator: ", ")
      warnings.append("not releases, and not changed: \(Layout.releases)/{\(names)}")
    }
    return warnings
  }
}
