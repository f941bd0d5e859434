package import Configuration
package import HostPrograms
package import ReleaseModel
package import Text

/// An event of a long operation, for the observer.
package enum StepEvent: Sendable {
  /// An interrupted command was recovered first: what was done, one line for each step.
  case recovered([Message])
  /// Another process holds the lock. The error ends the wait unless the lock is released.
  case waiting(ReleasesError)
  case hookBegins(HookCall)
  /// A hook printed these bytes.
  case hookPrinted([UInt8])
  case hookEnded(HookReport)
  /// A unit of the release died during a hook that failed.
  case died(ReleaseDeath)
  /// The ID of the release, or the text of the link to a place that is not a release.
  case healthBegins(String, Configuration.Health)
  case healthTried(HealthAttempt)
  case healthEnded(HealthReport)
  /// The instance of a release is started: its units.
  case instanceStarts(ReleaseID, [String])
  /// The instance of a release is stopped, before another one starts.
  case instanceStops(ReleaseID)
  /// The instance of a release gets no more connections, and is stopped when the last one has ended or
  /// after the given time.
  case instanceDrains(ReleaseID, TimeSpan)
  /// The new release failed. The given release, or the given place that is not a release, is made live
  /// again; nil when nothing was live before.
  case restoring(String?, because: Message)
  /// Another signal came, which does not end the restoration of the given release or place.
  case stillRestoring(String)
}
