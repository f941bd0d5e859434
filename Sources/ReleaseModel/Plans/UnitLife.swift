/// What systemd says at one moment about a unit and its last main process. Times are microseconds of
/// the monotonic clock; 0 stands for never.
package struct UnitObservation: Equatable, Sendable {
  /// The active state, such as "active" or "failed"; see systemctl(1).
  package var activeState: String
  /// The substate, such as "running" or "auto-restart".
  package var subState: String
  /// When the unit changed its state last.
  package var changed: UInt64
  /// When the unit began its last run.
  package var began: UInt64
  /// When the last main process started. This identifies the process.
  package var started: UInt64
  /// When that process ended.
  package var exited: UInt64
  /// How often systemd has restarted the unit automatically.
  package var restarts: Int
  /// Whether a job is queued or running for the unit.
  package var hasJob: Bool
  /// Whether the unit runs a program that ends when its work is done, as with `Type=oneshot`, and
  /// the last run succeeded.
  package var hasFinished: Bool

  package init(
    activeState: String, subState: String = "", changed: UInt64 = 0, began: UInt64 = 0,
    started: UInt64 = 0, exited: UInt64 = 0, restarts: Int = 0, hasJob: Bool = false,
    hasFinished: Bool = false
  ) {
    self.activeState = activeState
    self.subState = subState
    self.changed = changed
    self.began = began
    self.started = started
    self.exited = exited
    self.restarts = restarts
    self.hasJob = hasJob
    self.hasFinished = hasFinished
  }

  /// Whether the last main process has ended without a request. While a job is queued, it may have
  /// been stopped on request; a unit that is active without a process has done its work.
  fileprivate var hasDied: Bool {
    exited != 0 && exited >= started && !hasJob && activeState != "active" && !hasFinished
  }

  /// Whether systemd has forgotten the last main process, as it does for an inactive unit that no
  /// other unit needs. A process that is stopped on request has a job until then.
  fileprivate var isForgotten: Bool {
    activeState == "inactive" && started == 0 && !hasJob && !hasFinished
  }

  /// Whether the restarts of a later process are counted anew. An explicit start sets the counter of
  /// systemd to 0, except during the pause before a restart. A process that systemd itself has
  /// restarted has a higher number.
  fileprivate func isReset(in later: UnitObservation) -> Bool {
    later.restarts < restarts || (later.restarts == restarts && !subState.contains("auto-restart"))
  }
}

/// Counts the deaths of a unit's main processes after a hook has run.
///
/// A process that ran before the hook is not counted: the hook may only have queued its restart.
package struct UnitLife: Sendable {
  /// How a release has ended.
  package enum Ending: Equatable, Sendable {
    /// The unit is failed, and systemd does not start it again.
    case failed
    /// The main process has ended this many times.
    case died(times: Int)
  }

  /// How long a unit may stay failed after the end of a run that began before the hook, in
  /// microseconds: a script that the hook has queued may start it again.
  private static let patience: UInt64 = 1_500_000

  /// How many deaths are tolerated.
  private let allowed: Int
  private var before: UnitObservation?
  private var last: UnitObservation?
  /// Whether the death of the last main process has been counted.
  private var isCounted = false
  private var deaths = 0

  /// - Parameters:
  ///   - before: the unit before the hook ran; nil when it could not be observed, so that the first
  ///     observation takes its place.
  ///   - allowed: how many deaths are tolerated; 0 or more.
  package init(before: UnitObservation?, allowed: Int) {
    self.before = before
    self.allowed = allowed
  }

  /// Takes the next observation into account.
  ///
  /// - Parameters:
  ///   - now: the unit now.
  ///   - time: the time of the monotonic clock, in microseconds.
  /// - Returns: how the release has ended; nil while it may still become healthy.
  package mutating func observe(_ now: UnitObservation, at time: UInt64) -> Ending? {
    guard let before else {
      self.before = now
      return nil
    }
    if now.activeState == "failed", !now.hasJob, now.changed > before.changed,
      now.began > before.began || time > now.changed + Self.patience
    {
      return .failed
    }
    count(now, since: before)
    last = now
    return deaths > allowed ? .died(times: deaths) : nil
  }

  private mutating func count(_ now: UnitObservation, since before: UnitObservation) {
    let last = last ?? before
    if now.isForgotten, last.started > before.started, !isCounted {
      deaths += 1
      isCounted = true
    }
    guard now.started > before.started else { return }
    if last.started != now.started {
      let isNew = last.started > before.started
      if last.isReset(in: now) {
        deaths += now.restarts
      } else {
        // Each restart by systemd follows a death. The first one after the hook may follow the death
        // of a process that ran before it.
        let restarts = now.restarts - last.restarts
        deaths += isNew && !isCounted ? restarts : max(0, restarts - 1)
      }
      isCounted = false
    }
    if now.hasDied, !isCounted {
      deaths += 1
      isCounted = true
    }
  }
}
