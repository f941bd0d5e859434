internal import FoundationEssentials
internal import Linux

extension Transaction {
  /// Settles what an interrupted command left, and notes what was changed by hand.
  mutating func recover() throws(ReleasesError) {
    let entry = try lastEntry()
    let facts = try store.recoveryFacts(entry)
    let steps = recoverySteps(entry, facts)
    try refuseHooks(steps, entry)
    // Nothing waits for its confirmation while this holds the lock.
    store.dropAbortRequest()
    mayPrepare = facts.mayPrepare
    // Who wrote it may have been killed before it was on the disk; then nothing may follow from it.
    if entry.phase == .intent || facts.historyLacks(entry) { try flushJournal() }
    do throws(ReleasesError) {
      try carryOut(steps, entry)
    } catch let error where entry.operation == .remove && !error.isLostWrite {
      // Some file systems move nothing to the trash. Then nothing is removed, and the store is free.
      try carryOut(recoverySteps(entry, try store.recoveryFacts(entry), .back), entry)
      environment.warn("\(error.message): \(error.cause ?? "")")
    }
    // Only against a settled journal does it show what was moved by hand meanwhile.
    if entry.phase == .intent, let settled = lastChange {
      try carryOut(recoverySteps(settled, try store.recoveryFacts(settled)), settled)
    }
    try leaveBadFallback()
    try emptyTrashLater()
  }

  /// The journal's last entry; when none checks out, one made from the links.
  private mutating func lastEntry() throws(ReleasesError) -> JournalEntry {
    if let last = lastChange, last.phase == .done { return last }
    let history = try store.historyEnd()
    // A history that knows more was written with another journal than this one.
    if let last = lastChange, last.sequence > history.sequence ?? 0 { return last }
    let links = try store.linkTexts()
    let catalog = try store.catalog()
    let used = catalog.lastSequence ?? 0
    let sequence = max(used, history.sequence ?? 0) + 1
    let isNew = sequence == 1 && catalog.damaged.isEmpty && history.wholeBytes == 0
    let intent = Intent(
      operation: isNew ? .initialize : .rebuild, before: links, after: links)
    guard !isNew else { return try note(intent, sequence: sequence) }
    let why = "the journal was missing, damaged or old; it was made again from the links"
    try store.cutTornHistory()
    let entry = try note(intent, sequence: sequence, note: why)
    try store.sweepControlFiles()
    report(why)
    return entry
  }

  /// Carries steps out, in their order.
  mutating func carryOut(
    _ steps: [RecoveryStep], _ entry: JournalEntry
  ) throws(ReleasesError) {
    for step in steps { try carryOut(step, entry) }
  }

  private mutating func carryOut(
    _ step: RecoveryStep, _ entry: JournalEntry
  ) throws(ReleasesError) {
    switch step {
    case .setLinks(let pair):
      try store.settleLinks(pair, environment)
    case .record:
      try store.record(entry, environment)
    case .markBad(let id, let reason):
      try store.markBad(id, reason: reason, environment)
    case .runActivateHook(let id, let previous):
      restartService(with: id, previous: previous)
    case .failPreparation(let id, let reason):
      do throws(ReleasesError) {
        try store.markUnprepared(id, reason: reason, environment)
        report("\(id) is not ready: \(reason)")
      } catch let error where error.isWantOfRoom {
        // What makes room can't wait for it. The next command tries again.
        environment.warn("\(error.message): \(error.cause ?? "")")
      }
    case .dropPublication(let id):
      try store.forget(id)
    case .finishPublication:
      try store.flushPublication()
    case .finishRemoval(let id):
      try moveToTrash(id)
      try store.forget(id)
    case .close(let outcome, let note):
      // An adoption gave numbers to releases before its own end.
      let last = entry.operation == .initialize ? try store.catalog().lastSequence : nil
      try close(entry, outcome, after: last, note: note)
      report("\(entry.operation.rawValue) begun \(entry.started.rfc3339): \(note)")
    case .acceptDrift(let from, let to):
      try acceptDrift(from, to, sequence: entry.sequence + 1)
    case .appendHistory:
      try appendHistory(entry)
    case .cutTornHistory:
      try store.cutTornHistory()
    case .sweepControlFiles:
      try store.sweepControlFiles()
    case .removeTemporaryLink(let name):
      try attempting("can't remove \(name)") { () throws(SystemError) in
        try store.root.unlinkIfPresent(name)
      }
    case .discardStage(let name):
      try discardStage(name)
    case .removeTop(let stage):
      do throws(SystemError) {
        try store.removeTop(ofStage: stage)
      } catch {
        // As with the trash, a failed removal must not block the recovery.
        let name = store.path(Layout.releases, Layout.top(ofStage: stage))
        environment.warn("can't remove \(name), the next command will try again: \(error)")
      }
    }
  }

  /// The service may have been started on the release whose switch was cut off. Before the service
  /// starts at all (`recover --boot`) there is nothing to be done about that.
  private mutating func restartService(with id: ReleaseID, previous: ReleaseID?) {
    guard hooks == .run, let configuration = try? store.configuration(),
      let hook = configuration.hooks.activate
    else { return }
    let call = HookCall(
      .activate, hook, id: id, previous: previous, ref: store.ref(of: id), event: "restore")
    let outcome = store.runActivateHook(call, configuration, environment, stop: { nil })
    if let problem = outcome.problem {
      environment.warn("\(id) is live again, but \(problem)")
    } else {
      report("the activate hook has run for \(id)")
    }
  }

  private mutating func acceptDrift(
    _ from: LinkPair, _ to: LinkPair, sequence: UInt64
  ) throws(ReleasesError) {
    var changes: [String] = []
    for (name, old, new) in [
      (Layout.current, from.current, to.current), (Layout.previous, from.previous, to.previous),
    ] where !LinkPair.isSameText(old, new) {
      changes.append("\(name) from \(old ?? "nothing") to \(new ?? "nothing")")
    }
    let note = "moved by hand: " + changes.joined(separator: ", ")
    try self.note(
      Intent(
        operation: .drift, id: try store.link(Layout.current).release, before: from, after: to),
      sequence: sequence, note: note)
    report(note)
    try straighten()
  }

  /// Points `current` at its release itself when it leads there through another link, which would
  /// move it the next time that link moves.
  mutating func straighten() throws(ReleasesError) {
    let links = try store.linkTexts()
    let current = try store.link(Layout.current)
    let previous = try store.link(Layout.previous)
    var after = links
    if !current.isDirect, let id = current.release { after.current = Layout.linkText(id) }
    if !previous.isDirect, let id = previous.release { after.previous = Layout.linkText(id) }
    guard after != links else { return }
    let target = after
    let note = "pointed \(Layout.current) and \(Layout.previous) at their releases themselves"
    try perform(Intent(operation: .drift, before: links, after: target)) {
      (_, transaction) throws(ReleasesError) in
      try transaction.store.setLinks(target, transaction.environment)
      return .done()
    }
    report(note)
  }

  private mutating func emptyTrashLater() throws(ReleasesError) {
    let directory = try store.controlDirectory(Layout.trash)
    let names = try attempting("can't list the trash") { () throws(SystemError) in
      try directory.entries()
    }
    for name in names { discardLater(name.name) }
  }
}

extension Store {
  /// What recovery would do now, for people; changes nothing and takes no lock.
  ///
  /// - Parameter hooks: what recovery would do about the activate hook.
  /// - Throws: what keeps from reading the journal or the store.
  package func planRecovery(
    hooks: RecoveryHooks = .run
  ) throws(ReleasesError) -> [String] {
    try refuseUnlessJournalIsOurs()
    guard let entry = try lastJournalEntry() else {
      return ["make the journal again from the links"]
    }
    return recoverySteps(entry, try recoveryFacts(entry))
      .filter { hooks == .run || !$0.runsHook }.map(\.description)
  }

  /// Looks at all that recovery decides from.
  func recoveryFacts(_ entry: JournalEntry) throws(ReleasesError) -> RecoveryFacts {
    var facts = RecoveryFacts(links: try linkTexts())
    if let id = entry.id, entry.phase == .intent {
      facts.releaseExists = try hasDirectory(id)
      facts.releaseIsHeld = try link(Layout.current).holds == id
      if entry.operation == .publish, let stage = entry.stage {
        // A directory of that name which somebody else made is not what was published.
        if try hasTree(stage) { facts.releaseExists = false }
      }
      if entry.operation.isSwitch { facts.isConfirmed = try isPartlyRecorded(entry) }
      if entry.operation.isSwitch, facts.releaseExists {
        // A configuration that somebody just broke must not keep a store from being settled.
        let configuration = (try? configuration()) ?? Configuration()
        let differences = try quickCheck(id, configuration)
        facts.releaseIsWhole = try isAdopted(id) || differences.isEmpty
      }
    }
    if entry.phase == .done { facts.catalogLacksSwitch = try catalogLacks(entry) }
    let names = try attempting("can't list \(path)") { () throws(SystemError) in
      try root.entries()
    }
    // Ours are links; a file or directory of such a name is somebody else's.
    for name in names.map(\.name)
    where Layout.isTemporary(name, for: [Layout.current, Layout.previous]) {
      if try link(name).text != nil { facts.temporaryLinks.append(name) }
    }
    facts.deadStages = try deadStages()
    facts.lostTops = try lostTops(since: entry)
    if entry.mayPrepare != false {
      let catalog = try catalog()
      let preparations = catalog.entries.values.filter { $0.state == .preparing }
      facts.mayPrepare = !preparations.isEmpty || !catalog.damaged.isEmpty
      facts.deadPreparations = try dead(preparations)
    }
    let history = try historyEnd()
    facts.lastHistorySequence = history.sequence
    facts.historyIsTorn = history.isTorn
    return facts
  }

  /// Removes temporary files of `.releases/` that a dead writer left, and makes durable what it
  /// changed there: once the journal is closed, nobody looks for a name that comes back.
  func sweepControlFiles() throws(ReleasesError) {
    for name in [".", Layout.catalog, Layout.manifests] {
      let directory = try controlDirectory(name)
      try attempting("can't clean \(Layout.control)/\(name)") { () throws(SystemError) in
        let left = try directory.entries().map(\.name)
          .filter { Layout.finalName(ofTemporary: $0) != nil }
        for name in left { try directory.unlinkIfPresent(name) }
        try directory.sync()
      }
    }
  }
}
