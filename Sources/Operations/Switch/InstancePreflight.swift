internal import Configuration
internal import HostPrograms
internal import Linux
internal import ReleaseModel
internal import ReleaseStore
internal import StoreSupport
internal import Text

extension Preflight {
  /// The longest path of a Unix socket in bytes; see unix(7).
  private static let longestSocketPath = 107

  /// Refuses a switch between instances that would fail.
  ///
  /// - Throws: the reason for the refusal.
  func refuseInstance(
    _ plan: SwitchPlan, _ configuration: Configuration, _ options: SwitchOptions,
    _ environment: Environment
  ) throws(ReleasesError) {
    guard let instances = configuration.instances, !plan.isUnchanged else { return }
    let socket = instances.layout.socket(of: plan.to)
    if socket.utf8.count > Self.longestSocketPath {
      throw ReleasesError(
        .configuration,
        "the socket \(path: socket) of \(plan.to) has a path of more than \(Self.longestSocketPath) bytes",
        hint: Hint("shorten service.socket; see", shell: "man releases.yaml"))
    }
    try refuseInstance(instances, beside: plan.from, options, environment)
  }

  /// Refuses a switch between instances that would fail whatever its release is.
  ///
  /// - Throws: the reason for the refusal.
  func refuseInstance(
    _ instances: Configuration.Instances, beside live: ReleaseID?, _ options: SwitchOptions,
    _ environment: Environment
  ) throws(ReleasesError) {
    if !options.rollsBack {
      throw ReleasesError(
        .notAllowed, "--no-rollback can't be used with service.socket",
        hint: "a release goes live only when its instance is healthy; leave the option out")
    }
    if let problem = LiveLink(instances.layout).problem() { throw problem }
    if !options.force, let live {
      try refuseWithoutMemory(instances, beside: live, environment)
    }
  }

  /// Refuses a second instance for which the host has too little memory.
  ///
  /// - Throws: `noMemory` for such an instance.
  private func refuseWithoutMemory(
    _ instances: Configuration.Instances, beside live: ReleaseID, _ environment: Environment
  ) throws(ReleasesError) {
    let needed: Int64?
    switch instances.memory {
    case .unchecked: return
    case .atLeast(let size): needed = size.bytes
    case .automatic:
      needed = ReleaseInstances(instances.layout, store, environment).memory(of: live)
    }
    guard let needed, let available = MemoryFacts.available else { return }
    let demand = MemoryDemand(
      available: available, needed: needed, isMeasured: instances.memory == .automatic)
    guard let problem = demand.problem else { return }
    throw ReleasesError(
      .noMemory, problem,
      hint: Hint("free memory, or set service.memory; see", shell: "man releases.yaml"))
  }
}
