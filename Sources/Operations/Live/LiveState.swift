/// How the live release does: what systemd runs, and what it answers.
package struct LiveState: Sendable {
  /// Nil where no service is configured.
  package var service: ServiceState?
  /// Nil where no health check is configured, or it was not asked.
  package var health: HealthAttempt?
  /// What does not agree with the links, for people.
  package var problems: [String] = []

  /// Nothing is known of it.
  package init() {}
}

extension Store {
  /// Looks at what the configuration names. Changes nothing, and never throws: what can't be seen
  /// is a problem or a note.
  ///
  /// - Parameter isSwitching: a switch is under way, which makes the two disagree for a while.
  package func liveState(
    _ live: ReleaseID?, isSwitching: Bool, _ environment: Environment
  ) -> LiveState {
    var state = LiveState()
    let configuration: Configuration
    do throws(ReleasesError) {
      configuration = try self.configuration()
    } catch {
      state.problems.append(error.message)
      return state
    }
    if let unit = configuration.service {
      let service = serviceState(unit, environment)
      state.service = service
      if let live, !isSwitching, let problem = service.problem(for: live) {
        state.problems.append("\(problem); restart it: sudo systemctl restart \(unit)")
      }
    }
    if let health = configuration.health, let live, !isSwitching {
      let attempt = lookAtHealth(health, of: live, configuration, environment)
      state.health = attempt
      if let problem = attempt.problem {
        state.problems.append("\(live) is live and not healthy: \(problem)")
      }
    }
    return state
  }
}
