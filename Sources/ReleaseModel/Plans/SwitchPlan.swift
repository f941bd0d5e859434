package import Text

/// Plans a switch of the live release.
package struct SwitchPlan: Equatable, Sendable {
  /// The command that makes the switch.
  package enum Kind: Equatable, Sendable { case activate, rollback }

  package let kind: Kind
  /// The release that is live now; nil when there is none.
  package let from: ReleaseID?
  package let to: ReleaseID
  /// The release that a rollback would choose afterwards; nil when there is none.
  package let rollbackTarget: ReleaseID?
  /// The release that the switch marks bad: the one that a rollback leaves; nil when there is none.
  package let marksBad: ReleaseID?
  package let before: LinkPair
  package let after: LinkPair
  /// What the operator should know about the switch, although it is not a reason to refuse it.
  package var warnings: [Notice] = []

  /// Why the configuration could not be used, so that a forced rollback runs no hook and no health
  /// check; nil when it was used.
  package var configurationProblem: Message?

  /// The text of `current` when it points to no release, but perhaps to the working directory of an
  /// older workflow; nil when a release is live or the link is missing.
  package var foreignPlace: String? { from == nil ? before.current : nil }

  /// What a failure makes live again, for messages; nil for nothing.
  package var restored: String? { from?.text ?? before.current }

  /// Whether the links already are as the switch would leave them.
  package var isUnchanged: Bool { before == after }
}

extension SwitchPlan {
  /// Plans a switch.
  ///
  /// - Parameters:
  ///   - kind: a rollback marks the release that was live as bad, so that it is never the rollback
  ///     target; an activation makes it the rollback target unless it is bad.
  ///   - to: the release to make live.
  ///   - snapshot: the facts.
  /// - Returns: the plan, without warnings.
  package static func make(_ kind: Kind, to: ReleaseID, _ snapshot: Snapshot) -> SwitchPlan {
    let from = snapshot.live
    let rollbackTarget: ReleaseID? =
      if from == to {
        snapshot.previousRelease.flatMap { snapshot.isUsable($0) && $0 != to ? $0 : nil }
          ?? snapshot.lastLive(except: [to])
      } else if kind == .activate, let from, snapshot.isUsable(from) {
        from
      } else {
        snapshot.lastLive(except: [to, from])
      }
    return SwitchPlan(
      kind: kind, from: from, to: to, rollbackTarget: rollbackTarget,
      marksBad: kind == .rollback && from != to
        ? from.flatMap { snapshot.catalog[$0]?.id } : nil,
      before: snapshot.links,
      after: LinkPair(
        current: text(to: to, keeping: snapshot.current),
        previous: rollbackTarget.map { text(to: $0, keeping: snapshot.previous) }))
  }

  /// Returns the text for a link. A link that already points to the release keeps its text,
  /// relative or absolute.
  private static func text(to id: ReleaseID, keeping link: ReleaseLink) -> String {
    if link.isDirect, link.release == id, let text = link.text { return text }
    return Layout.linkText(id)
  }
}

extension Snapshot {
  /// The words that name a release by its role, which a change of the store gives to another one.
  package static let words: Set<String> = ["latest", "previous", "current"]

  /// Finds the release that an argument names: a keyword, an ID, a unique prefix of an
  /// ID, or the exact ref of one release, in this order.
  ///
  /// - Throws: `noSuchRelease` when no release or more than one matches, `nothingToRollBackTo` for
  ///   `previous` when there is no rollback target.
  package func release(named name: String) throws(ReleasesError) -> ReleaseID {
    switch name {
    case "latest":
      if let id = newestFirst.first(where: { isUsable($0.id) })?.id { return id }
      throw ReleasesError(
        .noSuchRelease, "no release is ready to go live",
        hint: Hint("list the releases", command: ["list"]))
    case "previous":
      if let id = rollbackTarget { return id }
      throw nothingToRollBackTo()
    case "current":
      if let live { return live }
      throw ReleasesError(
        .noSuchRelease, "no release is live",
        hint: newestFirst.first { isUsable($0.id) }.map {
          Hint("activate one", command: ["activate", $0.id.text])
        } ?? emptyStoreHint ?? Hint("list the releases", command: ["list"]))
    default: return try release(withPrefix: name)
    }
  }

  private func release(withPrefix name: String) throws(ReleasesError) -> ReleaseID {
    let known = directories.union(catalog.entries.keys).union(catalog.corrupt)
    if let id = ReleaseID(name), known.contains(id) { return id }
    let matches = name.isEmpty ? [] : known.filter { $0.text.utf8.starts(with: name.utf8) }
    if let text = strayLinks[name], matches.count != 1 { throw aliasError(name, text) }
    if let id = try release(withRef: name) {
      guard matches.count == 1, let other = matches.first, other != id else { return id }
      throw ReleasesError(
        .noSuchRelease,
        "ambiguous: \"\(excerpt(name))\" is the ref of \(id) and the beginning of the ID \(other)",
        hint: Hint("use a whole ID; see", command: ["list"]))
    }
    if matches.count == 1, let id = matches.first { return id }
    if matches.isEmpty {
      let lastComponent = name.split(separator: "/").last.flatMap { ReleaseID($0) }
      throw ReleasesError(
        .noSuchRelease,
        ReleaseID(name).map { "release \($0) does not exist" } ?? "release \(name) does not exist",
        hint: lastComponent.flatMap { known.contains($0) ? "use only the ID: \($0)" : nil }
          ?? Hint("list the releases", command: ["list"]))
    }
    let names = matches.map(\.text).sorted(by: >)
    let more = names.count > 5 ? " and \(names.count - 5) more" : ""
    throw ReleasesError(
      .noSuchRelease,
      "ambiguous release ID \"\(verbatim: name)\": matches \(matches.count) releases: "
        + "\(verbatim: names.prefix(5).joined(separator: ", "))\(more)",
      hint: Hint("use a longer prefix, or see", command: ["list"]))
  }

  private func aliasError(_ name: String, _ text: String) -> ReleasesError {
    let target = text.split(separator: "/").last.flatMap { ReleaseID($0) }
    return ReleasesError(
      .noSuchRelease,
      "\(Layout.releases)/\(name) is a symbolic link to \(path: text), not a release",
      hint: target.flatMap { directories.contains($0) ? $0 : nil }.map {
        Hint("name the release that it points to; see", command: ["show", $0.text])
      } ?? Hint("list the releases", command: ["list"]))
  }

  /// Returns the release that was published with a ref; nil when there is none.
  ///
  /// - Throws: `noSuchRelease` when there are several.
  private func release(withRef name: String) throws(ReleasesError) -> ReleaseID? {
    if name.isEmpty { return nil }
    let matches = newestFirst.filter { $0.ref == name }.map(\.id)
    if matches.count <= 1 { return matches.first }
    throw ReleasesError(
      .noSuchRelease,
      "ambiguous ref \"\(excerpt(name))\": matches \(matches.count) releases: "
        + "\(verbatim: matches.prefix(5).map(\.text).joined(separator: ", "))"
        + (matches.count > 5 ? " and \(matches.count - 5) more" : ""),
      hint: Hint("use an ID; see", command: ["list"]))
  }

  /// Returns the error for a store without a rollback target, with a hint that names a release to
  /// choose.
  package func nothingToRollBackTo() -> ReleasesError {
    // A release that was never live may be one that has just been refused.
    let others = newestFirst.filter { isUsable($0.id) && $0.id != live }
    let candidate = others.first { $0.activation != nil || $0.adopted == true }
    let repairable = catalog.corrupt.filter { directories.contains($0) && $0 != live }
    let bad = newestFirst.first {
      $0.activation != nil && $0.id != live && directories.contains($0.id)
    }
    let hint =
      repairable.isEmpty
      ? nil : Hint("a catalog entry is corrupt; adopt its release again", command: ["init"])
    let choice =
      candidate.map {
        Hint(
          "choose a release that was live before or was adopted",
          command: ["rollback", "--to", $0.id.text])
      }
      ?? bad.map {
        Hint(
          "no other release is ready; if bad release \($0.id) works, roll back to it",
          command: ["rollback", "--to", $0.id.text, "--force"])
      }
      ?? emptyStoreHint
      ?? Hint(
        others.isEmpty
          ? "no other release is ready; deploy one"
          : "no other release was ever live; deploy one that works", command: ["deploy", "ARCHIVE"])
    return ReleasesError(.nothingToRollBackTo, "there is no rollback target", hint: hint ?? choice)
  }

  /// What to do in a store without releases; nil in any other.
  private var emptyStoreHint: Hint? {
    live == nil && newestFirst.isEmpty
      ? Hint("there are no releases yet; deploy one", command: ["deploy", "ARCHIVE"]) : nil
  }
}
