internal import Configuration
internal import HostPrograms
internal import Linux
internal import ReleaseModel
internal import ReleaseStore
internal import StoreSupport
internal import Text

extension Recovery {
  /// Executes the steps of a recovery in their order.
  ///
  /// - Throws: the error of the first step that fails.
  static func execute(
    _ steps: [RecoveryStep], _ entry: JournalEntry, _ transaction: inout Transaction
  ) throws(ReleasesError) {
    for (index, step) in steps.enumerated() {
      do throws(ReleasesError) {
        if try executeOnStore(step, entry, transaction.store) { continue }
        try executeOnTransaction(step, entry, &transaction)
      } catch {
        if entry.phase == .intent, let instances = entry.instances {
          serveAnyway(steps[(index + 1)...], instances, entry, &transaction)
        }
        throw error
      }
    }
  }

  /// Executes the remaining steps that let an instance serve: it must run even if the store can't be
  /// written. The next recovery executes all steps again.
  private static func serveAnyway(
    _ steps: ArraySlice<RecoveryStep>, _ instances: InstanceSwitch, _ entry: JournalEntry,
    _ transaction: inout Transaction
  ) {
    for step in steps {
      switch step {
      case .serveInstance: break
      // Without overlap, the one that serves may not run beside another one.
      case .stopInstance where !instances.overlap, .stopRehearsal: break
      default: continue
      }
      executeOnInstances(step, entry, &transaction)
    }
  }

  /// Executes a step that needs nothing but the files of the store.
  ///
  /// - Returns: false for any other step.
  /// - Throws: an error when the step fails.
  private static func executeOnStore(
    _ step: RecoveryStep, _ entry: JournalEntry, _ store: Store
  ) throws(ReleasesError) -> Bool {
    let records = ReleaseRecords(store: store)
    switch step {
    case .pointLinks(let pair): try store.links.setAndFlush(to: pair)
    case .applyToCatalog: try store.catalog.apply(entry)
    case .dropPublication(let id): try records.forget(id)
    case .finishPublication: try records.flushNames()
    case .cutTornHistory: try store.history.cutTornLine()
    case .sweepControlFiles: try records.sweepTemporaryFiles()
    case .removeTemporaryLink(let name):
      try withErrorMessage("can't remove \(name)") { () throws(SystemError) in
        try store.root.unlinkIfPresent(name)
      }
    default: return false
    }
    return true
  }

  private static func executeOnTransaction(
    _ step: RecoveryStep, _ entry: JournalEntry, _ transaction: inout Transaction
  ) throws(ReleasesError) {
    let store = transaction.store
    switch step {
    case .markBad(let id, let reason):
      try store.catalog.markBad(id, reason: reason, since: transaction.environment.actor.now())
    case .runActivateHook(let id, let previous):
      restartService(with: id, previous: previous, &transaction)
    case .runActivateHookForPlace(let text, let failed):
      if let place = ForeignPlace(behind: text, in: store.directories) {
        restartService(with: failed, place: place, previous: failed, &transaction)
      }
    case .serveInstance, .stopInstance, .drainInstance, .stopRehearsal, .restartUnits:
      executeOnInstances(step, entry, &transaction)
    case .failPreparation(let id, let reason):
      try failPreparation(of: id, reason, &transaction)
    case .finishRemoval(let id):
      try Trash(store: store).add(id, &transaction)
      try ReleaseRecords(store: store).forget(id)
    case .complete(let outcome, let note):
      // An adoption gave sequences to releases before its own end.
      let last = entry.operation == .initialize ? try store.catalog.all().lastSequence : nil
      try transaction.complete(entry, outcome, after: last, note: note)
      transaction.reportRecovery(
        "\(entry.operation.rawValue) started at \(entry.started.rfc3339): \(note)")
    case .acceptDrift(let from, let to):
      try acceptDrift(from, to, sequence: entry.sequence + 1, &transaction)
    case .pointPrevious(let id): try LinkCorrections.pointPrevious(to: id, in: &transaction)
    case .appendHistory: try transaction.appendHistory(entry)
    case .discardStage(let name): try discardStage(name, &transaction)
    case .removeTemporaryTree(let stage): removeTemporaryTree(ofStage: stage, transaction)
    case .pointLinks, .applyToCatalog, .dropPublication, .finishPublication, .cutTornHistory,
      .sweepControlFiles, .removeTemporaryLink:
      break
    }
  }

  private static func failPreparation(
    of id: ReleaseID, _ reason: Message, _ transaction: inout Transaction
  ) throws(ReleasesError) {
    do throws(ReleasesError) {
      try ReleaseRecords(store: transaction.store).markUnprepared(id, reason: reason)
      transaction.reportRecovery("\(id) is not ready: \(reason)")
    } catch let error where error.isOutOfSpace {
      // Recovery must succeed on a full disk, so that a prune can free space. The next command tries
      // again.
      transaction.warn(error)
    }
  }

  /// Moves a stage to the trash. One that belongs to another user must not block every command.
  ///
  /// - Throws: an error when the stage can't be moved for another reason.
  private static func discardStage(
    _ name: String, _ transaction: inout Transaction
  ) throws(ReleasesError) {
    do throws(ReleasesError) {
      try Trash(store: transaction.store).add(stage: name, &transaction)
    } catch let error where error.code == .permission {
      transaction.environment.observer.warn(Notice(error))
    }
  }

  private static func removeTemporaryTree(
    ofStage stage: String, _ transaction: borrowing Transaction
  ) {
    let store = transaction.store
    do throws(SystemError) {
      try store.stages.removeTemporaryTree(ofStage: stage)
    } catch {
      // As with the trash, a failed removal must not block the recovery.
      let name = store.path(Layout.releases, Layout.temporaryTree(ofStage: stage))
      transaction.environment.observer.warn(
        "can't remove \(path: name), the next command tries again: \(Message(error))")
    }
  }

  /// Runs the activate hook, because the service may already run the release whose switch was
  /// interrupted. `recover --boot` skips it: the service has not started yet.
  private static func restartService(
    with id: ReleaseID, place: ForeignPlace? = nil, previous: ReleaseID?,
    _ transaction: inout Transaction
  ) {
    guard transaction.hooks != .skip else { return }
    let configuration: Configuration
    do throws(ReleasesError) {
      configuration = try transaction.store.configuration()
    } catch {
      let name = place?.text ?? id.text
      transaction.environment.observer.warn(
        Notice(
          "\(place: name) is live again, but no hook has run, because the configuration is unusable:"
            + " \(error.line)",
          hint: Hint("correct it, then restart the service", command: ["restart"])))
      record("no hook has run, because \(Layout.configuration) was unusable", name, &transaction)
      return
    }
    guard let hook = configuration.hooks.activate else { return }
    var call = HookCall(
      .activate, hook, id: id, previous: previous,
      ref: place == nil ? transaction.store.catalog.ref(of: id) : nil, event: "restore")
    call.place = place
    let name = place?.text ?? id.text
    let report = ReleasePrograms(
      store: transaction.store, environment: transaction.environment
    ).runActivateHook(call, configuration, stop: { nil })
    if let problem = report.problem {
      transaction.environment.observer.warn(
        Notice(
          "\(place: name) is live again, but \(problem)",
          hint: report.isRefusedBySudo
            ? .sudoRule("sudo does not permit the activate hook", then: "restart the service") : nil
        ))
      record(problem, name, &transaction)
    } else {
      transaction.reportRecovery("the activate hook has run for \(place: name)")
    }
  }

  /// Records for `status` why it is unknown what the service runs.
  static func record(
    _ problem: Message, _ name: String, _ transaction: inout Transaction
  ) {
    transaction.store.confirmationFile.write(
      ConfirmationProgress(
        sequence: transaction.lastEntry?.sequence ?? 0, release: Message("\(place: name)").text,
        isRestoring: true,
        stage: .hook, since: transaction.environment.actor.now(), timeLimit: 0,
        operation: .recover, by: transaction.environment.actor, problem: problem))
  }

  private static func acceptDrift(
    _ from: LinkPair, _ to: LinkPair, sequence: UInt64, _ transaction: inout Transaction
  ) throws(ReleasesError) {
    var changes: [Message] = []
    for (name, old, new) in [
      (Layout.current, from.current, to.current), (Layout.previous, from.previous, to.previous),
    ] where !LinkPair.isSameText(old, new) {
      changes.append("\(name) from \(linkTarget: old) to \(linkTarget: new)")
    }
    let note: Message = "moved by hand: " + changes.joined(separator: ", ")
    let live = try transaction.store.links.link(Layout.current).release
    try transaction.record(
      Intent(operation: .drift, id: live, before: from, after: to), sequence: sequence, note: note)
    transaction.reportRecovery(note)
    // If `current` points to `previous`, it has to be corrected before that one moves.
    try LinkCorrections.pointDirectly(in: &transaction)
  }
}
