internal import ReleaseModel

extension Transaction {
  /// Records that the instance of a release drains, and that this process stops it.
  ///
  /// - Parameters:
  ///   - id: the release.
  ///   - layout: where the instances are.
  mutating func beginDrain(of id: ReleaseID, _ layout: InstanceLayout) {
    var drains = (draining?.drains ?? []).filter { $0.id != id }
    drains.append(.init(id, by: environment.actor))
    draining = InstanceDrains(layout: layout, drains: drains)
  }

  /// Records that the instance of a release no longer drains: it has been stopped, or serves again.
  mutating func endDrain(of id: ReleaseID) {
    let drains = (draining?.drains ?? []).filter { $0.id != id }
    draining = drains.isEmpty ? nil : draining.map { .init(layout: $0.layout, drains: drains) }
  }
}
