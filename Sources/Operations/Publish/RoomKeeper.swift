internal import Archive
internal import Linux

/// Sees to it that an unpacking finds room and leaves as much as is configured: prunes by the
/// policy when there is too little, and refuses what does not fit even then.
final class RoomKeeper {
  /// With less than this over what has to stay free, or less than a twentieth of a small disk,
  /// what the policy gives up anyway goes before the disk is full; in bytes and in inodes.
  private static let margin: (bytes: Int64, inodes: Int64) = (64 << 20, 1000)

  private let store: Store
  private let keep: Configuration.Keep
  private let request: PublishRequest
  private let environment: Environment
  private let atStart: FileSystemFacts
  private var hasPrunedEarly = false
  private var told: Set<String> = []

  /// What went to make room.
  private(set) var pruned: [RetentionDecision] = []
  /// What settling an interrupted command did.
  private(set) var recovered: [String] = []
  /// Why the unpacking had to stop.
  private var failure: ReleasesError?

  init(
    _ store: Store, _ keep: Configuration.Keep, _ request: PublishRequest,
    _ environment: Environment
  ) throws(ReleasesError) {
    self.store = store
    self.keep = keep
    self.request = request
    self.environment = environment
    atStart = try store.space()
  }

  /// Makes room for an archive of so many bytes, 0 when nobody knows. Throws `noSpace` when
  /// pruning does not do it.
  func makeRoom(archiveBytes: Int64) throws(ReleasesError) {
    try ensure(RoomDemand(archiveBytes: archiveBytes, keep))
  }

  /// Makes room for what has to stay free, now that all is unpacked.
  func restoreReserve() throws(ReleasesError) { try ensure(RoomDemand(keep)) }

  /// For the unpacker; what it stops for is in ``explained(_:)``.
  var watch: SpaceWatch {
    SpaceWatch(isShort: { self.isNearlyShort }, freeSpace: { self.makeRoomMeanwhile() })
  }

  /// An error of the unpacking, with what was free, what a prune would free and what was removed.
  func explained(_ error: ReleasesError) -> ReleasesError {
    var explained = failure ?? error
    if failure == nil, error.code == .noSpace, error.cause != nil {
      explained = ReleasesError(
        .noSpace, "\(error.message): \(reason(of: error))",
        hint: roomHint(store.pruneOffers(environment), nil)
          + (error.isOverQuota ? "; see the quota: quota -s" : ""),
        cause: error.cause, isLostWrite: error.isLostWrite)
    }
    explained.trace.pruned = pruned.map(\.id)
    return explained
  }
}

extension RoomKeeper {
  /// Says why there is not enough space. With a quota, the free space of the disk does not matter.
  private func reason(of error: ReleasesError) -> String {
    if error.isOverQuota { return "disk quota exceeded" }
    let inodes = atStart.freeInodes.map { " and \($0) inodes" } ?? ""
    return "\(ByteSize(bytes: atStart.freeBytes))\(inodes) were free for it, which is too little"
  }
}

// MARK: - Pruning

extension RoomKeeper {
  /// Prunes for as long as room is short and something may go.
  private func ensure(_ demand: RoomDemand) throws(ReleasesError) {
    guard try isShort(demand) else { return }
    // What dead writers left goes first, and may be enough.
    _ = try change { _ throws(ReleasesError) in [] }
    while try isShort(demand) {
      if try prune(demand) { continue }
      throw store.refusal(demand, try store.space(), environment)
    }
  }

  private func isShort(_ demand: RoomDemand) throws(ReleasesError) -> Bool {
    demand.space(try store.space()).isShort()
  }

  /// False when nothing was removed. What the catalog says of sizes is only about what is freed,
  /// where releases share blocks or have holes, so that one may not be enough.
  private func prune(_ demand: RoomDemand, wait: Double? = nil) throws(ReleasesError) -> Bool {
    let removals = try change(wait: wait) { transaction throws(ReleasesError) in
      let plan = try transaction.store.planPrune(
        demand.pruneOptions, transaction.environment)
      let result = try transaction.prune(plan)
      for warning in result.warnings where told.insert(warning).inserted {
        transaction.environment.warn(warning)
      }
      return result.removals
    }
    pruned += removals
    for removal in removals {
      environment.warn("removed release \(removal.id) to make room: \(removal.reason)")
    }
    return !removals.isEmpty
  }

  private func change(
    wait: Double? = nil,
    _ body: (inout Transaction) throws(ReleasesError) -> [RetentionDecision]
  ) throws(ReleasesError) -> [RetentionDecision] {
    var transaction = try Transaction.begin(
      store, environment, waitingUpTo: wait ?? request.wait)
    recovered += transaction.recovered
    let removals: [RetentionDecision]
    do throws(ReleasesError) {
      removals = try body(&transaction)
    } catch {
      transaction.end()
      throw error
    }
    transaction.end()
    // Some file systems (btrfs) count what was removed as free only then.
    try attempting("can't flush what was removed") { () throws(SystemError) in
      try store.root.syncFileSystem()
    }
    return removals
  }
}

// MARK: - While unpacking

extension RoomKeeper {
  private var isNearlyShort: Bool {
    guard let facts = try? store.space() else { return false }
    var space = RoomDemand(keep).space(facts)
    if space.isShort() { return true }
    if hasPrunedEarly { return false }
    let bytes = min(Self.margin.bytes, facts.totalBytes / 20)
    let inodes = min(Self.margin.inodes, (facts.totalInodes ?? 0) / 20)
    space.neededBytes = (keep.minFree?.bytes ?? 0).clampedSum(bytes)
    space.neededInodes = Int64(keep.minFreeInodes ?? 0).clampedSum(inodes)
    return space.isShort()
  }

  /// False when the unpacking has to end.
  private func makeRoomMeanwhile() -> Bool {
    do throws(ReleasesError) {
      let demand = RoomDemand(keep)
      if try isShort(demand) { try ensure(demand) } else { try pruneEarly(demand) }
      return true
    } catch {
      failure = error
      return false
    }
  }

  /// Nothing has to go yet: nobody is waited for, and trouble is no reason to stop.
  private func pruneEarly(_ demand: RoomDemand) throws(ReleasesError) {
    hasPrunedEarly = true
    do throws(ReleasesError) {
      _ = try prune(demand, wait: 0)
    } catch let error where error.code == .locked {
      hasPrunedEarly = false
    } catch let error where error.code != .interrupted && !error.isLostWrite {
      environment.warn("\(error.message): \(error.cause ?? "")")
    }
  }
}

extension Store {
  /// What a publication would have to remove first; throws `noSpace` when that would not do,
  /// with what would be removed all the same. Changes nothing.
  func planRoom(
    archiveBytes: Int64, _ keep: Configuration.Keep, _ environment: Environment
  ) throws(ReleasesError) -> [RetentionDecision] {
    let demand = RoomDemand(archiveBytes: archiveBytes, keep)
    let facts = try space()
    let space = demand.space(facts)
    guard space.isShort() else { return [] }
    let plan = try planPrune(demand.pruneOptions, environment)
    if space.isShort(afterFreeing: plan.freedBytes, plan.freedInodes) {
      var error = refusal(demand, facts, environment)
      error.trace.pruned = plan.removed
      throw error
    }
    return plan.removals
  }

  fileprivate func refusal(
    _ demand: RoomDemand, _ facts: FileSystemFacts, _ environment: Environment
  ) -> ReleasesError {
    let space = demand.space(facts)
    return ReleasesError(
      .noSpace, demand.shortage(in: space) ?? "too little room",
      hint: roomHint(pruneOffers(environment), space))
  }

  /// What people could type, the mildest first.
  fileprivate func pruneOffers(_ environment: Environment) -> [PruneOffer] {
    let choices: [(command: String, options: PruneOptions)] = [
      ("releases prune", PruneOptions()),
      ("releases prune --keep-within 0d", PruneOptions(age: 0)),
      ("releases prune --keep 1 --keep-within 0d", PruneOptions(count: 1, age: 0)),
    ]
    return choices.compactMap { choice in
      guard let plan = try? planPrune(choice.options, environment) else { return nil }
      return PruneOffer(
        command: choice.command, bytes: plan.freedBytes, inodes: plan.freedInodes)
    }
  }
}
