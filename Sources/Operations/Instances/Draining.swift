internal import Configuration
internal import HostPrograms
internal import Linux
internal import ReleaseModel
internal import ReleaseStore
internal import Text

/// Waits until the connections to an old instance have ended, and stops it. The lock is free meanwhile,
/// so that another switch can begin, and use the instance again.
struct Draining {
  /// The time between two looks at the connections, in seconds. Two looks in a row must find none: a
  /// client may have followed the link just before it was renamed.
  private static let interval = 0.25
  /// The shortest wait, in seconds. The connections of a client in another network namespace can't be
  /// seen, and most requests end within this time.
  private static let minimum = 1.0
  /// How long to wait for the lock in the end, in seconds.
  private static let lockTime = 300.0
  /// The same after a signal, in seconds. Recovery stops what this process does not.
  private static let hurriedLockTime = 5.0

  /// The releases whose instances drain.
  let ids: [ReleaseID]
  let store: Store
  let environment: Environment
  let instances: Configuration.Instances

  /// Waits, and stops the instance unless it is used again. SIGTERM or SIGINT ends the wait early.
  ///
  /// - Returns: the step.
  func run() -> Step {
    let start = Clock.monotonicSeconds()
    for id in ids { environment.observer.step(.instanceDrains(id, instances.drain)) }
    // The instance is stopped and the outcome reported before a signal can end the process.
    let signals = Signals.holdTermination()
    defer { signals.release() }
    wait()
    if Signals.pendingTermination() != nil { Signals.holdTerminationForGood() }
    do throws(ReleasesError) {
      let isHurried = Signals.pendingTermination() != nil
      try withTransaction(
        on: store, environment, waitingUpTo: isHurried ? Self.hurriedLockTime : Self.lockTime
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
    let isOwn = transaction.draining?.drains.contains(.init(id, by: environment.actor)) ?? false
    let releases = ReleaseInstances(instances.layout, store, environment)
    guard isOwn, try store.links.link(Layout.current).release != id, !releases.isServing(id) else {
      return
    }
    if releases.stopOrWarn(id) { transaction.endDrain(of: id) }
  }

  /// The releases whose instances still drain: another command may have stopped one, or serve it again.
  private var stillDraining: [ReleaseID] {
    guard let entry = try? store.journal.last() else { return ids }
    let drains = entry.draining?.drains ?? []
    return ids.filter { drains.contains(.init($0, by: environment.actor)) }
  }

  private func wait() {
    let start = Clock.monotonicSeconds()
    let end = start + Double(instances.drain.seconds)
    var isIdle = false
    while Clock.monotonicSeconds() < end, Signals.pendingTermination() == nil {
      Clock.sleep(seconds: Self.interval)
      let waiting = stillDraining
      if waiting.isEmpty { return }
      let isIdleNow = waiting.allSatisfy { id in
        (try? LocalSocket.connections(to: instances.layout.socket(of: id))).flatMap { $0 } == 0
      }
      if isIdle && isIdleNow, Clock.monotonicSeconds() - start >= Self.minimum { return }
      isIdle = isIdleNow
    }
  }
}
