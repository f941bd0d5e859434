package import Text

/// A step of recovery. Every step may be repeated: recovery can be killed between any two steps,
/// and then starts again.
package enum RecoveryStep: Equatable, Sendable {
  /// Points both links to their targets, `current` last.
  case pointLinks(LinkPair)
  /// Makes the catalog, or the freeze file, agree with the journal entry.
  case applyToCatalog
  /// Marks the release of an unconfirmed switch as bad.
  case markBad(ReleaseID, reason: Message)
  /// Runs the activate hook, so that the service uses the release that is live again.
  case runActivateHook(ReleaseID, previous: ReleaseID?)
  /// Runs the activate hook for a place that is not a release, to which `current` points again.
  ///
  /// - Parameters:
  ///   - text: the text of the link.
  ///   - failed: the release whose switch was interrupted.
  case runActivateHookForPlace(_ text: String, failed: ReleaseID)
  /// Points the link `live` to the instance of a release, which it starts first if `starts` is true.
  case serveInstance(ReleaseID, starts: Bool)
  /// Stops the instance of a release.
  case stopInstance(ReleaseID)
  /// Stops the instance of a release when its connections have ended, and the lock has been released.
  case drainInstance(ReleaseID)
  /// Stops the unit that rehearses a release.
  case stopRehearsal(ReleaseID)
  /// Restarts the units that have no instances.
  case restartUnits
  /// Records that the preparation of a release was interrupted.
  case failPreparation(ReleaseID, reason: Message)
  /// Removes what an unfinished publication left in the catalog.
  case dropPublication(ReleaseID)
  /// Moves the release to the trash and removes its catalog entry.
  case finishRemoval(ReleaseID)
  /// Makes the name of the release durable.
  case finishPublication(ReleaseID)
  /// Writes the end of the transaction to the journal.
  case complete(JournalEntry.Outcome, note: Message)
  /// Records in the journal that the links differ from its last entry.
  case acceptDrift(from: LinkPair, to: LinkPair)
  /// Points `previous` to the release that was live until a person moved `current`.
  case pointPrevious(ReleaseID)
  case appendHistory
  /// Removes a torn last line from the history.
  case cutTornHistory
  /// Removes half-written files from `.releases/`, which only a dead writer leaves, and makes
  /// durable what the writer had changed there.
  case sweepControlFiles
  case removeTemporaryLink(String)
  case discardStage(String)
  /// Removes the tree in `releases/` that was made for a stage that no longer exists.
  case removeTemporaryTree(ofStage: String)
}

extension RecoveryStep {
  static let interruptedPreparation: Message = "its preparation was interrupted"

  func endsPreparation(of id: ReleaseID) -> Bool {
    if case .failPreparation(id, _) = self { true } else { false }
  }
}

extension RecoveryStep {
  /// The step as an imperative sentence, for a dry run.
  package var sentence: Message {
    switch self {
    case .pointLinks(let pair):
      "point \(Layout.current) to \(linkTarget: pair.current)"
        + " and \(Layout.previous) to \(linkTarget: pair.previous)"
    case .applyToCatalog: "update the catalog from the journal"
    case .markBad(let id, let reason): "mark \(id) as bad: \(reason)"
    case .runActivateHook(let id, _): "run the activate hook for \(id)"
    case .runActivateHookForPlace(let text, _):
      "run the activate hook for \(path: text), which is not a release"
    case .serveInstance(let id, starts: true):
      "start the instance of \(id), and point service.live to it"
    case .serveInstance(let id, starts: false):
      "point service.live to the socket of \(id), if its instance listens"
    case .stopInstance(let id): "stop the instance of \(id)"
    case .drainInstance(let id): "let the instance of \(id) drain, and stop it"
    case .stopRehearsal(let id): "stop the rehearsal of \(id)"
    case .restartUnits: "restart the units that have no instances"
    case .failPreparation(let id, let reason): "mark \(id) as not ready: \(reason)"
    case .dropPublication(let id): "remove the catalog entry of \(id), which was not published"
    case .finishRemoval(let id): "finish the removal of \(id)"
    case .finishPublication(let id): "finish the publication of \(id)"
    case .complete(let outcome, let note): "end the transaction as \(outcome.rawValue): \(note)"
    case .acceptDrift: "record that the links were moved by hand"
    case .pointPrevious(let id):
      "point \(Layout.previous) to \(id), which was live before \(Layout.current) was moved by hand"
    case .appendHistory: "append the last transaction to the history"
    case .cutTornHistory: "remove a torn line from the history"
    case .sweepControlFiles: "remove half-written files from \(Layout.control)"
    case .removeTemporaryLink(let name): "remove the temporary link \(verbatim: name)"
    case .discardStage(let name): "discard the stage \(verbatim: name), whose writer is dead"
    case .removeTemporaryTree(let stage):
      "remove the leftover tree of the lost stage \(verbatim: stage)"
    }
  }
}
