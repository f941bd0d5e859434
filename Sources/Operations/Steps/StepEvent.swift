package import Configuration
package import HostPrograms
package import ReleaseModel

/// What happens in an operation that takes long, for whoever watches it.
package enum StepEvent: Sendable {
  /// An interrupted command was recovered first: what was done, one line each.
  case recovered([String])
  /// Another process holds the lock: the error that the wait ends in unless it lets go.
  case waiting(ReleasesError)
  case hookBegins(HookCall)
  /// What a hook printed, as it came.
  case hookPrinted([UInt8])
  case hookEnded(HookReport)
  case healthBegins(ReleaseID, Configuration.Health)
  case healthTried(HealthAttempt)
  case healthEnded(HealthReport)
  /// The new release failed: the given release is made live again, or none.
  case restoring(ReleaseID?, because: String)
}
