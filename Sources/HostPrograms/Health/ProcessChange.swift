internal import ReleaseModel

/// Whether a hook has replaced the processes of the service.
package enum ProcessChange: Equatable, Sendable {
  case replaced
  /// A process from before the hook still runs. The text names it.
  case same(String)
  /// Nothing tells: neither a unit nor a process that listens was seen.
  case unknown

  /// The word for JSON documents.
  package var word: String {
    switch self {
    case .replaced: "replaced"
    case .same: "same"
    case .unknown: "unknown"
    }
  }
}

extension LifeBaseline {
  /// Compares what ran before the hook with what runs now.
  ///
  /// - Parameter after: what runs now.
  /// - Returns: whether the processes are other ones.
  package func change(until after: LifeBaseline) -> ProcessChange {
    if let units, let unitsAfter = after.units {
      var isKnown = !units.isEmpty
      for (name, (before, now)) in zip(services, zip(units, unitsAfter)) {
        let started = now.observation.started
        if started == 0 { isKnown = false }
        if started != 0, started == before.observation.started, let pid = now.runningMainPID {
          return .same("the main process \(pid) of \(name)")
        }
      }
      return isKnown ? .replaced : .unknown
    }
    if after.listeners.isEmpty { return .unknown }
    let same = listeners.intersection(after.listeners).map(\.pid).min()
    return same.map { .same("process \($0), which listens where the health check asks,") }
      ?? .replaced
  }
}
