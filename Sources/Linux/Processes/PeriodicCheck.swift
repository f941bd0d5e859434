/// Evaluates a condition at most ten times a second, however often its loop runs.
struct PeriodicCheck {
  /// The time between two evaluations, in seconds.
  static let interval = 0.1

  private var nextTime = 0.0

  /// Evaluates the condition and returns its result. Returns false when the last evaluation was
  /// less than ``interval`` ago.
  mutating func isTrue(_ condition: () -> Bool) -> Bool {
    let now = Clock.monotonicSeconds()
    guard now >= nextTime else { return false }
    nextTime = now + Self.interval
    return condition()
  }
}
