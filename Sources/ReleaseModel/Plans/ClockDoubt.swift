package import FoundationEssentials
package import Text

/// Explains why the clock is probably wrong, given the time of the store's last change; nil when it
/// is plausible.
package func clockDoubt(_ now: Date, lastChange: JournalEntry?) -> Message? {
  guard let last = lastChange.map({ $0.finished ?? $0.started }) else { return nil }
  let passed = now.timeIntervalSince(last)
  // A clock that is at most a minute behind was merely adjusted. More than a year without any
  // change is less likely than a clock that jumped.
  if passed < -60 {
    return "the clock is behind the last change (\(last.rfc3339)), so age is ignored"
  }
  if passed > 366 * 24 * 60 * 60 {
    return "the clock is over a year ahead of the last change (\(last.rfc3339)), so age is ignored"
  }
  return nil
}
