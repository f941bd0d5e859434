internal import Configuration
internal import Linux
internal import ReleaseModel
internal import StoreSupport
internal import Text

/// Notices that a release dies while its health check waits. It observes the units of the release or,
/// without units, the process that was seen listening.
struct LifeWatch {
  /// The time between two observations, in seconds.
  private static let interval = 0.5
  /// How long systemd may take to answer, in seconds, and how long it is left alone when it does not.
  private static let timeLimit = 2.0
  private static let retreat = 10.0

  private let before: LifeBaseline
  private let id: ReleaseID
  private let directories: StoreDirectories
  private let caller: CallerEnvironment
  private let allowed: Int
  private var units: [UnitLife]
  /// The address of the health check, once it is known.
  private var address: HealthAddress?
  /// The processes of the release that were seen listening.
  private var listeners: Set<ProcessIdentity> = []
  private var lostListeners = 0
  private var nextLook = 0.0

  init(
    _ before: LifeBaseline, _ health: Configuration.Health, of id: ReleaseID,
    in directories: StoreDirectories, _ caller: CallerEnvironment
  ) {
    self.before = before
    self.id = id
    self.directories = directories
    self.caller = caller
    allowed = health.restarts
    units = (before.units ?? []).map {
      UnitLife(before: $0.observation, allowed: health.restarts)
    }
    if case .http(let probe) = health.probe { address = HealthAddress(probe) }
  }

  /// Remembers where the release answers.
  mutating func learn(_ address: HealthAddress) { self.address = self.address ?? address }

  /// Checks whether the release has died, unless the last check was a moment ago.
  ///
  /// - Parameter stop: called about ten times a second.
  /// - Returns: how it died; nil when it may still become healthy.
  mutating func look(until stop: () -> Bool) -> ReleaseDeath? {
    let now = Clock.monotonicSeconds()
    guard now >= nextLook else { return nil }
    nextLook = now + Self.interval
    return before.units == nil ? lookAtListeners(stop) : lookAtUnits(stop)
  }

  private mutating func lookAtUnits(_ stop: () -> Bool) -> ReleaseDeath? {
    let found = UnitProperties.query(
      before.services, caller, within: Self.timeLimit, stop: stop)
    guard let found else {
      nextLook = Clock.monotonicSeconds() + Self.retreat
      return nil
    }
    for (index, properties) in found.enumerated() {
      let time = UInt64(Clock.monotonicSeconds() * 1e6)
      guard let ending = units[index].observe(properties.observation, at: time) else { continue }
      return before.death(ofUnit: index, properties, ending, caller, stop: stop)
    }
    return nil
  }

  private mutating func lookAtListeners(_ stop: () -> Bool) -> ReleaseDeath? {
    guard let address, !listeners.contains(where: \.isAlive) else { return nil }
    // A process that ends may have passed its socket on.
    let found = Listeners(at: address, in: directories.releases, stop: stop).processes
      .filter { $0.releases.contains(id) }.compactMap { ProcessIdentity($0.pid) }
    let lost = listeners.first
    listeners = Set(found).subtracting(before.listeners)
    guard let lost, listeners.isEmpty else { return nil }
    lostListeners += 1
    guard lostListeners > allowed else { return nil }
    return ReleaseDeath(
      problem: "process \(lost.pid) of release \(id), which listened at \(address), has ended",
      lines: [])
  }
}

extension LifeBaseline {
  /// Checks whether a unit has died during a hook that failed, to find out why it failed.
  ///
  /// - Parameters:
  ///   - caller: what systemctl and journalctl get from the caller.
  ///   - stop: called about ten times a second.
  /// - Returns: how the first such unit died; nil when none is known to have died.
  package func deathDuringHook(_ caller: CallerEnvironment, stop: StopCheck) -> ReleaseDeath? {
    guard let units,
      let found = UnitProperties.query(
        services, caller, within: Self.timeLimit, stop: { stop() != nil })
    else { return nil }
    for (index, properties) in found.enumerated() {
      var life = UnitLife(before: units[index].observation, allowed: 0)
      guard let ending = life.observe(properties.observation, at: .max) else { continue }
      return death(ofUnit: index, properties, ending, caller, stop: { stop() != nil })
    }
    return nil
  }

  fileprivate func death(
    ofUnit index: Int, _ properties: UnitProperties, _ ending: UnitLife.Ending,
    _ caller: CallerEnvironment, stop: () -> Bool
  ) -> ReleaseDeath {
    let unit = services[index]
    let log = UnitLog(unit: unit, invocation: properties.invocation, since: began)
    return ReleaseDeath(
      problem: properties.problem(ending, unit: unit), lines: log.lastLines(caller, stop: stop))
  }
}

extension UnitProperties {
  /// Queries the properties of units.
  ///
  /// - Parameters:
  ///   - units: the names of the units; at least one.
  ///   - caller: what systemctl gets from the caller.
  ///   - seconds: how long it may take.
  ///   - stop: called about ten times a second.
  /// - Returns: the properties of each unit; nil when one of them could not be queried.
  static func query(
    _ units: [String], _ caller: CallerEnvironment, within seconds: Double, stop: () -> Bool
  ) -> [UnitProperties]? {
    guard
      let answers = try? SystemdUnit.properties(
        names, of: units, caller, within: seconds, stop: stop)
    else { return nil }
    var found: [UnitProperties] = []
    for answer in answers {
      guard case .properties(let values) = answer, let properties = UnitProperties(values) else {
        return nil
      }
      found.append(properties)
    }
    return found
  }
}
