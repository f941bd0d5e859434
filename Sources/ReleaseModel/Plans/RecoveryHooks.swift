/// Selects what recovery does when an interrupted switch requires the activate hook to run again.
package enum RecoveryHooks: Sendable {
  /// Runs the hook.
  case run
  /// Runs the hook, and starts the live instance of the service if it does not run.
  case repair
  /// Skips the hook, because the service has not been started yet.
  case skip
  /// Refuses to recover and changes nothing, because this process may lack the rights that the hook
  /// needs, as in a sandboxed unit.
  case refuse
}

extension RecoveryStep {
  /// Whether the step runs the activate hook.
  package var runsHook: Bool {
    switch self {
    case .runActivateHook, .runActivateHookForPlace: true
    default: false
    }
  }

  /// Whether the step starts or stops a unit of the service.
  package var controlsUnits: Bool {
    switch self {
    case .serveInstance, .stopInstance, .drainInstance, .stopRehearsal, .restartUnits: true
    default: false
    }
  }
}
