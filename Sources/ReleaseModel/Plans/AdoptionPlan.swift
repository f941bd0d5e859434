package import FoundationEssentials
package import Text

/// Plans how directories that existed before the store become its releases.
package struct AdoptionPlan {
  /// A directory in `releases/` without a readable catalog entry.
  package struct Candidate: Equatable, Sendable {
    package let id: ReleaseID
    /// The time that is the directory's name, otherwise the time of its last change.
    let created: Date
    let isEmpty: Bool
    /// Whether there is a catalog entry that is corrupt.
    var isCorrupt = false

    package init(id: ReleaseID, created: Date, isEmpty: Bool, isCorrupt: Bool = false) {
      self.id = id
      self.created = created
      self.isEmpty = isEmpty
      self.isCorrupt = isCorrupt
    }
  }

  /// A release to be adopted.
  package struct Release: Equatable, Sendable {
    package let id: ReleaseID
    package let created: Date
    package let state: ReleaseState
    package let reason: Message?
    package let sequence: UInt64
    package let activation: UInt64?
    /// The pin that the history still contains.
    package var pin: Pin?
  }

  let snapshot: Snapshot
  package let candidates: [Candidate]
  let history: History
  /// The directories that the scope of the adoption leaves out; see ``AdoptionScope``.
  let leftOut: [ReleaseID]
  /// What to do about a `current` that is not a link to a release.
  let currentHint: Hint?

  package init(
    snapshot: Snapshot, candidates: [Candidate], history: History, leftOut: [ReleaseID] = [],
    currentHint: Hint? = nil
  ) {
    self.snapshot = snapshot
    self.candidates = candidates
    self.history = history
    self.leftOut = leftOut
    self.currentHint = currentHint
  }

  /// Returns the releases to adopt, oldest first. A release whose publication is in the history
  /// gets its old sequence; the others are numbered from `first`.
  package func releases(firstSequence first: UInt64) -> [Release] {
    let oldestFirst = candidates.sorted { ($0.created, $0.id.text) < ($1.created, $1.id.text) }
    var next = first
    var decided: [Release] = []
    for release in oldestFirst {
      let (state, reason) = state(of: release, newest: oldestFirst.last)
      let known = sequence(ofPublishing: release.id)
      decided.append(
        Release(
          id: release.id, created: release.created, state: state, reason: reason,
          sequence: known ?? next, activation: nil, pin: pin(of: release.id)))
      if known == nil { next += 1 }
    }
    // The live release was activated after the previous one.
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

  /// Decides the state of an adopted release. The old workflow did not mark releases that were only
  /// partly unpacked. A release that was live, or is older than the live one, was complete once;
  /// any other may be incomplete.
  private func state(of release: Candidate, newest: Candidate?) -> (ReleaseState, Message?) {
    if release.isEmpty { return (.failed, "it was empty when it was adopted") }
    if release.id == snapshot.live || release.id == snapshot.previous.release {
      return (.ready, nil)
    }
    if release.isCorrupt { return (.unpacked, "its catalog entry was corrupt") }
    guard let live = snapshot.live, let liveSince = created(live) else {
      return release.id == newest?.id
        ? (.unpacked, "it was the newest when it was adopted, and may be incomplete")
        : (.ready, nil)
    }
    if release.created > liveSince {
      return (
        .unpacked, "it was newer than the live release when it was adopted, and may be incomplete"
      )
    }
    return (.ready, nil)
  }

  private func created(_ id: ReleaseID) -> Date? {
    candidates.first { $0.id == id }?.created ?? snapshot.catalog[id]?.created
  }

  private func sequence(ofPublishing id: ReleaseID) -> UInt64? {
    history.entries.last { $0.operation == .publish && $0.id == id && $0.outcome != .undone }
      .map { $0.intentSequence }
  }

  private func pin(of id: ReleaseID) -> Pin? {
    let last = history.entries.last {
      $0.id == id && [.publish, .remove, .pin, .unpin].contains($0.operation)
        && ($0.outcome == .done || $0.outcome == .finished)
    }
    guard let last, last.operation == .pin else { return nil }
    return Pin(reason: last.reason ?? "", since: last.started)
  }

  /// The warnings about links with problems, and about names that will not be adopted.
  package var warnings: [Notice] {
    var warnings: [Notice] = []
    for (name, link) in [
      (Layout.current, snapshot.current), (Layout.previous, snapshot.previous),
    ] {
      if let problem = link.problem(named: name) {
        warnings.append(Notice(problem, hint: name == Layout.current ? currentHint : nil))
      }
    }
    if !snapshot.strays.isEmpty {
      let names: [Message] = snapshot.strays.map { name in
        snapshot.strayLinks[name].map { "\(name) (a link to \($0))" } ?? Message(name)
      }
      warnings.append(
        "not releases, left unchanged: \(Layout.releases)/{\(names.joined(separator: ", "))}")
    }
    return warnings + Self.warnings(leftOut: leftOut)
  }

  /// The warning about directories that are not adopted.
  package static func warnings(leftOut: [ReleaseID]) -> [Notice] {
    guard let first = leftOut.first else { return [] }
    let names = leftOut.map(\.text).joined(separator: ", ")
    return [
      Notice(
        "not adopted, because no deployment workflow makes such names: \(Layout.releases)/{\(verbatim: names)}",
        hint: Hint("if it is a release, adopt it", command: ["init", "--adopt", first.text]))
    ]
  }
}
