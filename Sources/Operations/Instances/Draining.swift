internal import Configuration
internal import HostPrograms
internal import Linux
internal import ReleaseModel
internal import ReleaseStore
internal import Text

/// Waits until the connections to an old instance have ended, and stops it. The lock is free meanwhile,
/// so that another switch can begin, and use the instance again.
struct Draining {
  /// How long to wait for the lock in the end after a signal, in seconds. Recovery stops what this process
  /// does not.
  private static let hurriedLockTime = 5.0

  /// The releases whose instances drain.
  let ids: [ReleaseID]
  let store: Store
  let environment: Environment
  /// Where the instances are: what the journal says, and what the configuration says if that has changed
  /// since.
  let layouts: [InstanceLayout]
  /// The longest wait.
  let limit: TimeSpan
  /// How long to wait for the lock in the end, in seconds.
  var lockTime = 300.0

  /// Waits, and stops the instance unless it is used again. SIGTERM or SIGINT ends the wait early.
  ///
  /// - Returns: the step.
  @discardableResult
  func run() -> Step {
    let start = Clock.monotonicSeconds()
    for id in ids { environment.observer.step(.instanceDrains(id, limit)) }
    // The instance is stopped and the outcome reported before a signal can end the process.
    let signals = Signals.holdTermination()
    defer { signals.release() }
    ConnectionWait(layouts: layouts, limit: limit).run { stillDraining }
    if Signals.pendingTermination() != nil { Signals.holdTerminationForGood() }
    do throws(ReleasesError) {
      let isHurried = Signals.pendingTermination() != nil
      try withTransaction(
        on: store, environment, waitingUpTo: isHurried ? Self.hurriedLockTime : lockTime
      ) {
        transaction throws(ReleasesError) in
        for id in ids { try end(id, in: &transaction) }
      }
    } catch {
      let names = ids.map(\.text).joined(separator: ", ")
      environment.observer.warn(
        Notice(
          "instances still run, of \(verbatim: names): \(error.line)",
          hint: Hint("stop them", command: ["recover"])))
    }
    return Step("drain", seconds: Clock.monotonicSeconds() - start)
  }

  /// Stops one instance, unless it serves again or another process has taken over its drain.
  ///
  /// - Throws: an error when the links can't be read.
  private func end(
    _ id: ReleaseID, in transaction: inout Transaction
  ) throws(ReleasesError) {
    let drains = transaction.draining?.drains ?? []
    guard drains.contains(where: { $0.id == id && $0.isBy(environment.actor) }),
      try store.links.link(Layout.current).release != id
    else { return }
    let places = layouts.map { ReleaseInstances($0, store, environment) }
    guard !places.contains(where: { $0.isServing(id) }) else { return }
    if places.allSatisfy({ $0.stopOrWarn(id) }) { transaction.endDrain(of: id) }
  }

  /// The releases whose instances still drain: another command may have stopped one, or serve it again.
  private var stillDraining: [ReleaseID] {
    guard let entry = try? store.journal.last() else { return ids }
    let own = (entry.draining?.drains ?? []).filter { $0.isBy(environment.actor) }.map(\.id)
    return ids.filter(own.contains)
  }
}

extension Draining {
  /// Takes the drains that a transaction has begun, so that this process waits for them. Nil if there are
  /// none, or if the change was interrupted before the journal had them: recovery begins them again.
  ///
  /// - Parameter transaction: the transaction, which then no longer has them.
  init?(takenFrom transaction: inout Transaction) {
    let ids = transaction.awaitedDrains
    transaction.awaitedDrains = []
    // The end may be in the journal even if its flush has failed.
    guard !ids.isEmpty, let recorded = transaction.draining?.layout,
      let entry = (try? transaction.store.journal.last()).flatMap({ $0 }),
      let drains = entry.draining?.drains,
      drains.contains(where: { ids.contains($0.id) && $0.isBy(transaction.environment.actor) })
    else { return nil }
    let configured = (try? transaction.store.configuration())?.instances
    let known =
      (configured.map { [$0.layout] } ?? []) + transaction.store.startedLayouts
    self.init(
      ids: ids, store: transaction.store, environment: transaction.environment,
      layouts: [recorded] + known.filter { $0 != recorded },
      limit: (configured ?? Configuration.Instances(layout: recorded)).drain)
  }
}
