/// What is going on in a command that takes its time, for whoever watches.
package enum StepEvent: Sendable {
  /// An interrupted command was settled first: what was done, for people.
  case recovered([String])
  /// Somebody else has the lock: the failure this ends in unless they let it go.
  case waiting(ReleasesError)
  case hookBegins(HookCall)
  /// What a hook printed, as it came.
  case hookPrinted([UInt8])
  case hookEnded(HookReport)
  case healthBegins(ReleaseID, Configuration.Health)
  case healthTried(HealthAttempt)
  case healthEnded(HealthReport)
  /// The new release did not work: this one, or none, goes live again.
  case restoring(ReleaseID?, because: String)
}
