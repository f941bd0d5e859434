internal import Configuration
internal import Linux
internal import ReleaseModel
internal import StoreSupport
internal import Text

/// A request of a health check, and the processes that can have answered it.
///
/// A process that answers may end before it is looked at, so the processes that listen are looked up
/// before the request too.
struct WatchedRequest: ~Copyable {
  /// How often the request is made at most in one attempt. It is repeated while no process listens
  /// both before and after it, unless a process of another release can have answered.
  private static let maximumRequests = 3

  private let probe: ExpandedProbe
  /// The release that should answer.
  private let id: ReleaseID
  private let directories: StoreDirectories
  private let caller: CallerEnvironment

  init(
    _ probe: ExpandedProbe, of id: ReleaseID, in directories: StoreDirectories,
    _ caller: CallerEnvironment
  ) {
    self.probe = probe
    self.id = id
    self.directories = directories
    self.caller = caller
  }

  /// Makes the request, and looks up who listens before and after it.
  ///
  /// - Parameters:
  ///   - seconds: how long it may take.
  ///   - known: where an earlier request was answered; nil when that is unknown.
  ///   - looksUp: whether to look up who listens.
  ///   - facts: receives what was found out.
  ///   - stop: called about ten times a second.
  /// - Returns: the result of the last request.
  func run(
    within seconds: Double, at known: HealthAddress?, looksUp: Bool, _ facts: inout ServingFacts,
    stop: () -> Bool
  ) -> HealthProbe.Result {
    let deadline = Clock.monotonicSeconds() + seconds
    facts.isNamedByAnswer = probe.namesRelease
    facts.gaps += [probe.gap].compactMap { $0 }
    var address = known
    var requests = 0
    while true {
      let before = looksUp && !probe.namesRelease ? look(address, stop: stop) : []
      let left = max(deadline - Clock.monotonicSeconds(), 0.1)
      let result = HTTPRequest(probe.probe, caller).run(within: left, stop: stop)
      requests += 1
      guard result.problem == nil, looksUp, !probe.namesRelease else { return result }
      guard let answered = result.address else {
        facts.gaps.append("the URL of the health check is not on this host")
        return result
      }
      let after = Listeners(at: answered, in: directories.releases, stop: stop)
      facts.listeners = after.processes
      let matching = before.first { $0.address.covers(answered) }
      facts.listenersBefore = matching?.listeners.processes ?? []
      address = answered
      let isOpen = requests < Self.maximumRequests && deadline > Clock.monotonicSeconds()
      if facts.needsAnotherRequest(for: id), isOpen, !stop() { continue }
      facts.gaps += after.gaps
      if facts.needsAnotherRequest(for: id) {
        facts.gaps.append("the processes that listen at \(answered) changed during the request")
      }
      return result
    }
  }

  /// Looks up who listens where the request will probably be answered.
  private func look(
    _ known: HealthAddress?, stop: () -> Bool
  ) -> [(address: HealthAddress, listeners: Listeners)] {
    let addresses =
      known.map { [$0] } ?? HealthAddress(probe.probe)?.alternatives ?? []
    return addresses.map {
      ($0, Listeners(at: $0, in: directories.releases, stop: stop))
    }
  }
}
