internal import Text

/// The direction in which recovery ends an operation that can be finished or undone.
package enum RecoveryDirection: Sendable {
  /// Finishes the operation if that is safe, after an interruption.
  case forward
  /// Undoes the operation, after a failure that is reported to the caller.
  case back
}

/// Returns the steps of a recovery, planned from the last journal entry and the facts.
package func recoverySteps(
  _ entry: JournalEntry, _ facts: RecoveryFacts, _ direction: RecoveryDirection = .forward
) -> [RecoveryStep] {
  var steps: [RecoveryStep] = facts.historyIsTorn ? [.cutTornHistory] : []
  // Half-written files are removed first, since the other steps need space on a disk that may be
  // full.
  if entry.phase == .intent || facts.hasHalfWrittenFiles { steps.append(.sweepControlFiles) }
  steps += facts.temporaryLinks.map { .removeTemporaryLink($0) }
  steps +=
    entry.phase == .intent
    ? stepsAfterIntent(entry, facts, direction) : stepsAfterDone(entry, facts)
  steps += stepsToEndPreparations(
    facts.interruptedPreparations.filter { id in
      !steps.contains { $0.endsPreparation(of: id) }
    })
  steps += facts.abandonedStages.map { .discardStage($0) }
  steps += facts.orphanedTrees.map { .removeTemporaryTree(ofStage: $0) }
  return steps
}

/// Returns the steps that end interrupted preparations. A recovery that was killed during these
/// steps may have left a half-written file, which is removed first: once they have succeeded, no
/// later command looks for it.
private func stepsToEndPreparations(_ interrupted: [ReleaseID]) -> [RecoveryStep] {
  if interrupted.isEmpty { return [] }
  return [.sweepControlFiles]
    + interrupted.map { .failPreparation($0, reason: RecoveryStep.interruptedPreparation) }
}

/// Returns the steps that repeat what a power failure may have undone after the transaction ended.
private func stepsAfterDone(_ entry: JournalEntry, _ facts: RecoveryFacts) -> [RecoveryStep] {
  var steps: [RecoveryStep] = facts.catalogLacksSwitch ? [.sweepControlFiles, .applyToCatalog] : []
  if facts.historyLacks(entry) { steps.append(.appendHistory) }
  if facts.links != entry.linksLeft {
    steps.append(.acceptDrift(from: entry.linksLeft, to: facts.links))
  }
  if let id = facts.releaseLeftByHand { steps.append(.pointPrevious(id)) }
  return steps + stepsForInstances(facts.instances)
}

/// Returns the steps that finish or undo an interrupted operation. The last one ends the
/// transaction.
private func stepsAfterIntent(
  _ entry: JournalEntry, _ facts: RecoveryFacts, _ direction: RecoveryDirection
) -> [RecoveryStep] {
  // A person who has moved `current` since decided what is live, and the journal must not undo
  // that.
  let correctsPrevious = LinkPair.isSameText(entry.before.current, entry.after.current)
  if entry.operation.isSwitch, let instances = entry.instances {
    return stepsAfterInstanceSwitch(entry, instances, facts, direction)
  }
  var entry = entry
  let isMovedByHand = entry.isMovedByHand(facts.links)
  if isMovedByHand { entry.keepCurrent(of: facts.links) }
  switch entry.operation {
  case .activate, .rollback:
    if isMovedByHand && (!facts.releaseIsCurrentTarget || entry.confirm == true) {
      return [
        .pointLinks(entry.before),
        .complete(.undone, note: "\(Layout.current) was moved by hand in the meantime"),
      ]
    }
    return stepsAfterSwitch(entry, facts, direction)
  case .publish: return stepsAfterPublish(entry, facts)
  case .remove: return stepsAfterRemove(entry, facts, direction)
  case .initialize:
    // Adoption only adds what is missing, and the next `init` adds the rest.
    return [
      .pointLinks(entry.after),
      .complete(.finished, note: "initialized; run init again to adopt the remaining releases"),
    ]
  case .pin, .unpin, .mark, .freeze, .thaw:
    if direction == .back { return stepsToUndo(entry) }
    return [
      .pointLinks(entry.after), .applyToCatalog,
      .complete(.finished, note: "\(entry.operation.rawValue) finished"),
    ]
  case .prepare: return stepsAfterPrepare(entry, direction)
  case .drift where correctsPrevious:
    if direction == .back { return stepsToUndo(entry) }
    return [.pointLinks(entry.after), .complete(.finished, note: "recovered")]
  case .drift, .rebuild: return [.complete(.finished, note: "recovered")]
  }
}

private func stepsAfterPublish(_ entry: JournalEntry, _ facts: RecoveryFacts) -> [RecoveryStep] {
  guard let id = entry.id else { return stepsWithoutRelease }
  if facts.releaseExists {
    return [.finishPublication(id), .complete(.finished, note: "published \(id)")]
  }
  return [.dropPublication(id), .complete(.undone, note: "\(id) was not published")]
}

private func stepsAfterRemove(
  _ entry: JournalEntry, _ facts: RecoveryFacts, _ direction: RecoveryDirection
) -> [RecoveryStep] {
  guard let id = entry.id else { return stepsWithoutRelease }
  if direction == .back && facts.releaseExists { return stepsToUndo(entry) }
  if facts.releaseExists && facts.releaseIsCurrentTarget {
    return [.pointLinks(entry.before), .complete(.undone, note: "\(id) was made live by hand")]
  }
  return [
    .pointLinks(entry.after), .finishRemoval(id), .complete(.finished, note: "removed \(id)"),
  ]
}

/// Returns the steps that mark an interrupted preparation as failed, whatever state it was about to
/// record.
private func stepsAfterPrepare(
  _ entry: JournalEntry, _ direction: RecoveryDirection
) -> [RecoveryStep] {
  guard let id = entry.id else { return stepsWithoutRelease }
  if direction == .back { return [.complete(.failed, note: "\(id) is unchanged")] }
  let reason = entry.newState == .failed ? entry.reason.map { Message(verbatim: $0) } : nil
  return [
    .failPreparation(id, reason: reason ?? RecoveryStep.interruptedPreparation),
    .complete(.undone, note: "\(id) is not ready"),
  ]
}

private func stepsAfterSwitch(
  _ entry: JournalEntry, _ facts: RecoveryFacts, _ direction: RecoveryDirection
) -> [RecoveryStep] {
  guard let id = entry.id else { return [.complete(.undone, note: "the entry names no release")] }
  let place = facts.hasForeignPlace ? entry.before.current : nil
  let live: Message =
    entry.from.map { "\($0) stays live" }
    ?? place.map { "\(Layout.current) points to \(linkTarget: $0) again" } ?? "no release is live"
  if direction == .back { return stepsToUndo(entry) }
  if entry.confirm == true && !facts.isConfirmed {
    let reason: Message = "its switch was interrupted before it was confirmed"
    let restart: [RecoveryStep] =
      entry.from.map { [.runActivateHook($0, previous: id)] }
      ?? place.map { [.runActivateHookForPlace($0, failed: id)] } ?? []
    let mark = BadMark.decide(wasGood: facts.wasGood, isInterrupted: true, restoredFails: false)
    return [.pointLinks(entry.before)] + (mark == .mark ? [.markBad(id, reason: reason)] : [])
      + restart
      + [.complete(.undone, note: "\(id) was not confirmed; \(live)")]
  }
  if facts.releaseExists && facts.releaseIsIntact {
    return [.pointLinks(entry.after), .applyToCatalog, .complete(.finished, note: "\(id) is live")]
  }
  return [
    .pointLinks(entry.before),
    .complete(.undone, note: "\(id) is missing or modified; \(live)"),
  ]
}

private func stepsToUndo(_ entry: JournalEntry) -> [RecoveryStep] {
  [.pointLinks(entry.before), .complete(.failed, note: "everything is as before")]
}

/// The steps that end an operation whose journal entry names no release, although it should.
private var stepsWithoutRelease: [RecoveryStep] {
  [.complete(.finished, note: "recovered")]
}
