package import Configuration
internal import Linux
internal import ReleaseModel
package import StoreSupport

/// What ran before the activate hook, so that its end is not mistaken for the death of the release
/// that the hook starts.
package struct LifeBaseline: Sendable {
  /// How long systemd may take to answer, in seconds.
  static let timeLimit = 2.0

  let services: [String]
  /// The units; nil when systemd could not be queried.
  let units: [UnitProperties]?
  /// The processes that listened at the address of the health check.
  let listeners: Set<ProcessIdentity>
  /// When the hook began, in Unix seconds.
  let began: Int64

  /// Records the state of the units or, without units, the processes at the address of the health check.
  ///
  /// - Parameters:
  ///   - health: what the configuration says about the health check; nil for none.
  ///   - services: the units that run the release.
  ///   - directories: the directories of the store.
  ///   - caller: what systemctl gets from the caller.
  package init(
    _ health: Configuration.Health?, services: [String], in directories: StoreDirectories,
    _ caller: CallerEnvironment
  ) {
    self.services = services
    began = Clock.now().seconds
    units =
      services.isEmpty
      ? nil : UnitProperties.query(services, caller, within: Self.timeLimit, stop: { false })
    if units == nil, case .http(let probe)? = health?.probe, let address = HealthAddress(probe) {
      listeners = Set(
        Listeners(at: address, in: directories.releases).processes
          .compactMap { ProcessIdentity($0.pid) })
    } else {
      listeners = []
    }
  }
}

/// A process, which its ID and start time identify until the next boot; see proc_pid_stat(5).
struct ProcessIdentity: Hashable, Sendable {
  let pid: Int32
  private let started: UInt64

  /// - Parameter pid: a process; nil is returned when it does not exist.
  init?(_ pid: Int32) {
    guard let started = ProcessFacts.startTimeIfRunning(of: pid) else { return nil }
    self.pid = pid
    self.started = started
  }

  /// Whether the process still exists.
  var isAlive: Bool { ProcessIdentity(pid) == self }
}
