/// Asks a question some ten times a second, however often it comes to that.
struct PeriodicCheck {
  /// Between two, in seconds.
  static let interval = 0.1

  private var next = 0.0

  /// The answer; false in between.
  mutating func isTrue(_ question: () -> Bool) -> Bool {
    let now = Clock.monotonicSeconds()
    guard now >= next else { return false }
    next = now + Self.interval
    return question()
  }
}
