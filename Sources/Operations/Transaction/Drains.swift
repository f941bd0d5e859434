internal import Linux
internal import ReleaseModel

extension Transaction {
  /// Records that the instance of a release drains, and that this process stops it. The journal has space
  /// for the instances of one place: those that drain elsewhere are stopped.
  ///
  /// - Parameters:
  ///   - id: the release.
  ///   - layout: where the instances are.
  ///   - isAwaited: whether this process waits for its connections. Otherwise the next command stops it.
  mutating func beginDrain(of id: ReleaseID, _ layout: InstanceLayout, isAwaited: Bool) {
    if let draining, !draining.layout.hasSameInstances(as: layout) {
      let elsewhere = ReleaseInstances(draining.layout, store, environment)
      for drain in draining.drains where drain.id != id { elsewhere.stopOrWarn(drain.id) }
      self.draining = nil
    }
    var drains = (draining?.drains ?? []).filter { $0.id != id }
    let now = UInt64(Clock.monotonicSeconds() * 1e6)
    drains.append(.init(id, by: environment.actor, since: now))
    draining = InstanceDrains(layout: layout, drains: drains)
    awaitedDrains.removeAll { $0 == id }
    if isAwaited { awaitedDrains.append(id) }
  }

  /// Records that the instance of a release no longer drains: it has been stopped, or serves again.
  mutating func endDrain(of id: ReleaseID) {
    let drains = (draining?.drains ?? []).filter { $0.id != id }
    draining = drains.isEmpty ? nil : draining.map { .init(layout: $0.layout, drains: drains) }
    awaitedDrains.removeAll { $0 == id }
  }
}
