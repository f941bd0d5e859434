/// What recovery does next, one step at a time. Every step may be repeated: recovery can be killed
/// between any two and begins again.
package enum RecoveryStep: Equatable, Sendable {
  /// Points both links where they belong, `current` last.
  case setLinks(LinkPair)
  /// Writes to the catalog, or the freeze file, what the entry says.
  case applyToCatalog
  /// Marks the release that was being tried as bad.
  case markBad(ReleaseID, reason: String)
  /// Lets the service use the release that is live again.
  case runActivateHook(ReleaseID, previous: ReleaseID?)
  /// Says that the preparation of a release was cut off.
  case failPreparation(ReleaseID, reason: String)
  /// Removes what a publication that never happened left in the catalog.
  case dropPublication(ReleaseID)
  /// Moves the release to the trash and forgets it.
  case finishRemoval(ReleaseID)
  /// Makes the name of the release durable.
  case finishPublication(ReleaseID)
  /// Writes DONE.
  case complete(JournalEntry.Outcome, note: String)
  /// The links are not as the journal left them: takes them as they are.
  case acceptDrift(from: LinkPair, to: LinkPair)
  case appendHistory
  /// Removes the torn end of a line from the history.
  case cutTornHistory
  /// Removes half-written files of `.releases/`, which only a writer that died leaves, and makes
  /// durable what it had changed there.
  case sweepControlFiles
  case removeTemporaryLink(String)
  case discardStage(String)
  /// Removes from `releases/` the top that was made for a stage that no longer exists.
  case removeTemporaryTree(ofStage: String)
}

/// All that recovery looks at besides the journal.
package struct RecoveryFacts: Equatable, Sendable {
  package var links = LinkPair()
  /// The directory of the entry's release is in `releases/`.
  package var releaseExists = false
  /// `current` leads to it, or into it.
  package var releaseIsHeld = false
  /// That release is all there.
  package var releaseIsWhole = false
  /// The catalog says already that this very switch made it live: it was confirmed.
  package var isConfirmed = false
  package var temporaryLinks: [String] = []
  /// Stages whose writer is dead.
  package var deadStages: [String] = []
  /// Stages that no longer exist, but whose tops are still in `releases/`.
  package var orphanedTrees: [String] = []
  /// The catalog says of some release that it is being prepared, or can't be read to the end.
  package var mayPrepare = false
  /// Releases that nobody prepares any more, though the catalog says so.
  package var deadPreparations: [ReleaseID] = []
  /// The catalog does not have what a switch that is done has made of it.
  package var catalogLacksSwitch = false
  /// The sequence of the history's last line.
  package var lastHistorySequence: UInt64?
  /// That line is followed by a piece of another.
  package var historyIsTorn = false

  package init(links: LinkPair = LinkPair()) { self.links = links }

  package func historyLacks(_ entry: JournalEntry) -> Bool {
    lastHistorySequence.map { $0 < entry.sequence } ?? true
  }
}

/// Which way an operation that can go both ways is settled.
package enum RecoveryDirection: Sendable {
  /// After an interruption: on, if that is safe.
  case forward
  /// After a failure that the caller is told of: back to what was.
  case back
}

/// Decides from the journal's last entry and the facts; changes nothing.
package func recoverySteps(
  _ entry: JournalEntry, _ facts: RecoveryFacts, _ direction: RecoveryDirection = .forward
) -> [RecoveryStep] {
  var steps: [RecoveryStep] = facts.historyIsTorn ? [.cutTornHistory] : []
  // Swept first, since the rest takes room on a disk that may be full.
  if entry.phase == .intent { steps.append(.sweepControlFiles) }
  steps += facts.temporaryLinks.map { .removeTemporaryLink($0) }
  steps += entry.phase == .intent ? settle(entry, facts, direction) : afterDone(entry, facts)
  steps += endPreparations(
    facts.deadPreparations.filter { id in
      !steps.contains { $0.endsPreparation(of: id) }
    })
  steps += facts.deadStages.map { .discardStage($0) }
  steps += facts.orphanedTrees.map { .removeTemporaryTree(ofStage: $0) }
  return steps
}

/// A recovery that was killed here may have left a half-written file, which goes first: after the
/// last of these steps nobody looks for it.
private func endPreparations(_ dead: [ReleaseID]) -> [RecoveryStep] {
  if dead.isEmpty { return [] }
  return [.sweepControlFiles]
    + dead.map { .failPreparation($0, reason: RecoveryStep.interruptedPreparation) }
}

private func afterDone(_ entry: JournalEntry, _ facts: RecoveryFacts) -> [RecoveryStep] {
  // What was not on the disk yet at a power cut.
  var steps: [RecoveryStep] = facts.catalogLacksSwitch ? [.sweepControlFiles, .applyToCatalog] : []
  if facts.historyLacks(entry) { steps.append(.appendHistory) }
  if facts.links != entry.linksLeft {
    steps.append(.acceptDrift(from: entry.linksLeft, to: facts.links))
  }
  return steps
}

/// - Returns: steps of which the last closes the journal.
private func settle(
  _ entry: JournalEntry, _ facts: RecoveryFacts, _ direction: RecoveryDirection
) -> [RecoveryStep] {
  // Whoever moved `current` since has decided what is live, and knew more than the journal.
  var entry = entry
  let isMovedByHand = entry.isMovedByHand(facts.links)
  if isMovedByHand { entry.keepCurrent(of: facts.links) }
  switch entry.operation {
  case .activate, .rollback:
    if isMovedByHand && (!facts.releaseIsHeld || entry.confirm == true) {
      return [
        .setLinks(entry.before),
        .complete(.undone, note: "\(Layout.current) was moved by hand meanwhile"),
      ]
    }
    return settleSwitch(entry, facts, direction)
  case .publish:
    guard let id = entry.id else { break }
    if facts.releaseExists {
      return [.finishPublication(id), .complete(.finished, note: "published \(id)")]
    }
    return [.dropPublication(id), .complete(.undone, note: "\(id) was not published")]
  case .remove:
    guard let id = entry.id else { break }
    if direction == .back && facts.releaseExists { return putBack(entry) }
    if facts.releaseExists && facts.releaseIsHeld {
      return [.setLinks(entry.before), .complete(.undone, note: "\(id) was made live by hand")]
    }
    return [
      .setLinks(entry.after), .finishRemoval(id), .complete(.finished, note: "removed \(id)"),
    ]
  case .initialize:
    // Adoption only adds what is missing; the next `init` adds the rest.
    return [
      .setLinks(entry.after),
      .complete(.finished, note: "initialised; run init again to adopt all"),
    ]
  case .pin, .unpin, .mark, .freeze, .thaw:
    if direction == .back { return putBack(entry) }
    return [
      .setLinks(entry.after), .applyToCatalog,
      .complete(.finished, note: "\(entry.operation.rawValue) carried out"),
    ]
  case .prepare:
    guard let id = entry.id else { break }
    return settlePreparation(of: id, entry, direction)
  case .drift, .rebuild:
    break
  }
  return [.complete(.finished, note: "settled")]
}

/// A preparation that was cut off has failed, whatever it was about to say.
private func settlePreparation(
  of id: ReleaseID, _ entry: JournalEntry, _ direction: RecoveryDirection
) -> [RecoveryStep] {
  if direction == .back { return [.complete(.failed, note: "\(id) is as it was")] }
  let reason = entry.newState == .failed ? entry.reason : nil
  return [
    .failPreparation(id, reason: reason ?? RecoveryStep.interruptedPreparation),
    .complete(.undone, note: "\(id) is not ready"),
  ]
}

private func settleSwitch(
  _ entry: JournalEntry, _ facts: RecoveryFacts, _ direction: RecoveryDirection
) -> [RecoveryStep] {
  guard let id = entry.id else { return [.complete(.undone, note: "no release was named")] }
  let stays = entry.from.map { "\($0) stays live" } ?? "nothing is live"
  if direction == .back { return putBack(entry) }
  if entry.confirm == true && !facts.isConfirmed {
    let reason = "its switch was interrupted before it was confirmed"
    let restart: [RecoveryStep] =
      entry.from.map { [.runActivateHook($0, previous: id)] } ?? []
    return [.setLinks(entry.before), .markBad(id, reason: reason)] + restart
      + [.complete(.undone, note: "\(id) was not confirmed; \(stays)")]
  }
  if facts.releaseExists && facts.releaseIsWhole {
    return [.setLinks(entry.after), .applyToCatalog, .complete(.finished, note: "\(id) is live")]
  }
  return [
    .setLinks(entry.before), .complete(.undone, note: "\(id) is not whole; \(stays)"),
  ]
}

extension RecoveryStep {
  static let interruptedPreparation = "its preparation was interrupted"

  fileprivate func endsPreparation(of id: ReleaseID) -> Bool {
    if case .failPreparation(id, _) = self { true } else { false }
  }
}

extension JournalEntry {
  /// `current` is neither as it was nor as this entry makes it.
  package func isMovedByHand(_ links: LinkPair) -> Bool {
    guard let current = links.current else { return false }
    return current != before.current && current != after.current
  }

  fileprivate mutating func keepCurrent(of links: LinkPair) {
    before.current = links.current
    after.current = links.current
  }
}

private func putBack(_ entry: JournalEntry) -> [RecoveryStep] {
  [.setLinks(entry.before), .complete(.failed, note: "all is as it was")]
}

extension RecoveryStep: CustomStringConvertible {
  /// Imperative, for a dry run.
  package var description: String {
    switch self {
    case .setLinks(let pair):
      "point \(Layout.current) at \(pair.current ?? "nothing")"
        + " and \(Layout.previous) at \(pair.previous ?? "nothing")"
    case .applyToCatalog: "write to the catalog what the journal says"
    case .markBad(let id, let reason): "mark \(id) as bad: \(reason)"
    case .runActivateHook(let id, _): "run the activate hook, for \(id)"
    case .failPreparation(let id, let reason): "say that \(id) is not ready: \(reason)"
    case .dropPublication(let id): "forget \(id), which was never published"
    case .finishRemoval(let id): "finish the removal of \(id)"
    case .finishPublication(let id): "finish the publication of \(id)"
    case .complete(let outcome, let note): "close the transaction as \(outcome.rawValue): \(note)"
    case .acceptDrift: "note that the links were moved by hand"
    case .appendHistory: "append the last transaction to the history"
    case .cutTornHistory: "cut a torn line off the history"
    case .sweepControlFiles: "remove half-written files of \(Layout.control)"
    case .removeTemporaryLink(let name): "remove the temporary link \(name)"
    case .discardStage(let name): "discard the stage \(name), whose writer is gone"
    case .removeTemporaryTree(let stage): "remove the leftover directory of the lost stage \(stage)"
    }
  }
}
