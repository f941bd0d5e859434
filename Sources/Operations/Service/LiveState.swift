internal import Configuration
package import HostPrograms
package import ReleaseModel
package import ReleaseStore

/// The state of the live release: what systemd runs, and whether it is healthy.
package struct LiveState: Sendable {
  /// The state of the unit; nil if no service is configured.
  package var service: ServiceState?
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
  ///   - environment: what is taken from outside the store.
  package init(
    of live: ReleaseID?, in store: Store, isSwitching: Bool, _ environment: Environment
  ) {
    // The facts of the store report an invalid configuration.
    guard let configuration = try? store.configuration() else { return }
    if let unit = configuration.service {
      let service = ServiceState(of: unit, releases: store.releases, environment.caller)
      self.service = service
      if let live, !isSwitching, let problem = service.problem(for: live) {
        findings.append(
          StoreFinding(
            .serviceMismatch, .problem, live, problem,
            hint: Hint("restart it", shell: "sudo systemctl restart \(unit)")))
      }
    }
    if let health = configuration.health, let live, !isSwitching {
      let programs = ReleasePrograms(store: store, environment: environment)
      let attempt = programs.healthCheck(health, of: live, configuration).once()
      self.health = attempt
      if let problem = attempt.problem {
        findings.append(
          StoreFinding(
            .unhealthy, .problem, live, "\(live) is live but not healthy: \(problem)",
            hint: Hint("see what the service does", command: ["diagnose"])))
      }
    }
  }
}
