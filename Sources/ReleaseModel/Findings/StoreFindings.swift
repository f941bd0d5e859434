internal import Text

/// Returns what needs attention in a store and what is under way.
///
/// This is the only rule for findings: `status`, `list`, `check`, `metrics` and the page show the
/// same ones.
///
/// - Parameter facts: the facts of the store.
/// - Returns: the findings, the most urgent subjects first.
package func storeFindings(_ facts: StoreFacts) -> [StoreFinding] {
  facts.mediumFindings + facts.journalFindings + facts.linkFindings + facts.liveFindings
    + facts.serviceFindings + facts.instanceFindings
    + facts.rollbackFindings + facts.releaseFindings + facts.configurationFindings
    + facts.trashFindings
    + facts.stageFindings
}

// MARK: - Journal and links

extension StoreFacts {
  fileprivate var journalFindings: [StoreFinding] {
    switch journal {
    case .unreadable:
      return [
        StoreFinding(
          .journalUnreadable, isForOwner ? .problem : .note, nil,
          "only the owner of the store may read the journal",
          hint: Hint(
            "run it as that user or as root",
            shell: "\(asRoot)releases --store \(path.shellWord) status"))
      ]
    case .lost:
      return [
        StoreFinding(
          .journalLost, "the journal is missing or corrupt",
          hint: notALinkHint ?? misplacedJournalHint
            ?? Hint("rebuild it from the links", command: ["recover"]))
      ]
    case .entry(let entry, _):
      if journal.isInterrupted { return [interruption(entry)] }
      return unconfirmedSwitch.map { [waiting($0)] } ?? []
    }
  }

  private func interruption(_ entry: JournalEntry) -> StoreFinding {
    let id: Message = entry.id.map { " of \($0)" } ?? ""
    return StoreFinding(
      .interrupted, .problem, entry.id,
      "\(entry.operation.rawValue)\(id) by \(verbatim: entry.user) was interrupted"
        + (recovery?.summary.map { "; the next command that changes the store will \($0)" } ?? ""),
      hint: notALinkHint ?? Hint("recover now", command: ["recover"]))
  }

  private func waiting(_ entry: JournalEntry) -> StoreFinding {
    if let instances = entry.instances { return starting(entry, instances) }
    let name = entry.id?.text ?? "a release"
    let text = currentProgress?.text(now: now) ?? "waiting for its confirmation"
    let restored = currentProgress.flatMap { $0.isRestoring ? $0.release : nil }
    return StoreFinding(
      .unconfirmed, .note, entry.id,
      restored.map { "\(place: name) failed; restoring \(place: $0): \(text)" }
        ?? "\(place: name) is unconfirmed: \(text)",
      hint: restored == nil
        ? Hint("to restore the old release now", command: ["abort"])
        : Hint("follow it", command: ["status", "--watch"]))
  }

  /// The finding about a switch between instances: the new release is not live before it is healthy.
  private func starting(_ entry: JournalEntry, _ instances: InstanceSwitch) -> StoreFinding {
    let name = entry.id?.text ?? "a release"
    let follow = Hint("follow it", command: ["status", "--watch"])
    func finding(_ message: Message, _ hint: Hint) -> StoreFinding {
      StoreFinding(.unconfirmed, .note, entry.id, message, hint: hint)
    }
    if snapshot.live == entry.id, entry.from != entry.id {
      return finding("\(place: name) is healthy, and its switch ends", follow)
    }
    let text = currentProgress?.text(now: now) ?? "waiting for systemd"
    if let other = currentProgress?.release, other != name {
      return finding("\(place: name) failed; starting \(place: other) again: \(text)", follow)
    }
    let old: Message = entry.from.map { "\($0) stays live" } ?? "nothing was live"
    return finding(
      instances.overlap
        ? "\(place: name) is starting, not live: \(text)"
        : "\(place: name) is starting: \(text)",
      Hint(
        instances.overlap ? "to stop it now; \(old)" : "to restore the old release now",
        command: ["abort"]))
  }

  fileprivate var linkFindings: [StoreFinding] {
    let links: [(String, StoreFinding.Code, ReleaseLink)] = [
      (Layout.current, .currentBroken, snapshot.current),
      (Layout.previous, .previousBroken, snapshot.previous),
    ]
    let broken = links.compactMap { name, code, link in
      link.problem(named: name).map {
        StoreFinding(
          code, $0, hint: hint(forBroken: link, named: name),
          refusal: link.state == .notALink ? .notALink : nil)
      }
    }
    guard let entry = journal.entry, entry.phase == .done else { return broken }
    return broken + moved(from: entry.linksLeft, to: snapshot.links)
  }

  /// How to move away what has the name of a link, without which neither a switch nor a recovery
  /// succeeds; nil when nothing is in the way.
  var notALinkHint: Hint? {
    let names = [(Layout.current, snapshot.current), (Layout.previous, snapshot.previous)]
    return names.first { $0.1.state == .notALink }.map { name, _ in
      let hint = hint(forNoLink: name)
      return Hint("first, since \(name) is not a link, \(hint.text)", hint.command)
    }
  }

  private func hint(forNoLink name: String) -> Hint {
    notALinkHints[name]
      ?? Hint("see what it is", shell: "ls -ld \("\(path)/\(name)".shellWord)")
  }

  private func hint(forBroken link: ReleaseLink, named name: String) -> Hint {
    if link.state == .notALink { return hint(forNoLink: name) }
    // Another switch would leave what the service runs, and no rollback could return to it.
    if name == Layout.current, let foreignCurrentHint { return foreignCurrentHint }
    if let id = snapshot.releaseOfMovedLink(link) {
      return obstacleHint
        ?? Hint("if the store was moved here, replace the link", command: ["activate", id.text])
    }
    if name == Layout.previous, case .dangling(let id) = link.state, snapshot.catalog[id] != nil {
      return Hint(
        "if it will not come back, remove its catalog entry", command: ["remove", id.text])
    }
    // Any switch writes both links.
    return switchHint ?? Hint("see the releases", command: ["list"])
  }

  /// Returns a finding for each link that differs from the journal, which is the result of a manual
  /// `ln -sfn`.
  private func moved(from left: LinkPair, to now: LinkPair) -> [StoreFinding] {
    let all = [
      (Layout.current, left.current, now.current), (Layout.previous, left.previous, now.previous),
    ]
    return all.filter { !LinkPair.isSameText($0.1, $0.2) }.map { name, old, new in
      StoreFinding(
        .linkMoved,
        "\(name) was moved by hand from \(linkTarget: old) to \(linkTarget: new)",
        hint: notALinkHint ?? Hint("record the move", command: ["recover"]))
    }
  }
}
