internal import Archive
internal import Configuration
internal import Linux
internal import ReleaseModel
internal import ReleaseStore
internal import StoreSupport
internal import Text

/// Ensures that an unpack finds enough space and leaves as much as is configured: prunes by the
/// retention policy when there is too little, and refuses an archive that does not fit even then.
final class SpaceGuard {
  /// The bytes and inodes beyond the configured reserve below which releases are pruned during an
  /// unpack, before the disk is full. On a small disk, a twentieth of it is used instead.
  private static let margin: (bytes: Int64, inodes: Int64) = (64 << 20, 1000)

  private let store: Store
  private let planning: SpacePlanning
  private let keep: Configuration.Keep
  private let request: PublishRequest
  private let environment: Environment
  private let atStart: FileSystemFacts
  private var hasPrunedEarly = false
  /// Whether files of pruned releases could not be removed. Then further prunes would remove releases
  /// without freeing the space.
  private var hasRemains = false
  private var warned: [Notice] = []

  /// The releases that were removed to make space.
  private(set) var pruned: [RetentionDecision] = []
  /// What the recovery of interrupted commands did.
  private(set) var recovered: [Message] = []
  /// Why the unpack had to stop.
  private var failure: ReleasesError?

  /// - Throws: an error when the file system can't be queried.
  init(
    _ store: Store, _ keep: Configuration.Keep, _ request: PublishRequest,
    _ environment: Environment
  ) throws(ReleasesError) {
    self.store = store
    planning = SpacePlanning(store: store, environment: environment)
    self.keep = keep
    self.request = request
    self.environment = environment
    atStart = try store.space()
  }

  /// Makes space for an archive of a known size. One whose size is only claimed is refused if nothing
  /// could make space for it; nothing is removed for it before it has arrived.
  ///
  /// - Throws: `noSpace` when pruning would not free enough, or an error of the pruning.
  func makeSpace(for size: ArchiveSize) throws(ReleasesError) {
    let demand = SpaceDemand(size, keep)
    guard size.isMeasured else { return try refuseUnlessPossible(demand) }
    try ensure(demand)
  }

  /// Makes space for the configured reserve after everything has been unpacked.
  ///
  /// - Throws: `noSpace` when pruning does not free enough, or an error of the pruning.
  func restoreReserve() throws(ReleasesError) { try ensure(SpaceDemand(.unknown, keep)) }

  /// The functions that the unpacker calls. ``explain(_:)`` returns the reason why it was stopped.
  var watch: SpaceWatch {
    SpaceWatch(isShort: { self.isNearlyShort }, freeSpace: { self.makeSpaceMeanwhile() })
  }

  /// Adds to an error of the unpack how much space was free and how much a prune would free.
  func explain(_ error: ReleasesError) -> ReleasesError {
    if let failure { return failure }
    guard error.code == .noSpace, error.cause != nil else { return error }
    let hint = Hint(pruneFor: nil, planning.suggestions())
    return ReleasesError(
      .noSpace, "\(error.message): \(reason(of: error))",
      hint: error.isOverQuota ? Hint("see the quota", shell: "quota -s") : hint,
      cause: error.cause, isLostWrite: error.isLostWrite)
  }

  /// Returns how much space was free, or that the quota is exhausted, in which case the free space
  /// of the disk does not matter.
  private func reason(of error: ReleasesError) -> String {
    if error.isOverQuota { return "disk quota exceeded" }
    let inodes = atStart.freeInodes.map { " and \($0) inodes" } ?? ""
    return "only \(ByteSize(bytes: atStart.freeBytes))\(inodes) were free"
  }
}

// MARK: - Pruning

extension SpaceGuard {
  /// Prunes if there is too little space and the prune suffices by the sizes in the catalog.
  ///
  /// - Throws: `noSpace` when pruning does not free enough, or an error of the prune.
  private func ensure(_ demand: SpaceDemand) throws(ReleasesError) {
    guard try isShort(demand) else { return }
    try removeLeftovers()
    while try isShort(demand) {
      if !hasRemains, try prune(demand, onlyIfEnough: true) { continue }
      throw planning.refusal(of: demand, try store.space())
    }
  }

  /// Refuses a demand that no prune could satisfy. Removes no release.
  ///
  /// - Throws: `noSpace` for such a demand, or an error of the plan.
  private func refuseUnlessPossible(_ demand: SpaceDemand) throws(ReleasesError) {
    guard try isShort(demand) else { return }
    try removeLeftovers()
    _ = try planning.requiredPrune(for: demand)
  }

  /// Removes what interrupted commands left, which may be enough.
  ///
  /// - Throws: an error of the transaction.
  private func removeLeftovers() throws(ReleasesError) {
    _ = try change { _ throws(ReleasesError) in [] }
  }

  private func isShort(_ demand: SpaceDemand) throws(ReleasesError) -> Bool {
    demand.space(try store.space()).isShort()
  }

  /// Prunes once. That may not be enough, since the catalog only estimates how much space is freed where
  /// releases share blocks or have holes.
  ///
  /// - Parameters:
  ///   - demand: the space that is needed.
  ///   - wait: how long to wait for the lock, in seconds; nil for the time of the request.
  ///   - onlyIfEnough: whether to remove nothing if that would not satisfy the demand.
  /// - Returns: false when nothing was removed.
  /// - Throws: an error of the plan or of the transaction.
  private func prune(
    _ demand: SpaceDemand, wait: Double? = nil, onlyIfEnough: Bool
  ) throws(ReleasesError) -> Bool {
    let removals = try change(wait: wait) { transaction throws(ReleasesError) in
      let (plan, isEnough) = try planning.prune(for: demand, try store.space())
      if onlyIfEnough, !isEnough { return [] }
      let result = try Pruner(store, environment).prune(plan, in: &transaction)
      for warning in result.warnings where !warned.contains(warning) {
        warned.append(warning)
        environment.observer.warn(warning)
      }
      return result.removals
    }
    pruned += removals
    for removal in removals {
      environment.observer.warn(
        "removed release \(removal.id) to make space: \(removal.reason)")
    }
    return !removals.isEmpty
  }

  private func change(
    wait: Double? = nil,
    _ body: (inout Transaction) throws(ReleasesError) -> [RetentionDecision]
  ) throws(ReleasesError) -> [RetentionDecision] {
    let removals = try withTransaction(
      on: store, environment, waitingUpTo: wait ?? request.wait,
      notRemoved: { _ in hasRemains = true }
    ) { transaction throws(ReleasesError) in
      recovered += transaction.recovered
      return try body(&transaction)
    }
    // Some file systems (btrfs) count what was removed as free only after a flush.
    try withErrorMessage("can't flush what was removed") { () throws(SystemError) in
      try store.root.syncFileSystem()
    }
    return removals
  }
}

// MARK: - While unpacking

extension SpaceGuard {
  private var isNearlyShort: Bool {
    guard let facts = try? store.space() else { return false }
    var space = SpaceDemand(.unknown, keep).space(facts)
    if space.isShort() { return true }
    if hasPrunedEarly { return false }
    let bytes = min(Self.margin.bytes, facts.totalBytes / 20)
    let inodes = min(Self.margin.inodes, (facts.totalInodes ?? 0) / 20)
    space.neededBytes = (keep.minFree?.bytes ?? 0).clampedSum(bytes)
    space.neededInodes = Int64(keep.minFreeInodes ?? 0).clampedSum(inodes)
    return space.isShort()
  }

  /// Prunes while an unpack is running. An error is remembered in `failure`.
  ///
  /// - Returns: false when the unpack must stop.
  private func makeSpaceMeanwhile() -> Bool {
    do throws(ReleasesError) {
      let demand = SpaceDemand(.unknown, keep)
      if try isShort(demand) { try ensure(demand) } else { try pruneEarly(demand) }
      return true
    } catch {
      failure = error
      return false
    }
  }

  /// Prunes before it is necessary. It does not wait for the lock, and a failure does not stop the
  /// unpack.
  ///
  /// - Throws: `interrupted`, or an error with ``ReleasesError/isLostWrite``.
  private func pruneEarly(_ demand: SpaceDemand) throws(ReleasesError) {
    hasPrunedEarly = true
    do throws(ReleasesError) {
      _ = try prune(demand, wait: 0, onlyIfEnough: false)
    } catch let error where error.code == .locked {
      hasPrunedEarly = false
    } catch let error where error.code != .interrupted && !error.isLostWrite {
      environment.observer.warn(Notice(error))
    }
  }
}
