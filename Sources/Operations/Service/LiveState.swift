internal import Configuration
package import HostPrograms
internal import Linux
package import ReleaseModel
package import ReleaseStore
internal import StoreSupport
internal import Text

/// The state of the live release: what systemd runs, and whether it is healthy.
package struct LiveState: Sendable {
  /// The states of the configured units.
  package var services: [ServiceState] = []
  /// The health of the live release; nil if no health check is configured, or it was not run.
  package var health: HealthAttempt?
  /// The problems found: a service that does not run the live release, or a failed health check.
  package var findings: [StoreFinding] = []

  /// Makes a state in which everything is unknown.
  package init() {}

  /// Determines the state. Changes nothing, and never fails: what can't be determined is a problem
  /// or a note.
  ///
  /// - Parameters:
  ///   - live: the live release; nil when there is none.
  ///   - store: the store.
  ///   - isSwitching: whether a switch is under way, so that links and service disagree for a while.
  ///   - instances: the instances of the service; nil if it has none.
  ///   - environment: what is taken from outside the store.
  package init(
    of live: ReleaseID?, in store: Store, isSwitching: Bool, _ instances: InstanceOverview? = nil,
    _ environment: Environment
  ) {
    // The facts of the store report an invalid configuration.
    guard var configuration = try? store.configuration() else { return }
    if let layout = instances?.layout { configuration = configuration.placing(layout) }
    var caller = environment.caller
    if let layout = configuration.instances?.layout { caller.manager = layout.manager }
    services = ServiceState.all(
      live.map { configuration.units(of: $0) } ?? configuration.services,
      releases: store.releases, caller)
    var unitProblems: [Message] = []
    if let live, !isSwitching {
      for service in services {
        guard let problem = service.problem(for: live) else { continue }
        unitProblems.append(problem)
        findings.append(
          StoreFinding(
            .serviceMismatch, .problem, live, problem,
            hint: !service.isKnown
              ? .unknownUnit(in: store)
              : configuration.hooks.activate != nil
                ? Hint("restart the service", command: ["restart"])
                : configuration.instances?.layout.restarted.contains(service.unit) == false
                  ? instances?.isOutdated == true
                    ? Hint("start it as it is configured now", command: ["restart"])
                    : Hint("start its instance", command: ["recover"])
                  : Hint(
                    "restart it",
                    shell: "\(Hint.asRoot)systemctl restart \(service.unit.shellQuoted)")))
      }
    }
    if let health = configuration.health, let live, !isSwitching {
      if let finding = Self.notAsked(health, of: live, in: store) {
        findings.append(finding)
        return
      }
      let programs = ReleasePrograms(store: store, environment: environment)
      let attempt = programs.healthCheck(health, of: live, configuration).once()
      self.health = attempt
      guard let problem = attempt.problem, !unitProblems.contains(problem) else { return }
      // There is a finding about that already.
      if instances?.instances.first(where: { $0.id == live })?.isListening == false { return }
      var hint = Hint("see what the service does", command: ["diagnose"])
      if case .another(_, let pid, nil)? = attempt.serving {
        // What a restart leaves running is a leftover, whose process the restart then names.
        hint =
          configuration.hooks.activate != nil
          ? Hint("restart the service with the live release", command: ["restart"])
          : .endLeftover("if it is a leftover, end it", pid)
      }
      findings.append(
        StoreFinding(
          .unhealthy, .problem, live, "\(live) is live but not healthy: \(problem)", hint: hint))
    }
  }

  /// Returns the note that says why a health check is not made; nil when it is. Only the owner of the
  /// store runs its commands, and connects to a socket of its choice: any other user would do that with
  /// their own rights.
  private static func notAsked(
    _ health: Configuration.Health, of live: ReleaseID, in store: Store
  ) -> StoreFinding? {
    let ownership = try? store.ownership()
    let what: String
    switch health.probe {
    case .command: what = "run the health command"
    case .http(let probe) where probe.unixSocket != nil: what = "ask its health socket"
    case .socket: what = "connect to its socket"
    case .http: return nil
    }
    if let ownership, ownership.isOfThisUser { return nil }
    let name = ownership.map { userName($0.owner) } ?? "the owner of the store"
    return StoreFinding(
      .healthNotAsked, .note, live, "health was not asked: only \(name) may \(what)",
      hint: Hint(
        "ask as root, who becomes that user",
        shell: "sudo releases --store \(store.path.shellWord) status"))
  }
}

extension Hint {
  /// Makes the hint for a configured unit that systemd does not know, which no restart can start.
  static func unknownUnit(in store: Store) -> Hint {
    Hint(
      "correct service in \(path: store.path(Layout.configuration)), or install the unit and run",
      shell: "\(Hint.asRoot)systemctl daemon-reload")
  }
}
