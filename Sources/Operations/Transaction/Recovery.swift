internal import Configuration
package import ReleaseModel
package import ReleaseStore
package import Text

/// Recovers a store from an interrupted command: finishes or undoes it, and records what was changed
/// by hand.
package enum Recovery {
  /// Describes what recovery would do now, one line per step. Takes no lock and changes nothing.
  ///
  /// - Parameters:
  ///   - store: the store.
  ///   - environment: what is taken from outside the store.
  ///   - hooks: what recovery would do about the activate hook.
  /// - Returns: the steps; empty when nothing has to be recovered.
  /// - Throws: `permission` when this user may not read the journal, another error when the store
  ///   can't be read.
  package static func plan(
    _ store: Store, _ environment: Environment, hooks: RecoveryHooks = .run
  ) throws(ReleasesError) -> [Message] {
    try store.journal.refuseUnlessReadable()
    guard let entry = try store.journal.last() else {
      return ["rebuild the journal from the links"]
    }
    let facts = try facts(for: entry, store, environment, hooks)
    let steps = recoverySteps(entry, facts)
      .filter { hooks != .skip || !$0.runsHook }
      .filter { !$0.isDone(facts.instances, entry, store, environment) }.map(\.sentence)
    return steps
      + (try Trash(store: store).items().map { "remove \(verbatim: $0.name) from the trash" })
  }

  /// Recovers the store of a transaction that holds the lock.
  ///
  /// - Throws: `interrupted` when it needs a hook that is refused, another error when a step fails.
  static func run(_ transaction: inout Transaction) throws(ReleasesError) {
    let store = transaction.store
    let entry = try lastEntry(&transaction)
    let facts = try facts(for: entry, store, transaction.environment, transaction.hooks)
    let steps = recoverySteps(entry, facts)
    try refuseHooks(steps, entry, transaction)
    let bootID = transaction.environment.actor.bootID
    // What an interrupted switch has left to drain is looked at when the switch has been ended.
    transaction.draining =
      entry.phase == .intent || transaction.hooks == .refuse
      ? entry.drains(bootID: bootID) : entry.livingDrains(bootID: bootID)
    // No switch waits to be confirmed while this process holds the lock.
    store.abortFile.remove()
    store.confirmationFile.removeLeftover()
    transaction.mayPrepare = facts.mayPrepare
    // The writer may have been killed before the entry was durable; nothing may follow from it then.
    if entry.phase == .intent || facts.historyLacks(entry) { try transaction.flushJournal() }
    do throws(ReleasesError) {
      try execute(steps, entry, &transaction)
    } catch let error where entry.operation == .remove && !error.isLostWrite {
      // Some file systems can't move anything to the trash. Then nothing is removed, and the store
      // stays usable.
      let facts = try self.facts(for: entry, store, transaction.environment, transaction.hooks)
      try execute(recoverySteps(entry, facts, .back), entry, &transaction)
      transaction.warn(error)
    }
    // Only a completed journal shows what was moved by hand since then.
    if entry.phase == .intent, let last = transaction.lastEntry {
      let facts = try self.facts(for: last, store, transaction.environment, transaction.hooks)
      try execute(recoverySteps(last, facts), last, &transaction)
    }
    try LinkCorrections.movePreviousOffBadRelease(in: &transaction)
    for item in try Trash(store: store).items() { transaction.removeLater(item) }
  }

  /// Reads what recovery decides from, with what it may do about instances.
  ///
  /// - Throws: an error when something can't be read.
  private static func facts(
    for entry: JournalEntry, _ store: Store, _ environment: Environment, _ hooks: RecoveryHooks
  ) throws(ReleasesError) -> RecoveryFacts {
    var facts = try RecoveryFacts(for: entry, in: store, environment)
    // Without hooks, the process may lack the rights to control units and to change the link.
    if hooks == .refuse, entry.phase == .done { facts.instances = nil }
    guard var instances = facts.instances else { return facts }
    instances.overlap = (try? store.configuration())?.instances?.overlap ?? true
    instances.startsLive = hooks == .repair || hooks == .skip
    // The process may have stopped its instance: the journal does not record that.
    if !instances.abandonedDrains.isEmpty, let layout = entry.draining?.layout {
      let releases = ReleaseInstances(layout, store, environment)
      instances.abandonedDrains = entry.abandonedDrains(bootID: environment.actor.bootID)
        .filter(releases.isRunning).map(\.id)
    }
    if hooks == .repair {
      instances.leftRehearsals = leftRehearsals(after: entry, store, environment)
      instances.abandonedDrains += orphans(of: entry, instances, store, environment)
    }
    facts.instances = instances
    return facts
  }

  /// Returns the releases whose instances run although they are neither live nor drain, nor take part in
  /// the interrupted switch.
  private static func orphans(
    of entry: JournalEntry, _ facts: InstanceFacts, _ store: Store, _ environment: Environment
  ) -> [ReleaseID] {
    guard entry.phase == .done, let layout = entry.layoutForRecovery(of: store, environment),
      let running = try? ReleaseInstances(
        layout, store, environment
      ).ownRunning()
    else { return [] }
    let earlier = (try? store.configuration())?.instances.flatMap {
      EarlierInstances(unlike: $0.layout, in: store, environment)
    }
    let draining = entry.livingDrains(bootID: environment.actor.bootID)?.drains ?? []
    let known = [facts.current].compactMap { $0 } + facts.abandonedDrains + draining.map(\.id)
    return running.union(earlier?.running ?? []).subtracting(known)
      .sorted { $0.text < $1.text }
  }

  /// Returns the releases whose rehearsals run although no switch was interrupted.
  private static func leftRehearsals(
    after entry: JournalEntry, _ store: Store, _ environment: Environment
  ) -> [ReleaseID] {
    guard entry.phase == .done,
      let layout = (try? store.configuration())?.instances?.rehearsalLayout,
      let running = try? ReleaseInstances(layout, store, environment).ownRunning()
    else { return [] }
    return running.sorted { $0.text < $1.text }
  }

  /// Returns the last entry of the journal; if neither slot is valid, one made from the links.
  ///
  /// - Throws: an error when the history, the links or the catalog can't be read, or the journal
  ///   can't be written.
  private static func lastEntry(
    _ transaction: inout Transaction
  ) throws(ReleasesError) -> JournalEntry {
    let store = transaction.store
    if let last = transaction.lastEntry, last.phase == .done { return last }
    let history = try store.history.end()
    // A history with a later entry was written together with another journal than this one.
    if let last = transaction.lastEntry, last.sequence > history.sequence ?? 0 { return last }
    let links = try store.links.texts()
    let catalog = try store.catalog.all()
    let sequence = max(catalog.lastSequence ?? 0, history.sequence ?? 0) + 1
    let isNew = sequence == 1 && catalog.corrupt.isEmpty && history.completeBytes == 0
    let intent = Intent(operation: isNew ? .initialize : .rebuild, before: links, after: links)
    guard !isNew else { return try transaction.record(intent, sequence: sequence) }
    let note: Message = "the journal was missing, corrupt or old; it was rebuilt from the links"
    try store.history.cutTornLine()
    let entry = try transaction.record(intent, sequence: sequence, note: note)
    try ReleaseRecords(store: store).sweepTemporaryFiles()
    transaction.reportRecovery(note)
    return entry
  }

  /// Refuses a recovery that must run the activate hook or control units, if hooks are refused. Nothing
  /// has been changed.
  ///
  /// - Throws: `interrupted` for such a recovery.
  private static func refuseHooks(
    _ steps: [RecoveryStep], _ entry: JournalEntry, _ transaction: borrowing Transaction
  ) throws(ReleasesError) {
    guard transaction.hooks == .refuse else { return }
    let runsHook =
      steps.contains(where: \.runsHook)
      && (try? transaction.store.configuration())?.hooks.activate != nil
    let controlsUnits = entry.phase == .intent && steps.contains(where: \.controlsUnits)
    guard runsHook || controlsUnits else { return }
    let id: Message = entry.id.map { " to \($0)" } ?? ""
    let what: Message = runsHook ? "run the activate hook" : "start and stop instances"
    throw ReleasesError(
      .interrupted,
      "a switch\(id) was interrupted, and its recovery must \(what),"
        + " which --no-hooks forbids",
      hint: Hint("recover now", command: ["recover"]))
  }
}
