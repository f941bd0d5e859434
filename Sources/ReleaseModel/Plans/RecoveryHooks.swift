/// Selects what recovery does when an interrupted switch requires the activate hook to run again.
package enum RecoveryHooks: Sendable {
  /// Runs the hook.
  case run
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
}
