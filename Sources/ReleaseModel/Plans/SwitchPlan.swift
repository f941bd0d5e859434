/// What a switch will do: a pure value made from the facts.
package struct SwitchPlan: Equatable, Sendable {
  package enum Kind: Equatable, Sendable { case activate, rollback }

  package let kind: Kind
  /// The release that is live now, where there is one.
  package let from: ReleaseID?
  package let to: ReleaseID
  /// The release that a rollback would choose afterwards; nil where there is none.
  package let rollbackTarget: ReleaseID?
  package let before: LinkPair
  package let after: LinkPair
  /// What a person should know of it, though it is no reason to refuse.
  package var warnings: [Notice] = []

  /// The target is live already, and the links say so directly.
  package var isUnchanged: Bool { before == after }
}

extension SwitchPlan {
  /// Plans a switch.
  ///
  /// - Parameter kind: a rollback marks the release that was live as bad, so that it is never the
  ///   rollback target; an activation makes it the rollback target unless it is bad.
  package static func make(_ kind: Kind, to: ReleaseID, _ snapshot: Snapshot) -> SwitchPlan {
    let from = snapshot.live
    let rollbackTarget: ReleaseID? =
      if from == to {
        snapshot.previous.release.flatMap { snapshot.isUsable($0) && $0 != to ? $0 : nil }
          ?? snapshot.lastLive(except: [to])
      } else if kind == .activate, let from, snapshot.isUsable(from) {
        from
      } else {
        snapshot.lastLive(except: [to, from])
      }
    return SwitchPlan(
      kind: kind, from: from, to: to, rollbackTarget: rollbackTarget, before: snapshot.links,
      after: LinkPair(
        current: text(to: to, keeping: snapshot.current),
        previous: rollbackTarget.map { text(to: $0, keeping: snapshot.previous) }))
  }

  /// A link that is right already stays as it is, absolute or not.
  private static func text(to id: ReleaseID, keeping link: ReleaseLink) -> String {
    if link.isDirect, link.release == id, let text = link.text { return text }
    return Layout.linkText(id)
  }
}

extension Snapshot {
  /// The release somebody means: an id, its unique beginning, `latest` or `previous`.
  package func release(named name: String) throws(ReleasesError) -> ReleaseID {
    switch name {
    case "latest":
      if let id = newestFirst.first(where: { isUsable($0.id) })?.id { return id }
      throw ReleasesError(
        .noSuchRelease, "no release is ready to go live", hint: Hint("see", command: ["list"]))
    case "previous":
      if let id = rollbackTarget { return id }
      throw nothingToRollBackTo()
    case "current":
      if let live { return live }
      throw ReleasesError(
        .noSuchRelease, "no release is live", hint: Hint("see", command: ["list"]))
    default: break
    }
    let known = directories.union(catalog.entries.keys).union(catalog.corrupt)
    if let id = ReleaseID(name), known.contains(id) { return id }
    let matches = name.isEmpty ? [] : known.filter { $0.text.utf8.starts(with: name.utf8) }
    if matches.count == 1, let id = matches.first { return id }
    if matches.isEmpty {
      let meant = name.split(separator: "/").last.flatMap { ReleaseID($0) }
      throw ReleasesError(
        .noSuchRelease, "there is no release \(name)",
        hint: meant.flatMap { known.contains($0) ? "type the ID alone: \($0)" : nil }
          ?? Hint("see", command: ["list"]))
    }
    let names = matches.map(\.text).sorted(by: >)
    let more = names.count > 5 ? " and \(names.count - 5) more" : ""
    throw ReleasesError(
      .noSuchRelease,
      "\(name) is the beginning of \(matches.count) releases: "
        + names.prefix(5).joined(separator: ", ") + more,
      hint: "type more of it")
  }

  package func nothingToRollBackTo() -> ReleasesError {
    let others = newestFirst.filter { isUsable($0.id) && $0.id != live }
    // One that is older than what is live was probably live once; of a newer one nobody knows.
    let sequence = live.flatMap { catalog[$0]?.sequence } ?? 0
    let candidate = others.first { $0.sequence < sequence } ?? others.first
    let hint =
      candidate.map {
        Hint(
          "no good release was live before; choose one", command: ["rollback", "--to", $0.id.text])
      } ?? Hint("no other release is ready; see", command: ["list"])
    return ReleasesError(.nothingToRollBackTo, "there is nothing to roll back to", hint: hint)
  }
}
