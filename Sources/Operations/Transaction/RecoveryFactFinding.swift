internal import Configuration
internal import Linux
internal import ReleaseModel
internal import ReleaseStore
internal import StoreSupport
internal import Text

extension RecoveryFacts {
  /// Reads everything from the store that recovery decides from.
  ///
  /// - Parameters:
  ///   - entry: the last entry of the journal.
  ///   - store: the store.
  ///   - environment: what is taken from outside the store.
  /// - Throws: an error when something can't be read.
  init(
    for entry: JournalEntry, in store: Store, _ environment: Environment
  ) throws(ReleasesError) {
    self.init(links: try store.links.texts())
    instances = try InstanceFacts(for: entry, in: store, environment)
    if let id = entry.id, entry.phase == .intent { try readRelease(id, entry, store) }
    if entry.phase == .done {
      catalogLacksSwitch = try store.catalog.lacks(entry)
      releaseLeftByHand = try store.links.releaseLeftByHand(since: entry, links)
    }
    let names = try withErrorMessage("can't list \(path: store.path)") { () throws(SystemError) in
      try store.root.entries()
    }
    // This tool makes only links with such names, so a file or directory is not its own.
    for name in names.map(\.name)
    where Layout.isTemporary(name, for: [Layout.current, Layout.previous]) {
      if try store.links.link(name).text != nil { temporaryLinks.append(name) }
    }
    hasHalfWrittenFiles = try withErrorMessage("can't list \(path: store.path)/\(Layout.control)") {
      () throws(SystemError) in
      try store.control.entries().contains {
        Layout.isTemporary($0.name, for: Layout.unflushedFiles)
      }
    }
    abandonedStages = try store.stages.abandoned()
    orphanedTrees = try store.stages.orphanedTrees(since: entry)
    if entry.mayPrepare != false {
      let catalog = try store.catalog.all()
      let preparations = catalog.entries.values.filter { $0.state == .preparing }
      mayPrepare = !preparations.isEmpty || !catalog.corrupt.isEmpty
      interruptedPreparations = try store.stages.interrupted(among: preparations)
    }
    let history = try store.history.end()
    lastHistorySequence = history.sequence
    historyIsTorn = history.isTorn
  }

  private mutating func readRelease(
    _ id: ReleaseID, _ entry: JournalEntry, _ store: Store
  ) throws(ReleasesError) {
    releaseExists = try store.hasDirectory(id)
    releaseIsCurrentTarget = try store.links.link(Layout.current).target == id
    // If the tree is still in its stage, a directory with the name of the release is not it.
    if entry.operation == .publish, let stage = entry.stage, try store.stages.hasTree(stage) {
      releaseExists = false
    }
    guard entry.operation.isSwitch else { return }
    if entry.from == nil, let text = entry.before.current {
      hasForeignPlace = (try? store.root.targetStatus(of: text)) != nil
    }
    isConfirmed = try store.catalog.hasPart(of: entry)
    if case .found(let release) = try store.catalog.entry(id) { wasGood = release.wasGood }
    guard releaseExists else { return }
    // A configuration that was just broken must not prevent recovery.
    let configuration = (try? store.configuration()) ?? Configuration()
    let differences = try store.manifests.quickCheck(id, ignoring: configuration.verify.ignore)
    releaseIsIntact = try store.catalog.isAdopted(id) || differences.isEmpty
  }
}
