internal import Text

// What the next switch would find: the live release and the rollback target.

extension StoreFacts {
  /// The first release that a rollback would accept; nil when there is none.
  package var wholeCandidate: ReleaseID? {
    rollbackChecks.first { $0.result == .whole }?.id
  }

  /// Whether `rollback` would be refused for the rollback target; nil when there is none, or it
  /// can't be found out.
  package var isRollbackWhole: Bool? {
    guard let first = rollbackChecks.first, first.id == snapshot.rollbackTarget else { return nil }
    return switch first.result {
    case .whole: true
    case .notWhole, .unreadable: false
    case .unknown: nil
    }
  }

  /// How to remove what would make every switch fail; nil when nothing would.
  var obstacleHint: Hint? {
    if let notALinkHint { return notALinkHint }
    if snapshot.freeze != nil { return .thaw }
    guard let obstacle = switchObstacles.first else { return nil }
    // The hint is shown with another finding, so it has to say what it is about.
    return obstacle.hint.flatMap { hint in
      hint.command.map { Hint("first, since \(obstacle.message), \(hint.text)", $0) }
    }
      ?? Hint(
        "first correct what prevents every switch: \(obstacle.message); see", command: ["check"])
  }

  /// How to make a release live that a switch would accept; nil when there is none.
  var switchHint: Hint? {
    guard let id = wholeCandidate ?? activationChecks.first(where: { $0.result == .whole })?.id
    else { return nil }
    return obstacleHint ?? Hint("activate a release", command: ["activate", id.text])
  }

  /// How to leave the live release: roll back to the first release that a rollback would accept.
  private var rollbackHint: Hint? {
    wholeCandidate.map { id in
      obstacleHint
        ?? Hint(
          "roll back",
          command: id == snapshot.rollbackTarget ? ["rollback"] : ["rollback", "--to", id.text])
    }
  }

  var liveFindings: [StoreFinding] {
    guard let live = snapshot.live else { return nothingLive }
    guard live != unconfirmedSwitch?.id else { return [] }
    guard let entry = snapshot.catalog[live] else {
      // A corrupt entry has a finding of its own.
      if snapshot.catalog.corrupt.contains(live) { return [] }
      return [
        StoreFinding(
          .liveNotCataloged, .problem, live, "the live release \(live) has no catalog entry",
          hint: Hint("adopt it", command: ["init", "--adopt", live.text]))
      ]
    }
    if entry.state == .ready { return liveContentFindings(live) }
    let reason: Message = entry.reason.map { ": \(verbatim: $0)" } ?? ""
    return [
      StoreFinding(
        entry.state == .bad ? .liveBad : .liveNotReady, .problem, live,
        "the live release \(live) is \(entry.state.rawValue)\(reason)",
        hint: rollbackHint
          ?? Hint("if it works, mark it good", command: ["mark", live.text, "good"]))
    ] + liveContentFindings(live)
  }

  /// The finding about files of the live release that its manifest lists and that are missing or modified:
  /// what runs from memory may not start again.
  private func liveContentFindings(_ live: ReleaseID) -> [StoreFinding] {
    guard let liveCheck, liveCheck.id == live, case .notWhole(let reason) = liveCheck.result else {
      return []
    }
    return [
      StoreFinding(
        .liveNotWhole, .problem, live,
        "the live release \(live) may fail to restart: \(reason)",
        hint: Hint(
          "see every difference, then deploy its archive again", command: ["verify", live.text]))
    ]
  }

  private var nothingLive: [StoreFinding] {
    switch snapshot.current.state {
    case .missing, .dangling, .release: break
    // Something may be live that this store does not know.
    case .elsewhere, .notALink: return []
    }
    return [
      StoreFinding(
        .nothingLive, .problem, failedRelease?.id, "nothing is live" + whyNothingIsLive,
        hint: switchHint ?? obstacleHint
          ?? failedRelease.map {
            Hint(
              "correct the cause, then activate it again, or deploy another release",
              command: ["activate", $0.id.text, "--force"])
          }
          ?? Hint("deploy a release", command: ["deploy", "ARCHIVE"] + signatureOption))
    ]
  }

  /// The newest release if it is bad and no release has been live since; nil otherwise.
  private var failedRelease: CatalogEntry? {
    guard snapshot.current.state == .missing, let newest = snapshot.newestFirst.first,
      newest.state == .bad, snapshot.directories.contains(newest.id)
    else { return nil }
    return newest
  }

  /// The end of the sentence that nothing is live.
  private var whyNothingIsLive: Message {
    let reason: (String?) -> Message = { $0.map { ": \(verbatim: $0)" } ?? "" }
    if snapshot.current.state == .missing, let entry = journal.entry, entry.operation.isSwitch,
      entry.phase == .done, !entry.isSuccess, entry.before.current == nil, let id = entry.id
    {
      return ", since the deployment of \(id) failed"
        + reason(snapshot.catalog[id]?.reason ?? entry.note)
    }
    guard let failedRelease else { return "" }
    return ", and the newest release \(failedRelease.id) is bad" + reason(failedRelease.reason)
  }

  private var signatureOption: [String] {
    requiresSignature ? ["--signature", "ARCHIVE.sig"] : []
  }

  var rollbackFindings: [StoreFinding] {
    guard let first = rollbackChecks.first else { return [] }
    switch first.result {
    case .whole: return []
    case .notWhole(let reason):
      return [
        StoreFinding(
          .rollbackNotWhole, .problem, first.id,
          "a rollback to \(first.id) would be refused: \(reason)",
          hint: wholeCandidate.map {
            obstacleHint ?? Hint("roll back further", command: ["rollback", "--to", $0.text])
          } ?? first.wayOnHint,
          refusal: first.refusal)
      ]
    case .unreadable(let reason, let hint):
      return [
        StoreFinding(
          .rollbackUnknown, .problem, first.id,
          "a rollback to \(first.id) would be refused, since its content can't be checked: \(reason)",
          hint: hint, refusal: .permission)
      ]
    case .unknown(let reason):
      return [
        StoreFinding(
          .rollbackUnknown, .note, first.id,
          "it is unknown whether a rollback to \(first.id) would be refused: \(reason)",
          hint: Hint(
            "find out as the owner of the store",
            shell: "\(asRoot)releases --store \(path.shellWord) rollback --dry-run"))
      ]
    }
  }
}

extension RollbackCheck {
  /// How to see why the release is refused.
  package var detailHint: Hint {
    if let hint { return hint }
    return refusal == .modified
      ? Hint("see every difference", command: ["verify", id.text])
      : Hint("see what every program lacks", command: ["check"])
  }

  /// What to do when a rollback would refuse the release and there is no other one.
  fileprivate var wayOnHint: Hint {
    guard hint == nil, refusal == .modified else { return detailHint }
    return Hint(
      """
      no other release is ready, so deploy a release that can be the rollback target, or roll back to \
      this one with 'rollback --force' if its differences do no harm; see them
      """, command: ["verify", id.text])
  }
}
