package import FoundationEssentials

/// Why `now` can't be right, badSince by the store's last change; nil when it may well be.
package func clockDoubt(_ now: Date, lastChange: JournalEntry?) -> String? {
  guard let last = lastChange.map({ $0.finished ?? $0.started }) else { return nil }
  let passed = now.timeIntervalSince(last)
  // A minute back is a clock being set; a year without any change is a clock that jumped.
  if passed < -60 {
    return
      "the clock is behind the last change (\(last.rfc3339)), so age removes nothing"
  }
  if passed > 366 * 24 * 60 * 60 {
    return "the clock is over a year past the last change (\(last.rfc3339)),"
      + " so age removes nothing"
  }
  return nil
}
