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
  /// - Returns: warnings for the operator.
  /// - Throws: the reason for the refusal.
  func refuseInstance(
    _ plan: SwitchPlan, _ configuration: Configuration, _ options: SwitchOptions,
    _ environment: Environment
  ) throws(ReleasesError) -> [Notice] {
    if plan.isUnchanged { return [] }
    guard let instances = configuration.instances else { return leftInstances(environment) }
    let socket = instances.layout.socket(of: plan.to)
    if socket.utf8.count > Self.longestSocketPath {
      throw ReleasesError(
        .configuration,
        "the socket \(path: socket) of \(plan.to) has a path of more than \(Self.longestSocketPath) bytes",
        hint: Hint("shorten service.socket; see", shell: "man releases.yaml"))
    }
    if socket == instances.layout.live {
      throw ReleasesError(
        .configuration, "service.live is the socket of the release \(plan.to)",
        hint: Hint("change service.live, or use another ID; see", shell: "man releases.yaml"))
    }
    try refuseInstance(instances, options)
    guard let from = plan.from, from != plan.to, !LocalSocket.accepts(socket),
      let problem = lackOfMemory(instances, beside: from, environment)
    else { return [] }
    // The release that a rollback leaves may be the one that takes the memory.
    if options.force || plan.kind == .rollback { return [Notice(problem)] }
    throw ReleasesError(
      .noMemory, problem,
      hint: Hint(
        "free memory, or set service.memory, or switch in spite of it",
        command: ["activate", plan.to.text, "--force"]))
  }

  /// Refuses a deployment whose switch between instances would fail whatever the archive contains.
  ///
  /// - Throws: the reason for the refusal.
  func refuseDeployment(
    of instances: Configuration.Instances, beside live: ReleaseID?, _ options: SwitchOptions,
    _ environment: Environment
  ) throws(ReleasesError) {
    try refuseInstance(instances, options)
    guard let live, let problem = lackOfMemory(instances, beside: live, environment) else { return }
    throw ReleasesError(
      .noMemory, problem,
      hint: Hint("free memory, or set service.memory; see", shell: "man releases.yaml"))
  }

  private func refuseInstance(
    _ instances: Configuration.Instances, _ options: SwitchOptions
  ) throws(ReleasesError) {
    if !options.rollsBack {
      throw ReleasesError(
        .notAllowed, "--no-rollback can't be used with service.socket",
        hint: "a release goes live only when its instance is healthy; leave the option out")
    }
    if let problem = LiveLink(instances.layout).problem() { throw problem }
  }

  /// Returns a warning about the instances that a service without instances leaves behind.
  func leftInstances(_ environment: Environment) -> [Notice] {
    let left = store.instanceFile.read()?.layouts.first { layout in
      let running = try? ReleaseInstances(layout, store, environment).ownRunning()
      return running?.isEmpty == false
    }
    guard let layout = left else { return [] }
    let patterns = layout.templates.map { "\($0)*.service".shellQuoted }.joined(separator: " ")
    return [
      Notice(
        """
        the instances that served until now are not stopped, and \(path: layout.live) still points to one
        """,
        hint: Hint(
          "let the front connect to the service, then stop them",
          shell: "\(Hint.asRoot)systemctl stop \(patterns)"))
    ]
  }

  /// Returns why the host has too little memory for a second instance; nil when it has enough, or that
  /// is unknown.
  private func lackOfMemory(
    _ instances: Configuration.Instances, beside live: ReleaseID, _ environment: Environment
  ) -> Message? {
    let layout = store.runningLayout(of: live, instances.layout, environment)
    return ReleaseInstances(layout, store, environment)
      .memoryDemand(beside: live, instances.memory)?.problem
  }
}
