internal import Glibc

/// The kernel's clocks; see clock_gettime(2).
package enum Clock {
  /// Returns the wall-clock time (CLOCK_REALTIME).
  package static func now() -> FileTime {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return FileTime(seconds: Int64(time.tv_sec), nanoseconds: Int64(time.tv_nsec))
  }

  /// Returns a number of seconds that never decreases (CLOCK_MONOTONIC), for durations and time
  /// limits.
  package static func monotonicSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// Waits; see nanosleep(2). A signal may end the wait early.
  package static func sleep(seconds: Double) {
    var time = timespec(
      tv_sec: Int(seconds), tv_nsec: Int((seconds - seconds.rounded(.down)) * 1e9))
    nanosleep(&time, nil)
  }
}
