internal import Archive
internal import Configuration
internal import Linux
internal import ReleaseModel
internal import ReleaseStore
internal import StoreSupport
internal import Text

/// Plans the prunes that make space for an archive and for the configured reserve. Changes nothing.
struct SpacePlanning {
  let store: Store
  let environment: Environment
  /// The facts of the store, such as those after a recovery; nil to read them.
  var snapshot: Snapshot?

  /// Plans the prune for a demand.
  ///
  /// - Parameters:
  ///   - demand: the space that is needed.
  ///   - facts: the space of the file system.
  /// - Returns: the plan, and whether it satisfies the demand by the sizes in the catalog.
  /// - Throws: an error of the plan.
  func prune(
    for demand: SpaceDemand, _ facts: FileSystemFacts
  ) throws(ReleasesError) -> (plan: PruneResult, isEnough: Bool) {
    let plan = try Pruner(store, environment).plan(demand.pruneOptions, from: snapshot)
    let space = demand.space(facts)
    return (plan, !space.isShort(afterFreeing: plan.freedBytes, plan.freedInodes))
  }

  /// Plans the prune that a demand requires.
  ///
  /// - Parameter demand: the space that is needed.
  /// - Returns: nil when there is enough space.
  /// - Throws: `noSpace` when the prune would not free enough, or an error of the plan.
  func requiredPrune(for demand: SpaceDemand) throws(ReleasesError) -> PruneResult? {
    let facts = try store.space()
    guard demand.space(facts).isShort() else { return nil }
    let (plan, isEnough) = try prune(for: demand, facts)
    guard isEnough else { throw refusal(of: demand, facts) }
    return plan
  }

  /// Plans what a publication would have to remove first.
  ///
  /// - Parameters:
  ///   - size: the size of the archive.
  ///   - keep: the configured retention, with the reserve.
  /// - Returns: the decisions to remove a release; empty when there is enough space.
  /// - Throws: ``OperationFailure`` with `noSpace` when that would not free enough.
  func removals(
    for size: ArchiveSize, _ keep: Configuration.Keep
  ) throws(OperationFailure) -> [RetentionDecision] {
    do throws(ReleasesError) {
      return try requiredPrune(for: SpaceDemand(size, keep))?.removals ?? []
    } catch {
      throw OperationFailure(error)
    }
  }

  /// Returns the error for a demand that no prune satisfies.
  func refusal(of demand: SpaceDemand, _ facts: FileSystemFacts) -> ReleasesError {
    let space = demand.space(facts)
    return ReleasesError(
      .noSpace, demand.shortage(in: space) ?? "out of space",
      hint: Hint(pruneFor: space, suggestions()))
  }

  /// Returns the prunes that the operator could run, those that remove the least first.
  func suggestions() -> [PruneSuggestion] {
    let choices: [(command: [String], options: PruneOptions)] = [
      (["prune"], PruneOptions()),
      (["prune", "--keep-within", "0d"], PruneOptions(age: 0)),
      (["prune", "--keep", "1", "--keep-within", "0d"], PruneOptions(count: 1, age: 0)),
    ]
    return choices.compactMap { choice in
      guard let plan = try? Pruner(store, environment).plan(choice.options) else { return nil }
      return PruneSuggestion(
        command: choice.command, bytes: plan.freedBytes, inodes: plan.freedInodes)
    }
  }
}

extension SpaceDemand {
  /// Makes the demand of an archive and of the configured reserve.
  init(_ size: ArchiveSize, _ keep: Configuration.Keep) {
    self.init(
      archiveBytes: size.expected ?? 0, reserve: keep.minFree?.bytes,
      reservedInodes: keep.minFreeInodes.map(Int64.init))
  }

  /// Compares the demand with the space of a file system.
  func space(_ facts: FileSystemFacts) -> RetentionSpace {
    space(freeBytes: facts.freeBytes, freeInodes: facts.freeInodes)
  }
}
