internal import Configuration
internal import Linux
package import ReleaseModel
package import ReleaseStore
internal import StoreSupport

extension StoreFacts {
  /// How often the facts are read again because a transaction began or ended in the meantime.
  private static let maximumReadings = 5

  /// Reads the facts of a store. Takes no lock, changes nothing, and runs no program except systemctl(1)
  /// for instances.
  ///
  /// - Parameters:
  ///   - store: the store.
  ///   - environment: what is taken from outside the store.
  /// - Throws: an error when the store can't be read.
  package init(_ store: Store, _ environment: Environment) throws(ReleasesError) {
    var journal = try JournalFacts(store, environment.actor)
    var snapshot = try store.snapshot()
    // A switch that began between the two readings would look like links that were moved by hand.
    for _ in 1..<Self.maximumReadings {
      let again = try JournalFacts(store, environment.actor)
      if again.entry?.sequence == journal.entry?.sequence { break }
      journal = again
      snapshot = try store.snapshot()
    }
    self.init(
      path: store.path, snapshot: snapshot, journal: journal, now: environment.actor.now())
    asRoot = Hint.asRoot
    let ownership = try? store.ownership()
    isForOwner = ownership?.isOfThisUser ?? false
    let space = try? store.space()
    medium = Medium(space)
    if let kind = try? store.control.statusIfPresent(of: Layout.lock)?.kind, kind != .file {
      misplacedJournalHint = .moveAway(
        store.path(Layout.control, Layout.lock), store: store.path, then: "recover")
    }
    recovery = PendingRecovery(in: store, environment)
    snapshot.recoveryChangesLive = recovery?.changesLive(in: snapshot) ?? false
    self.snapshot = snapshot
    progress = store.confirmationFile.read()
    isProgressWriterAlive = progress?.writerIsAlive(bootID: environment.actor.bootID) ?? false
    if !snapshot.unknown.isEmpty {
      let history = try store.history.entries(about: snapshot.unrecorded)
      let scope = try AdoptionScope(of: store, snapshot, history)
      adoptable = snapshot.unknown.filter { scope.includes($0) }
    }
    readLinkHints(store)
    unsafeReleases = snapshot.newestFirst.compactMap { entry in
      ((try? store.ownershipProblem(of: entry.id)) ?? nil).map { (entry.id, $0) }
    }
    directoryError = (try? store.directoryProblem()) ?? nil
    partsError = ownership?.problemOfParts(in: store.path)
    trash = TrashFacts.all(in: store)
    stages = StageFacts.all(in: store)
    let configuration = readConfiguration(store, environment, space)
    if let configured = configuration?.instances {
      instances = InstanceOverview(
        configured, current: snapshot.live, journal, in: store, environment)
    }
    // Until it is confirmed, the switch itself decides what is restored.
    if unconfirmedSwitch != nil { return }
    let check = WholenessCheck(
      store, configuration ?? Configuration(),
      ReleasePrograms(store: store, environment: environment))
    liveCheck = snapshot.live.map { check.checkOfLive($0) }
    rollbackChecks = check.checks(of: snapshot.rollbackCandidates)
    if snapshot.live == nil {
      activationChecks = check.checks(
        of: snapshot.newestFirst.map(\.id).filter { snapshot.isUsable($0) })
    }
  }

  private mutating func readLinkHints(_ store: Store) {
    if store.links.foreignTarget(of: snapshot.current) == .directory {
      foreignCurrentHint = .makeReleaseOfCurrent(in: store.path)
    }
    for name in [Layout.current, Layout.previous] {
      guard let kind = try? store.root.statusIfPresent(of: name)?.kind, kind != .symbolicLink else {
        continue
      }
      notALinkHints[name] = ReleasesError(notALink: name, kind, in: store.path).hint
    }
  }

  private mutating func readConfiguration(
    _ store: Store, _ environment: Environment, _ space: FileSystemFacts?
  ) -> Configuration? {
    do throws(ReleasesError) {
      let configuration = try store.configuration()
      unreachableReserve = space.flatMap { configuration.keep.unreachable(on: $0) }
      configurationNotices = configuration.notices
      requiresSignature = configuration.trust.require == .signature
      brokenSharedPaths = SharedPaths(store: store).broken(
        for: snapshot.live ?? snapshot.newestFirst.first?.id, configuration)
      let programs = ReleasePrograms(store: store, environment: environment)
      switchErrors = programs.problems(in: configuration.programsOfSwitch)
      programErrors = programs.problems(in: configuration.otherPrograms)
      if let live = snapshot.live {
        programErrors += programs.problems(in: configuration.programsOfLiveRelease, of: live)
      }
      return configuration
    } catch {
      switchErrors = [error]
      return nil
    }
  }
}

extension Configuration.Keep {
  /// Returns the reserve that is larger than a file system; nil when both fit.
  fileprivate func unreachable(on facts: FileSystemFacts) -> UnreachableReserve? {
    if let minFree, minFree.bytes > facts.totalBytes {
      return UnreachableReserve(
        key: "keep.min-free", demanded: "\(minFree)",
        total: "\(ByteSize(bytes: facts.totalBytes))")
    }
    if let minFreeInodes, let total = facts.totalInodes, minFreeInodes > total {
      return UnreachableReserve(
        key: "keep.min-free-inodes", demanded: "\(minFreeInodes)", total: "\(total)")
    }
    return nil
  }
}

extension Configuration {
  /// A configuration with only the programs that run in the live release.
  fileprivate var programsOfLiveRelease: Configuration {
    var part = self
    part.hooks.prepare = nil
    return part
  }

  /// A configuration with only the other programs.
  fileprivate var otherPrograms: Configuration {
    var part = self
    part.hooks.activate = nil
    part.health = nil
    return part
  }
}

extension JournalFacts {
  /// Reads the last entry of the journal, and finds out whether its writer runs.
  ///
  /// - Throws: an error when the journal can't be read.
  init(_ store: Store, _ actor: Actor) throws(ReleasesError) {
    if let entry = try store.journal.last() {
      self = .entry(entry, isWriterAlive: entry.writerIsAlive(bootID: actor.bootID))
    } else {
      self = store.journal.isReadable ? .lost : .unreadable
    }
  }
}

extension Store {
  /// Returns the release that is live although its switch is not confirmed; nil when there is none.
  ///
  /// - Throws: an error when the journal or the links can't be read.
  package func unconfirmedRelease(_ actor: Actor) throws(ReleasesError) -> ReleaseID? {
    guard let entry = try journal.last(), entry.awaitsConfirmation, entry.instances == nil,
      entry.writerIsAlive(bootID: actor.bootID), let id = entry.id,
      try links.link(Layout.current).release == id
    else { return nil }
    return id
  }
}

extension Medium {
  /// What a transaction writes besides the journal, whose space is allocated: a catalog entry, a line of
  /// the history and their directories, in bytes.
  private static let transaction: Int64 = 64 << 10

  /// Judges the file system of a store; nil for one that can't be queried.
  fileprivate init(_ facts: FileSystemFacts?) {
    self = .usable
    guard let facts else { return }
    if facts.isReadOnly {
      self = .readOnly
    } else if facts.freeBytes < Self.transaction || facts.freeInodes == 0 {
      let inodes = facts.freeInodes.map { ", \($0) inodes" } ?? ""
      self = .full("\(ByteSize(bytes: facts.freeBytes))\(inodes)")
    }
  }
}
